import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { Access } from '../auth/access.js';
import {
  administrator,
  AuthenticationRefused,
  type Identity,
  type LogIn,
  type Sessions,
} from '../auth/authenticator.js';
import type { LogInAttempt } from '../auth/guard.js';
import { type PolicyOptions, RULES } from '../auth/policy.js';
import { assertCsrfToken, csrfTokenOf, SESSION_COOKIE } from '../auth/sessions.js';
import type { AuthStrategy } from '../document.js';
import { ApiError } from '../http/errors.js';
import { NOTHING, SESSION } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';

/** Most attempts to log in, or to log out, per minute from one address. */
const MOST_ATTEMPTS = 30;

const word = (description: string) => z.string().min(1).max(255).describe(description);
const secret = (description: string) => z.string().min(1).max(4096).describe(description);

const PASSWORD = z.strictObject({
  method: z.literal('password'),
  username: word('Name of the user'),
  password: secret('Password of the user'),
  user_domain: word("Name of the user's domain").default('Default'),
  project: word("Name of the project to act for; default: the user's default project").nullable().default(null),
  project_domain: word("Name of the project's domain").default('Default'),
  system: z.boolean().default(false).describe('Whether to act for the whole system in place of a project'),
});
const CREDENTIAL = z.strictObject({
  method: z.literal('application_credential'),
  id: word('Id of the application credential'),
  secret: secret('Its secret'),
});
const BASIC = z.strictObject({
  method: z.literal('http_basic'),
  username: word('A name in the password file'),
  password: secret('The password'),
});
const LOG_IN = z.discriminatedUnion('method', [PASSWORD, CREDENTIAL, BASIC]);

export interface SessionRoutes {
  authStrategy: AuthStrategy;
  /** Absent: nobody has to log in. */
  sessions: Sessions | undefined;
  attempt: LogInAttempt;
  policy: PolicyOptions;
  /** Whether clients reach this API by HTTPS, even if a proxy ends it. */
  isSecure: (request: FastifyRequest) => boolean;
}

/**
 * Adds /console/session: log in, who is logged in, log out. The session is in a cookie that scripts cannot read and that
 * browsers send to no other site's requests. It has no end of its own: the session inside ends.
 */
export function sessionRoutes(server: ApiServer, routes: SessionRoutes): void {
  const { sessions, attempt } = routes;
  const url = '/console/session';
  const limited = { policy: null, rateLimit: { max: MOST_ATTEMPTS, timeWindow: 60_000 } };
  const cookie = (request: FastifyRequest) =>
    ({ path: '/', httpOnly: true, sameSite: 'strict', secure: routes.isSecure(request) }) as const;

  server.get(
    url,
    { schema: { summary: 'Show who is logged in', response: SESSION }, config: { policy: null } },
    async (request, reply) => {
      const session = request.cookies[SESSION_COOKIE];
      const identity = await recognize(request, routes);
      if (identity === null && session !== undefined) reply.clearCookie(SESSION_COOKIE, cookie(request));
      return answer(reply, identity, session, routes);
    },
  );
  server.post(
    url,
    { schema: { summary: 'Log in to the console', body: LOG_IN, response: SESSION }, config: limited },
    async (request, reply) => {
      if (sessions === undefined) throw new ApiError(400, 'auth_strategy is noauth: there is nobody to log in as.');
      const session = await attempt(request, (beforeTrying) =>
        sessions.open(request.body satisfies LogIn, beforeTrying),
      );
      const identity = await attempt(request, (beforeTrying) => sessions.identify(session, beforeTrying));
      // The log of the request then says who logged in.
      request.identity = identity;
      reply.setCookie(SESSION_COOKIE, session, cookie(request));
      return answer(reply, identity, session, routes);
    },
  );
  server.delete(
    url,
    { schema: { summary: 'Log out of the console', response: NOTHING }, config: limited },
    async (request, reply) => {
      const session = request.cookies[SESSION_COOKIE];
      if (sessions !== undefined && session !== undefined && (await recognize(request, routes)) !== null) {
        assertCsrfToken(request, session);
        await sessions.end(session);
      }
      reply.clearCookie(SESSION_COOKIE, cookie(request));
      return reply.code(204).send();
    },
  );
}

/** Who is logged in; null: nobody. */
async function recognize(request: FastifyRequest, { sessions, attempt }: SessionRoutes): Promise<Identity | null> {
  const session = request.cookies[SESSION_COOKIE];
  if (sessions === undefined) return administrator(null);
  if (session === undefined) return null;
  try {
    return await attempt(request, (beforeTrying) => sessions.identify(session, beforeTrying));
  } catch (error) {
    if (error instanceof AuthenticationRefused) return null;
    throw error;
  }
}

function answer(
  reply: FastifyReply,
  identity: Identity | null,
  session: string | undefined,
  { authStrategy, policy, sessions }: SessionRoutes,
): object {
  const access = identity === null ? null : new Access(identity, policy);
  const rules = Object.keys(RULES) as (keyof typeof RULES)[];
  const { userId = null, userName = null, project = null, systemScope = false, roles = [] } = identity ?? {};
  reply.header('cache-control', 'no-store');
  return {
    auth_strategy: authStrategy,
    user: userId === null ? null : { id: userId, name: userName },
    project: project === null ? null : { id: project.id, name: project.name, domain_id: project.domainId },
    system: systemScope,
    roles,
    csrf: sessions !== undefined && identity !== null && session !== undefined ? csrfTokenOf(session) : null,
    may: rules.filter((rule) => access?.may(rule) === true),
    expires_at: identity?.expiresAt?.toISOString() ?? null,
  };
}
