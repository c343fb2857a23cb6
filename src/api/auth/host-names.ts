import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

import { ApiError } from '../http/errors.js';

/** Most characters of a refused host that an answer repeats. */
const SHOWN = 200;

/** The options that name this API. */
interface NamingOptions {
  bind_host: string;
  public_endpoint: string | null;
  host_names: readonly string[];
}

/** The host names that the options give this API. Addresses and localhost need not be among them. */
export function hostNamesOf({ bind_host, public_endpoint, host_names }: NamingOptions): string[] {
  const publicName = public_endpoint === null ? [] : [new URL(public_endpoint).hostname];
  const listened = isIP(bind_host) === 0 ? [bind_host] : [];
  return [...listened, ...publicName, ...host_names].map((name) => nameIn(name) ?? name);
}

/**
 * Refuses requests for a host name that is not this API's.
 *
 * The owner of a site can have its name resolve to the address of this API (DNS rebinding). Browsers then take the API
 * for a part of that site: its pages read our answers, and Sec-Fetch-Site says same-origin. Only the name in the header
 * Host gives them away. This matters where nobody has to log in. Elsewhere it gains them nothing, because a browser has
 * neither a cookie nor a password for that name.
 *
 * Addresses pass: a request with an address in Host comes from a page of that address, or from no page. So do localhost
 * and the names below it, which nobody can own. Source: RFC 6761, section 6.3.
 *
 * @param names of this API, as hostNamesOf returns them
 * @throws ApiError 421. Source: RFC 9110, section 15.5.20, 421 Misdirected Request
 */
export function assertOwnHost({ headers, host }: FastifyRequest, names: readonly string[]): void {
  // The second is the host that a trusted proxy was asked for. The proxy may have put its own into the first.
  for (const given of [headers.host ?? '', host]) {
    if (given === '' || isOwn(nameIn(given), names)) continue;
    const message =
      `${given.slice(0, SHOWN)} is not a name of this API. With auth_strategy noauth, it answers requests for its ` +
      'addresses, localhost, and the names in api.bind_host, api.public_endpoint and api.host_names only.';
    throw new ApiError(421, message);
  }
}

/** The name or address in a host with or without a port; null: it cannot be read. */
function nameIn(host: string): string | null {
  const url = `http://${host}`;
  if (!URL.canParse(url)) return null;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isOwn(name: string | null, names: readonly string[]): boolean {
  if (name === null) return false;
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.includes(name);
}
