import picocolors from 'picocolors';

/** Whether standard output is a terminal that takes colours, and nobody has asked for none: https://no-color.org. */
function takesColours({ isTTY }: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

// picocolors' own choice would colour what runs in CI, terminal or not.
const { green, yellow, red } = picocolors.createColors(takesColours(process.stdout, process.env));

/** Words of which people want to see at a glance how things stand. */
const STATUS_WORDS: Readonly<Record<string, (text: string) => string>> = {
  succeeded: green,
  running: yellow,
  failed: red,
  ok: green,
  warning: yellow,
  problem: red,
  held: yellow,
  retried: yellow,
  ACTIVE: green,
  BUILD: yellow,
  DOWN: red,
  ERROR: red,
};

/** A status word in its colour, on a terminal; anything else as it is. */
export function coloured(word: string): string {
  return (STATUS_WORDS[word] ?? String)(word);
}
