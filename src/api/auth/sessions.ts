import { createHmac, timingSafeEqual } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

import { ApiError } from '../http/errors.js';

/** Name of the cookie that holds a session. */
export const SESSION_COOKIE = 'netprov_session';

/**
 * The text that a page has to send with each change, in X-CSRF-Token. Only a page that was served by this API can know
 * it: it is told in the answer to GET /console/session, which other sites cannot read. It does not reveal the session.
 */
export function csrfTokenOf(session: string): string {
  return createHmac('sha256', session).update('netprov console').digest('base64url');
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the request may change something. */
function changes({ method }: FastifyRequest): boolean {
  return !SAFE_METHODS.has(method);
}

/** @throws ApiError 403 when a change comes with a session, but without its token */
export function assertCsrfToken(request: FastifyRequest, session: string): void {
  if (!changes(request)) return;
  const given = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const wanted = Buffer.from(csrfTokenOf(session));
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new ApiError(
    403,
    'The header X-CSRF-Token is missing or wrong: a change with a session needs the value of csrf in GET /console/session.',
  );
}

/**
 * Refuses changes that a page of another site makes a browser send. A browser adds cookies, and passwords that it knows,
 * to such requests too. Programs send neither of the two headers.
 *
 * Source: Fetch Metadata Request Headers, section 2.4, Sec-Fetch-Site; RFC 6454, section 7, Origin.
 *
 * @param publicEndpoint URL of this API as clients see it, if it is known
 * @throws ApiError 403
 */
export function assertSameSite(request: FastifyRequest, publicEndpoint: string | null): void {
  if (!changes(request)) return;
  const { 'sec-fetch-site': site, origin } = request.headers;
  if (site === 'same-origin' || site === 'none') return;
  const own = [hostIn(`${request.protocol}://${request.host}`), hostIn(publicEndpoint)];
  const isOwn = origin === undefined || (URL.canParse(origin) && own.includes(hostIn(origin)));
  if (site === undefined && isOwn) return;
  throw new ApiError(403, 'The request comes from a page of another site: this API takes no changes from there.');
}

/** Host and port, as URLs have them: without the usual port of the protocol. Null: the URL has none. */
function hostIn(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).host : null;
}
