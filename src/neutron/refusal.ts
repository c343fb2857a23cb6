import { stringifyJson } from '../json.js';
import { isTransientStatus, type OpenStackError, reasonIn, refusal, type RefusedRequest } from '../openstack/errors.js';

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

/**
 * The error for an HTTP error status of Neutron.
 *
 * @param wide whether the request had a character that may be too wide for Neutron's database: see isWide
 */
export function neutronRefusal(request: Omit<RefusedRequest, 'service'>, body: unknown, wide = false): OpenStackError {
  const reason = reasonIn(body);
  // Neutron's tables are utf8mb3: a character of four bytes causes a 500, and every retry causes one too.
  const tooWide = wide && request.status === 500;
  const transient = (isTransientStatus(request.status) && !tooWide) || TRANSIENT_CONFLICTS.has(reason.type);
  const remark = tooWide
    ? 'the request has a character that the database of Neutron may not accept, such as an emoji'
    : '';
  return refusal({ ...request, service: 'neutron' }, reason, transient, remark);
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
