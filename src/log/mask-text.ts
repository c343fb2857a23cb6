/** The replacement for a secret. oslo.utils uses the same. */
export const MASK = '***';

/**
 * A field, header or option holds a secret if its name has one of these. Compare oslo_utils.strutils, _SANITIZE_KEYS.
 */
const WORDS =
  'passw(?:or)?d|passphrase|pswd|admin_?pass|new_?pass|secret|token|authorization|cookie|credential|configdrive|' +
  '(?:private|encrypted|auth|priv|api|ssl|ssh|fernet)[_-]?key';
const SECRET_NAME = new RegExp(WORDS, 'i');

/** Most texts do not match this, and need no further search. */
const SUSPICIOUS = new RegExp(`://|gAAAA|eyJ|bearer|PRIVATE KEY|${WORDS}`, 'i');

// Each pattern consumes what it has looked at, or gives up after a bounded number of characters. So the time for any
// text grows at most linearly with its length.
const URL_REST = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'<>]*)/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;
/** A Fernet token begins with its version, 0x80, and eight bytes of time. The first four of these are 0 until 2106. */
const FERNET = /gAAAA[A-Za-z0-9_-]{8,}(?:=|%3D){0,2}/g;
const MAYBE_JWT = /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}/g;
const BEARER = /(bearer\s{1,4})[^\s"',;]{8,}/gi;

/** A header whose whole line is secret. */
const HEADER = /((?:authorization|cookie)["'\\]{0,8}\s{0,4}[:=]\s{0,4})(?!["'\\{[\s])[^\r\n]+/gi;

/** The value after a secret's name: a quoted text (also inside another quoted text), a list, an object, or a word. */
const VALUE = [
  '\\\\{1,7}(["\'])[\\s\\S]*?(?:\\\\{1,7}\\2|$)',
  'u?"(?:[^"\\\\]|\\\\[\\s\\S])*(?:"|$)',
  "u?'(?:[^'\\\\]|\\\\[\\s\\S])*(?:'|$)",
  '\\[[^\\]]*(?:\\]|$)',
  '\\{[^{}]*(?:\\}|$)',
  '[^\\s"\'<>{[][^\\s"\'<>]*',
].join('|');
/** A value that is already masked, by us or by oslo, and ends there. */
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

/** Default for the longest text that is passed on, in characters. */
const MAX_TEXT = 8192;
/** Characters to search beyond the limit, so that a secret is still found if the limit cuts it in two. */
const OVERLAP = 4096;
/** The end of a text that was cut. */
export const CUT = '[cut]';

/**
 * Returns the text without secrets, cut to `limit` characters. Every text that somebody else may have written must go
 * through this function before it is logged, stored, published or sent in an answer. It cuts first, so that a long text
 * costs no more than a short one. Half a surrogate pair, which no database and no UTF-8 accepts, becomes U+FFFD.
 */
export function maskText(text: string, limit = MAX_TEXT): string {
  if (text.length <= limit + OVERLAP) return cutTo(limit, maskWhole(text));
  const clean = maskWhole(text.slice(0, limit + OVERLAP));
  // The end may be half a secret, which no pattern recognizes.
  return cutTo(limit, clean.slice(0, -OVERLAP) + CUT);
}

/** Cuts a text to `limit` characters. A text that was cut ends with CUT. */
export function cutTo(limit: number, text: string): string {
  return (text.length <= limit ? text : text.slice(0, Math.max(limit - CUT.length, 0)) + CUT).toWellFormed();
}

/** Whether maskWhole might find something in the text. Most texts are clean, and this tells it quickly. */
export function mayHoldSecret(text: string): boolean {
  return SUSPICIOUS.test(text) || (pattern !== null && text.search(pattern) >= 0);
}

/**
 * Masks the secrets in a text of any length: values passed to knowSecret, logins in URLs, Fernet tokens, JSON web
 * tokens, bearer tokens, private keys, and values after the name of a secret, such as `password=...`, `"auth_token":
 * "..."` or `X-Auth-Token: ...`. Values that are already masked stay as they are.
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

/** The mask, in the same quotes as the value that it replaces, so that JSON stays valid. */
function inQuotesOf(value: string): string {
  const quote = OPENING_QUOTE.exec(value)?.[1] ?? '';
  return quote + MASK + (value.endsWith(quote) ? quote : '');
}

/** Masks the logins after a URL's scheme: user:password@host, or several of these separated by commas, as in oslo. */
function withoutLogins(rest: string): string {
  const end = rest.search(/[/?#]/);
  const [places, path] = end < 0 ? [rest, ''] : [rest.slice(0, end), rest.slice(end)];
  const hosts = places.split(',');
  const first = hosts.findIndex((host) => host.includes('@'));
  // A raw slash or comma in a password has cut it in two, so everything before the last "@" may be secret.
  if (first !== 0 || path.includes('@')) return `${MASK}@${rest.slice(rest.lastIndexOf('@') + 1)}`;
  return hosts.map(withoutLogin).join(',') + path;
}

function withoutLogin(host: string): string {
  const at = host.lastIndexOf('@');
  if (at < 0) return host;
  const colon = host.indexOf(':');
  // Without a password, the user name may be a token.
  return `${colon >= 0 && colon < at ? `${host.slice(0, colon)}:` : ''}${MASK}${host.slice(at)}`;
}

/** Shortest secret that is remembered. Shorter values would match ordinary words and make the log unreadable. */
const MIN_LENGTH = 8;
/** The most values that are remembered. There must be a limit, because tokens are replaced every hour. */
const MAX_VALUES = 200;

const known = new Set<string>();
let pattern: RegExp | null = null;

/**
 * Remembers the value of a secret, so that maskText finds it in any text, above all in texts that a server echoes. Code
 * that holds a secret must call this once for each value. The memory is global, because the process has one log.
 *
 * It ignores null, undefined, and values of fewer than 8 characters.
 */
export function knowSecret(value: string | null | undefined): void {
  if (!value || value.length < MIN_LENGTH || known.has(value)) return;
  const [oldest] = known;
  if (known.size >= MAX_VALUES && oldest !== undefined) known.delete(oldest);
  known.add(value);
  pattern = patternOf(known);
}

/** Replaces every remembered secret in the text. */
function withoutKnown(text: string, replacement: string): string {
  return pattern === null ? text : text.replace(pattern, replacement);
}

/**
 * Matches the values, also as written in URLs and in JSON. The longest come first: a shorter may be part of a longer.
 */
function patternOf(values: ReadonlySet<string>): RegExp {
  const forms = [...values].flatMap((value) => [value, percentEncoded(value), JSON.stringify(value).slice(1, -1)]);
  const texts = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return new RegExp(texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}

/** Percent-encodes the text by way of bytes, because encodeURIComponent throws at half a surrogate pair. */
function percentEncoded(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString());
}
