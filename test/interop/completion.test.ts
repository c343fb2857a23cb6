import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { completionScript } from '../../src/cli/commands/completion.js';
import { METHOD_NAMES } from '../../src/contract/methods.js';
import { createProgram } from '../../src/main.js';
import { netprov } from '../../testkit/servers/netprov.js';

const SHELLS = {
  bash: { command: 'bash --noprofile --norc -i', setUp: '' },
  zsh: {
    command: 'zsh -f -i',
    setUp: 'autoload -Uz compinit && compinit -u -D; unsetopt zle_bracketed_paste 2>/dev/null',
  },
} as const;

describe('completion of netprov in a shell', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-completion-'));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  /** Types lines into a shell on a terminal, keys and all. Answers with what a command called netprov was then given. */
  async function given(shell: keyof typeof SHELLS, lines: readonly string[]): Promise<string[]> {
    const script = join(directory, shell);
    writeFileSync(script, completionScript(createProgram(), shell));
    const { command, setUp } = SHELLS[shell];
    const own = 'netprov() { printf "given<%s>\\n" "$*"; }';
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'dumb', PS1: 'ready> ' },
    });
    let shown = '';
    terminal.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    terminal.stdin.write([setUp, `source ${script}`, own, ...lines, 'exit', ''].join('\n'));
    await new Promise((resolve) => terminal.on('close', resolve));
    return [...shown.matchAll(/^given<(.*)>\r?$/gm)].map(([, words = '']) => words);
  }

  for (const shell of ['bash', 'zsh'] as const) {
    it(`has ${shell} complete commands, options and values at a press of the tab key`, async () => {
      const lines = [
        'netprov oper\tli\t',
        'netprov operation list --sta\tfai\t',
        'netprov db up\t',
        'netprov call vif_li\t',
      ];
      expect(await given(shell, [...lines, 'netprov operation list -o y\t --marker op-1'])).to.deep.equal([
        'operation list',
        'operation list --status failed',
        'db upgrade',
        'call vif_list',
        'operation list -o yaml --marker op-1',
      ]);
    });
  }

  it('is the script that netprov completion prints', async () => {
    const printed = await netprov(['completion', 'bash']);
    expect(printed).to.deep.equal({ code: 0, stdout: completionScript(createProgram(), 'bash'), stderr: '' });
    for (const method of METHOD_NAMES) expect(printed.stdout).to.contain(method);
  });
});
