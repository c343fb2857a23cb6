/** What stands in the place of a secret. oslo.utils writes the same. */
export const MASK = '***';

/** Words that make the name of a field, header or option that of a secret. Compare oslo_utils.strutils, _SANITIZE_KEYS. */
const WORDS =
  'passw(?:or)?d|passphrase|pswd|admin_?pass|new_?pass|secret|token|authorization|cookie|credential|configdrive|' +
  '(?:private|encrypted|auth|priv|api|ssl|ssh|fernet)[_-]?key';
const SECRET_NAME = new RegExp(WORDS, 'i');

/** Most texts have none of this, and need not be looked at further. */
const SUSPICIOUS = new RegExp(`://|gAAAA|eyJ|bearer|PRIVATE KEY|${WORDS}`, 'i');

// Each pattern takes what it has looked at, or gives up after a bounded number of characters: whatever the text is, the
// time that it takes grows with the text's length and no faster.
const URL_REST = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'<>]*)/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;
/** A Fernet token begins with its version, 0x80, and eight bytes of time, of which the first four are 0 until 2106. */
const FERNET = /gAAAA[A-Za-z0-9_-]{8,}(?:=|%3D){0,2}/g;
const MAYBE_JWT = /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}/g;
const BEARER = /(bearer\s{1,4})[^\s"',;]{8,}/gi;

/** A header of which the whole line is secret. */
const HEADER = /((?:authorization|cookie)["'\\]{0,8}\s{0,4}[:=]\s{0,4})(?!["'\\{[\s])[^\r\n]+/gi;

/** What comes after a secret's name: a quoted text, also one within a quoted text, a list, an object, or a word. */
const VALUE = [
  '\\\\{1,7}(["\'])[\\s\\S]*?(?:\\\\{1,7}\\2|$)',
  'u?"(?:[^"\\\\]|\\\\[\\s\\S])*(?:"|$)',
  "u?'(?:[^'\\\\]|\\\\[\\s\\S])*(?:'|$)",
  '\\[[^\\]]*(?:\\]|$)',
  '\\{[^{}]*(?:\\}|$)',
  '[^\\s"\'<>{[][^\\s"\'<>]*',
].join('|');
/** What was masked before, by us or by oslo, and ends there. */
const MASKED = '\\*{3}(?:[\\s"\'\\\\,;}\\])]|$)';
const NAMED = new RegExp(
  `((?:${WORDS})[\\w.-]{0,40}["'\\\\]{0,8}\\s{0,4}(?:=>|[:=])\\s{0,4})(?!${MASKED})(?:${VALUE})`,
  'gi',
);
const OPENING_QUOTE = /^u?(\\{0,7}["'])/;

/** Whether a field, header or option of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Longest text that is passed on, in characters, unless a caller says less. */
const MAX_TEXT = 8192;
/** As much more is read, so that a secret which the limit cuts in two is still known as one. */
const OVERLAP = 4096;
/** What stands at the end of a text that was cut. */
export const CUT = '[cut]';

/**
 * The text without secrets, cut to so many characters: the one way to what is logged, put on record, published or answered
 * of a text that somebody else may have made. Cut first, so that a long one costs no more than a short one. Half a
 * surrogate pair, which no database and no UTF-8 takes, becomes U+FFFD.
 */
export function maskText(text: string, limit = MAX_TEXT): string {
  if (text.length <= limit + OVERLAP) return cutTo(limit, maskWhole(text));
  const clean = maskWhole(text.slice(0, limit + OVERLAP));
  // Its end may be half a secret, which nothing knows as one.
  return cutTo(limit, clean.slice(0, -OVERLAP) + CUT);
}

/** The text, or as much of it as fits into the limit with a word that says that it was cut. */
export function cutTo(limit: number, text: string): string {
  return (text.length <= limit ? text : text.slice(0, Math.max(limit - CUT.length, 0)) + CUT).toWellFormed();
}

/**
 * A text of any length without secrets: those that are known (knowSecret), logins in URLs, Fernet, JSON web and bearer
 * tokens, private keys, and what stands behind the name of a secret, as `password=...`, `"auth_token": "..."` or
 * `X-Auth-Token: ...`. What is masked already stays as it is.
 */
export function maskWhole(text: string): string {
  const unknown = withoutKnown(text, MASK);
  if (!SUSPICIOUS.test(unknown)) return unknown;
  return unknown
    .replace(URL_REST, (all, scheme: string, rest: string) => (rest.includes('@') ? scheme + withoutLogins(rest) : all))
    .replace(PRIVATE_KEY, MASK)
    .replace(HEADER, `$1${MASK}`)
    .replace(BEARER, `$1${MASK}`)
    .replace(FERNET, MASK)
    .replace(MAYBE_JWT, (all) => (all.includes('.') ? MASK : all))
    .replace(NAMED, (all, name: string) => name + inQuotesOf(all.slice(name.length)));
}

/** The mask in the quotes of the value that it replaces, so that what was JSON still is. */
function inQuotesOf(value: string): string {
  const quote = OPENING_QUOTE.exec(value)?.[1] ?? '';
  return quote + MASK + (value.endsWith(quote) ? quote : '');
}

/** What follows a URL's scheme: user:password@host, or several of these with commas between them, as oslo has it. */
function withoutLogins(rest: string): string {
  const end = rest.search(/[/?#]/);
  const [places, path] = end < 0 ? [rest, ''] : [rest.slice(0, end), rest.slice(end)];
  const hosts = places.split(',');
  const first = hosts.findIndex((host) => host.includes('@'));
  // A raw slash or comma in a password has cut it in two: of what is before the last "@", anything may be secret.
  if (first !== 0 || path.includes('@')) return `${MASK}@${rest.slice(rest.lastIndexOf('@') + 1)}`;
  return hosts.map(withoutLogin).join(',') + path;
}

function withoutLogin(host: string): string {
  const at = host.lastIndexOf('@');
  if (at < 0) return host;
  const colon = host.indexOf(':');
  // Without a password, what is in the place of the user may be a token.
  return `${colon >= 0 && colon < at ? `${host.slice(0, colon)}:` : ''}${MASK}${host.slice(at)}`;
}

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
function withoutKnown(text: string, replacement: string): string {
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
