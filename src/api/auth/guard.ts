import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { ApiError } from '../errors.js';
import { allows, isRule, type PolicyOptions, type Rule } from '../policy.js';
import type { ApiServer } from '../types.js';
import { AuthenticationRefused, type Authenticator } from './authenticator.js';
import type { Identity } from './identity.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null until that is known, and where anybody may ask. */
    identity: Identity | null;
  }
}

export interface GuardOptions {
  policy: PolicyOptions;
  /** Requests of one caller in a minute, at most; null: any number. */
  rateLimit: number | null;
  /** Attempts with wrong credentials from one address in a minute, at most; null: any number. */
  maxAuthFailures: number | null;
}

/** Milliseconds in which requests and failures are counted. */
const WINDOW = 60_000;

type Limiter = ReturnType<ApiServer['createRateLimit']>;

/**
 * Lets a request pass whose route is for anybody, or whose caller is known, within limits, and has a role that the route's
 * rule asks for. Who asks for what does not exist is looked at too: nobody learns what there is.
 *
 * Routes are added afterwards, each with its rule in `config.policy`; one without is refused.
 */
export async function guard(server: ApiServer, authenticator: Authenticator, options: GuardOptions): Promise<void> {
  await server.register(rateLimit, { global: false, timeWindow: WINDOW });
  server.decorateRequest('identity', null);
  server.addHook('onRoute', ({ method, url, config }) => {
    const policy = config?.policy;
    if (policy === null || (policy !== undefined && isRule(policy))) return;
    throw new Error(
      `${String(method)} ${url} has no rule: config.policy is to name one of src/api/policy.ts, or be null`,
    );
  });
  const addressOf = (request: FastifyRequest): string => `address ${rateLimit.normalizeIP(request.ip)}`;
  const callerOf = (request: FastifyRequest): string =>
    typeof request.identity?.userId === 'string' ? `user ${request.identity.userId}` : addressOf(request);
  const limiter = (max: number | null, keyGenerator: (request: FastifyRequest) => string): Limiter | null =>
    max === null ? null : server.createRateLimit({ max, timeWindow: WINDOW, keyGenerator });
  const requests = limiter(options.rateLimit, callerOf);
  const failures = limiter(options.maxAuthFailures, addressOf);

  server.addHook('onRequest', async (request, reply) => {
    if (ruleOf(request) !== null) request.identity = await identify(authenticator, failures, request, reply);
    if (reply.sent) return reply;
    await limit(requests, request);
  });
  // Later, as in Ironic: whoever is known is told first which versions there are.
  server.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.identity !== null) authorize(ruleOf(request), request.identity, options.policy);
    done(null, payload);
  });
}

/** The rule of the route that was found; any: of none that there is, whoever is known may ask. */
function ruleOf(request: FastifyRequest): Rule | 'any' | null {
  return request.is404 ? 'any' : (request.routeOptions.config.policy ?? null);
}

/** Who asks; null when that is refused, and answered. */
async function identify(
  authenticator: Authenticator,
  failures: Limiter | null,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Identity | null> {
  const attempt = { made: false };
  const beforeTrying = async (): Promise<void> => {
    const count = await failures?.(request, { increment: false });
    if (count?.isAllowed === false && count.remaining === 0) {
      throw tooMany('Too many failed logins from this address', count.ttlInSeconds);
    }
    attempt.made = true;
  };
  try {
    return await authenticator.authenticate(request.headers, beforeTrying);
  } catch (error) {
    if (!(error instanceof AuthenticationRefused)) throw error;
    if (attempt.made) await failures?.(request);
    await reply.code(error.status).headers(error.headers).send(error.body);
    return null;
  }
}

function authorize(rule: Rule | 'any' | null, identity: Identity, options: PolicyOptions): void {
  if (rule === null || rule === 'any' || allows(rule, identity, options)) return;
  // Ironic's own sentence. Source: Ironic, common/exception.py HTTPForbidden.
  throw new ApiError(403, `Access was denied to the following resource: ${rule}`);
}

async function limit(limiter: Limiter | null, request: FastifyRequest): Promise<void> {
  const count = await limiter?.(request);
  if (count?.isAllowed === false && count.isExceeded) throw tooMany('Too many requests', count.ttlInSeconds);
}

function tooMany(what: string, seconds: number): ApiError {
  return new ApiError(429, `${what}. Try again in ${seconds} s.`, { 'Retry-After': String(seconds) });
}
