import { type ErrorCode, NetprovError } from '../errors.js';
import { stringifyJson } from '../json.js';
import { maskText } from '../log/log.js';

/** What went wrong with a request. ERROR_CODES says what the operator does about it. */
export type NeutronErrorCode = Extract<ErrorCode, `neutron_${string}`>;

export interface NeutronErrorDetails {
  code: NeutronErrorCode;
  /** Whether the same request may succeed later, without any other change. */
  transient: boolean;
  /** HTTP status. Not set if there was no answer. */
  status?: number;
  /** Neutron's name of the exception, such as MacAddressInUse. '' if the answer names none. */
  type?: string;
  cause?: unknown;
}

/**
 * A request to Neutron, or to Keystone on its behalf, failed. The message is masked, because a server may echo
 * credentials or bodies in its answer.
 */
export class NeutronError extends NetprovError {
  readonly code: NeutronErrorCode;
  readonly transient: boolean;
  readonly status: number | null;
  readonly type: string;

  constructor(message: string, details: NeutronErrorDetails) {
    super(maskText(message), { cause: details.cause });
    this.code = details.code;
    this.transient = details.transient;
    this.status = details.status ?? null;
    this.type = details.type ?? '';
  }
}

/** Statuses of faults that pass by themselves: too slow, too many requests, a fault or a restart of the server. */
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Conflicts that pass by themselves, because two requests wanted the same row at the same time. All other conflicts
 * stay until somebody changes something, above all IpAddressGenerationFailure (the subnet is full), OverQuota,
 * MacAddressInUse and PortBound. Source: neutron_lib/exceptions, neutron/ipam/exceptions.py.
 */
const TRANSIENT_CONFLICTS = new Set([
  'IpAddressAlreadyAllocated',
  'RevisionNumberConstraintFailed',
  'SecurityGroupDefaultAlreadyExists',
]);

/** The longest server message that is passed on, in characters. A proxy's long error page does not help an operator. */
const MAX_MESSAGE = 500;

/**
 * The error for an HTTP error status. Neutron's body is {"NeutronError": {type, message, detail}}, Keystone's is
 * {"error": {title, message}}. A proxy in between may send anything.
 *
 * @param what the request, such as "POST /v2.0/ports"
 * @param requestId the server's id of the request, with which to search its logs
 * @param wide whether the request had a character that may be too wide for the server's database: see isWide
 */
export function refusal(
  what: string,
  status: number,
  body: unknown,
  requestId: string | null,
  wide = false,
): NeutronError {
  const { type, message } = reason(body);
  // Neutron's tables are utf8mb3: a character of four bytes causes a 500, and every retry causes one too.
  const tooWide = wide && status === 500;
  const transient = (TRANSIENT_STATUSES.has(status) && !tooWide) || TRANSIENT_CONFLICTS.has(type);
  const cause = tooWide
    ? 'the request has a character that the database of Neutron may not accept, such as an emoji'
    : '';
  const said = [type, maskText(message, MAX_MESSAGE), cause].filter((text) => text !== '').join(': ');
  const where = requestId === null ? '' : ` (${requestId})`;
  return new NeutronError(`${what} was answered with ${status}${said === '' ? '' : ` ${said}`}${where}`, {
    code: 'neutron_refused',
    transient,
    status,
    type,
  });
}

function reason(body: unknown): { type: string; message: string } {
  const outer = isRecord(body) ? body : {};
  const inner = outer['NeutronError'] ?? outer['error'] ?? outer;
  if (typeof inner === 'string') return { type: '', message: inner };
  const fields = isRecord(inner) ? inner : {};
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  return { type: text('type'), message: text('message') };
}

/**
 * Whether a request has a character of four bytes in UTF-8, or half of such a character.
 * Source: Neutron's tables, mysql_charset utf8.
 *
 * @param path the path with its query, as sent
 */
export function isWide(path: string, body: unknown): boolean {
  return /%F[0-4]/i.test(path) || (body !== undefined && WIDE.test(stringifyJson(body)));
}

/** Matches such a character in JSON. Half of a character is an escape there. */
const WIDE = /[\u{10000}-\u{10FFFF}]|\\ud[89a-f]/iu;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
