import { format, resolveConfig } from 'prettier';

import { commandTree } from '../../src/cli/commands/completion.js';
import { createProgram } from '../../src/main.js';
import { EXIT_CODES } from '../../src/services/errors.js';

/** Columns of the help texts. */
const WIDTH = 110;

/** docs/cli.md: every command with its help, and the exit codes. */
export async function commandReference(): Promise<string> {
  const program = createProgram();
  const nodes = commandTree(program).filter(({ command }) => command === program || command.commands.length === 0);
  const sections = nodes.map(({ path, command }) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => WIDTH });
    command.outputHelp();
    return `## ${['netprov', ...path].join(' ')}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
  });
  const codes = Object.entries(EXIT_CODES).map(([code, meaning]) => `- ${code}: ${meaning}`);
  const text = [
    '# The command line\n',
    '`script/docs` makes this page from the help texts of the commands.\n',
    'Answers go to standard output: as tables, or with `-o json` (`--json`) and `-o yaml` for programs. They have colors ' +
      'only on a terminal, and only if `NO_COLOR` is not set. Logs, questions and progress go to standard error. ' +
      '`netprov completion bash` and `netprov completion zsh` print scripts for tab completion.\n',
    '## Exit codes\n',
    `${codes.join('\n')}\n`,
    ...sections,
  ].join('\n');
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown', proseWrap: 'always' });
}
