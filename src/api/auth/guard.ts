import cookie from '@fastify/cookie';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';

import { ApiError } from '../http/errors.js';
import type { ApiServer } from '../http/types.js';
import { Access } from './access.js';
import { AuthenticationRefused, type Authenticator, type Identity } from './authenticator.js';
import { assertOwnHost } from './host-names.js';
import { isRule, type PolicyOptions, type Rule } from './policy.js';
import { assertCsrfToken, assertSameSite, SESSION_COOKIE } from './sessions.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The rule of policy.ts that the caller must meet; null: anybody may ask. Every route must set a rule or null. */
    policy?: Rule | null;
  }
  interface FastifyRequest {
    /** The caller; null until authentication, and on routes that are open to anybody. */
    identity: Identity | null;
    /** What the caller may see and do; null when `identity` is null. */
    access: Access | null;
    /** The session that came in a cookie, and that the caller was found out by; null: there was none. */
    session: string | null;
  }
}

export interface GuardOptions {
  policy: PolicyOptions;
  /** Requests of one caller per minute, at most; null: no limit. */
  rateLimit: number | null;
  /** Attempts with wrong credentials from one address per minute, at most; null: no limit. */
  maxAuthFailures: number | null;
  /**
   * Host names of this API, as hostNamesOf returns them. null: requests for any name are answered, because callers have
   * to log in.
   */
  hostNames: readonly string[] | null;
}

/** Milliseconds over which requests and failures are counted. */
const WINDOW = 60_000;

type Limiter = ReturnType<ApiServer['createRateLimit']>;

/**
 * Tries credentials of a request. Counts failures for each address, and refuses to try when there were too many.
 *
 * @param login does it, and calls beforeTrying as Authenticator says
 * @throws what login throws; ApiError 429
 */
export type LogInAttempt = <T>(
  request: FastifyRequest,
  login: (beforeTrying: () => Promise<void>) => Promise<T>,
) => Promise<T>;

/**
 * Installs authentication and rate limits. A request passes if its route is open to anybody, or if its caller is known.
 * Requests for URLs that do not exist are authenticated too, so that strangers do not learn which URLs exist.
 *
 * Add the routes afterwards, each with its rule in `config.policy`; a route without `config.policy` is refused. A rule
 * can depend on a node, so the handler checks it, with `accessOf`. If a handler did not check the rule, its answer is
 * held back.
 *
 * A caller may send a session's cookie in place of credentials. Changes then need the session's CSRF token.
 *
 * @returns tries credentials for routes that are open to anybody
 */
export async function guard(
  server: ApiServer,
  authenticator: Authenticator,
  options: GuardOptions,
  publicEndpoint: string | null,
): Promise<LogInAttempt> {
  await server.register(rateLimit, { global: false, timeWindow: WINDOW });
  await server.register(cookie);
  server.decorateRequest('identity', null);
  server.decorateRequest('access', null);
  server.decorateRequest('session', null);
  server.addHook('onRoute', ({ method, url, config }) => {
    const policy = config?.policy;
    if (policy === null || (policy !== undefined && isRule(policy))) return;
    throw new Error(
      `${String(method)} ${url} has no rule: set config.policy to a rule of src/api/auth/policy.ts, or to null`,
    );
  });
  const addressOf = (request: FastifyRequest): string => `address ${normalizeIP(request.ip)}`;
  const callerOf = (request: FastifyRequest): string =>
    typeof request.identity?.userId === 'string' ? `user ${request.identity.userId}` : addressOf(request);
  const limiter = (max: number | null, keyGenerator: (request: FastifyRequest) => string): Limiter | null =>
    max === null ? null : server.createRateLimit({ max, timeWindow: WINDOW, keyGenerator });
  const requests = limiter(options.rateLimit, callerOf);
  const attempt = attempts(limiter(options.maxAuthFailures, addressOf));

  server.addHook('onRequest', async (request) => {
    if (options.hostNames !== null) assertOwnHost(request, options.hostNames);
    assertSameSite(request, publicEndpoint);
    if (ruleOf(request) !== null) request.identity = await identify(authenticator, attempt, request);
    if (request.identity !== null) request.access = new Access(request.identity, options.policy);
    await limit(requests, request);
  });
  server.addHook('onSend', (request, { statusCode }, _payload, done) => {
    const rule = ruleOf(request);
    const open = rule === null || rule === 'any' || request.access?.met(rule) === true;
    if (open || statusCode >= 400) done();
    else done(new Error(`rule ${rule} of this route was not checked`));
  });
  return attempt;
}

/** Policy rule of the matched route. `any` for an unknown URL: every authenticated caller may ask, and gets 404. */
function ruleOf(request: FastifyRequest): Rule | 'any' | null {
  return request.is404 ? 'any' : (request.routeOptions.config.policy ?? null);
}

/** The caller, by the credentials in the headers or, without any, by the session in the cookie. */
async function identify(
  authenticator: Authenticator,
  attempt: LogInAttempt,
  request: FastifyRequest,
): Promise<Identity> {
  const { sessions } = authenticator;
  const { headers, cookies } = request;
  const session = cookies[SESSION_COOKIE];
  const isGiven = headers['x-auth-token'] !== undefined || headers.authorization !== undefined;
  if (sessions === undefined || session === undefined || isGiven) {
    return attempt(request, (beforeTrying) => authenticator.authenticate(headers, beforeTrying));
  }
  assertCsrfToken(request, session);
  const identity = await attempt(request, (beforeTrying) => sessions.identify(session, beforeTrying));
  request.session = session;
  return identity;
}

function attempts(failures: Limiter | null): LogInAttempt {
  return async (request, login) => {
    const attempt = { made: false };
    const beforeTrying = async (): Promise<void> => {
      const count = await failures?.(request, { increment: false });
      if (count?.isAllowed === false && count.remaining === 0) {
        throw tooMany('Too many failed logins from this address', count.ttlInSeconds);
      }
      attempt.made = true;
    };
    try {
      return await login(beforeTrying);
    } catch (error) {
      if (error instanceof AuthenticationRefused && attempt.made) await failures?.(request);
      throw error;
    }
  };
}

/**
 * What the caller of a request may see and do. Only for routes that have a rule.
 *
 * @throws when the request has no known caller
 */
export function accessOf({ access, routeOptions }: FastifyRequest): Access {
  if (access === null) throw new Error(`the caller of ${routeOptions.url ?? 'this route'} was not authenticated`);
  return access;
}

async function limit(limiter: Limiter | null, request: FastifyRequest): Promise<void> {
  const count = await limiter?.(request);
  if (count?.isAllowed === false && count.isExceeded) throw tooMany('Too many requests', count.ttlInSeconds);
}

function tooMany(what: string, seconds: number): ApiError {
  return new ApiError(429, `${what}. Try again in ${seconds} s.`, { 'Retry-After': String(seconds) });
}
