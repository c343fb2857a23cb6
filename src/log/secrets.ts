/** Shorter ones would be found in ordinary words, and a log without these could not be read. */
const MIN_LENGTH = 8;
/** Most values that are remembered: tokens are replaced by the hour. */
const MAX_VALUES = 200;

const known = new Set<string>();
let pattern: RegExp | null = null;

/**
 * Makes the value of a secret known, so that maskText finds it wherever it stands: in what a server echoes, above all.
 * Whoever holds a secret calls this, once for each value. For the whole process: there is one log.
 *
 * Values of less than 8 characters, and what has no value, are not remembered.
 */
export function knowSecret(value: string | null | undefined): void {
  if (!value || value.length < MIN_LENGTH || known.has(value)) return;
  const [oldest] = known;
  if (known.size >= MAX_VALUES && oldest !== undefined) known.delete(oldest);
  known.add(value);
  pattern = patternOf(known);
}

/** The text with every secret that is known replaced. */
export function withoutKnown(text: string, replacement: string): string {
  return pattern === null ? text : text.replace(pattern, replacement);
}

/** As they are, and as they stand in URLs and in JSON; the longest first, of which a shorter may be a part. */
function patternOf(values: ReadonlySet<string>): RegExp {
  const forms = [...values].flatMap((value) => [value, percentEncoded(value), JSON.stringify(value).slice(1, -1)]);
  const texts = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return new RegExp(texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}

/** By way of bytes: a text with half a surrogate pair cannot be percent-encoded. */
function percentEncoded(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString());
}
