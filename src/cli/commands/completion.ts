import { Argument, type Command, type Option } from 'commander';

import { METHOD_NAMES } from '../../contract/methods.js';
import { BUILT_IN } from '../../providers/provider-registry.js';

type Shell = 'bash' | 'zsh';
const SHELLS = ['bash', 'zsh'] as const satisfies Shell[];

/**
 * Adds netprov completion, which prints a script that completes commands, options and values with few choices. The
 * script contains all words, so that the shell does not start netprov to complete a word.
 */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script for tab completion in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
bash, for this shell, and for all new shells:
  source <(netprov completion bash)
  netprov completion bash > ~/.local/share/bash-completion/completions/netprov
zsh, into a directory of fpath:
  netprov completion zsh > ~/.zfunc/_netprov
`,
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });
}

/** Words that can follow at one place of the command line. */
interface Place {
  /** The commands before it, each after a blank: " operation list". */
  at: string;
  words: { word: string; summary: string }[];
}

/** Values that can follow an option, or a file. */
interface ValuePlace {
  at: string;
  flags: string[];
  values: readonly string[] | 'file';
}

/**
 * The completion script for a shell.
 *
 * @param program with all its commands
 */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = commandTree(program);
  const places = nodes.map((node) => placeOf(node, program));
  const values = nodes.flatMap((node) => valuePlacesOf(node, program));
  return shell === 'bash' ? bash(places, values) : zsh(places, values);
}

function placeOf({ path, command }: CommandNode, program: Command): Place {
  const words = [
    ...command.commands.map((sub) => ({ word: sub.name(), summary: sub.summary() || sub.description() })),
    ...command.registeredArguments.flatMap((argument) => valuesOf(argument.name(), argument.argChoices)).map(bare),
    ...optionsOf(command, program).map((option) => ({ word: flagOf(option), summary: option.description })),
    { word: '--help', summary: 'display help' },
  ];
  return { at: path.map((name) => ` ${name}`).join(''), words };
}

function bare(word: string): { word: string; summary: string } {
  return { word, summary: '' };
}

function valuePlacesOf({ path, command }: CommandNode, program: Command): ValuePlace[] {
  const at = path.map((name) => ` ${name}`).join('');
  return optionsOf(command, program).flatMap((option): ValuePlace[] => {
    if (!option.required && !option.optional) return [];
    const flags = [option.short, option.long].filter((flag) => flag !== undefined);
    const file = /<(file|directory)>/.test(option.flags);
    return [{ at, flags, values: file ? 'file' : valuesOf(option.attributeName(), option.argChoices) }];
  });
}

/** Possible values: the choices that commander knows, or those that our own parsers check. */
function valuesOf(name: string, choices: readonly string[] | undefined): readonly string[] {
  return choices ?? CLOSED[name] ?? [];
}

const CLOSED: Readonly<Record<string, readonly string[]>> = {
  method: METHOD_NAMES,
  provider: Object.keys(BUILT_IN),
  networkProvider: Object.keys(BUILT_IN),
};

/** A command's own options, and those of netprov, which are valid everywhere. */
function optionsOf(command: Command, program: Command): Option[] {
  const own = command.options.filter(({ hidden }) => !hidden);
  return command === program ? own : [...own, ...program.options.filter(({ long }) => long !== '--version')];
}

function flagOf({ long, short }: Option): string {
  return long ?? short ?? '';
}

function bash(places: readonly Place[], values: readonly ValuePlace[]): string {
  const valueCases = values.map(({ at, flags, values: given }) => {
    const then = given === 'file' ? `COMPREPLY=($(compgen -f -- "$word"))` : `words='${given.join(' ')}'`;
    return `    ${flags.map((flag) => `'${at}:${flag}'`).join(' | ')}) ${then} ;;`;
  });
  const placeCases = places.map(
    ({ at, words }) => `      '${at}') words='${words.map(({ word }) => word).join(' ')}' ;;`,
  );
  return `# Completes netprov in bash: source <(netprov completion bash)
_netprov() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} at='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
${pathCase(places, '${COMP_WORDS[i]}')}
    esac
  done
  case "$at:$before" in
${valueCases.join('\n')}
    *)
      case "$at" in
${placeCases.join('\n')}
      esac
      ;;
  esac
  [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _netprov netprov
`;
}

function zsh(places: readonly Place[], values: readonly ValuePlace[]): string {
  const valueCases = values.map(({ at, flags, values: given }) => {
    const then = given === 'file' ? '_files' : given.length === 0 ? ':' : `compadd -- ${given.join(' ')}`;
    return `    (${flags.map((flag) => zshQuoted(`${at}:${flag}`)).join('|')}) ${then} ;;`;
  });
  const placeCases = places.map(({ at, words }) => {
    const described = words.map(({ word, summary }) =>
      zshQuoted(summary === '' ? word : `${word}:${oneLine(summary)}`),
    );
    return `        (${zshQuoted(at)}) found=(${described.join(' ')}) ;;`;
  });
  return `#compdef netprov
# Completes netprov in zsh: netprov completion zsh > a directory of fpath/_netprov
_netprov() {
  local at='' i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at $words[i]" in
${pathCase(places, '$words[i]')}
    esac
  done
  case "$at:$words[CURRENT-1]" in
${valueCases.join('\n')}
    (*)
      case "$at" in
${placeCases.join('\n')}
      esac
      _describe netprov found
      ;;
  esac
}
compdef _netprov netprov
`;
}

/**
 * The branch of the shell's `case` that goes one command deeper.
 *
 * @param word how the script reads the word
 */
function pathCase(places: readonly Place[], word: string): string {
  const paths = places.map(({ at }) => at).filter((at) => at !== '');
  return `      ${paths.map((at) => `'${at}'`).join(' | ')}) at="$at ${word}" ;;`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n[^]*$/, '');
}

/**
 * Quotes a text with single quotes. A quote in the text ends the quotes, is added with a backslash, and begins new
 * quotes.
 */
function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command of netprov, with the names that lead to it: ["operation", "list"]; empty for netprov itself. */
interface CommandNode {
  path: readonly string[];
  command: Command;
}

/** A command and all its subcommands; each command comes before its own subcommands. */
export function commandTree(command: Command, path: readonly string[] = []): CommandNode[] {
  const below = command.commands.flatMap((sub) => commandTree(sub, [...path, sub.name()]));
  return [{ path, command }, ...below];
}
