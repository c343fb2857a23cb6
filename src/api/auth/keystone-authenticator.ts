import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { bulkhead, isBulkheadRejectedError } from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import { errorText } from '../../async/error-text.js';
import type { Logger } from '../../log/log.js';
import { HttpClient, type HttpResponse } from '../../openstack/http.js';
import { type KeystoneCredentials, KeystoneSession } from '../../openstack/keystone-session.js';
import { ApiError } from '../http/errors.js';
import { AuthenticationRefused, type Authenticator, type Identity } from './authenticator.js';
import { KeystoneSessions } from './keystone-sessions.js';

/** How tokens are validated. Names and defaults follow the group [keystone_authtoken] of keystonemiddleware. */
export type KeystoneAuthtokenOptions = KeystoneCredentials & {
  /** Keystone's URL, told to callers who are refused; null: auth_url. */
  www_authenticate_uri: string | null;
  /** Seconds for which a valid token is not validated again; 0: every request validates it. */
  token_cache_time: number;
  /** Timeout of a request to Keystone, in seconds. */
  http_connect_timeout: number;
  cafile: string | null;
  certfile: string | null;
  keyfile: string | null;
  insecure: boolean;
};

/**
 * Most tokens remembered, for valid and for refused ones each. They are kept apart, so that a flood of refused tokens
 * does not push out the valid ones.
 */
const REMEMBERED = 10_000;
/** Milliseconds for which a token that Keystone did not know is refused without a new request to Keystone. */
const REFUSED_FOR = 10_000;
/** Most requests to Keystone at the same time, and how many more may wait for their turn. */
const QUESTIONS = { atOnce: 16, waiting: 1000 };
/** What a token looks like. Fernet tokens have about 250 characters, JWS tokens a few more. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;
/** Seconds after which the client should try again when Keystone is away. */
const RETRY_AFTER = '5';

const TokenBody = z.object({
  token: z.object({
    expires_at: z.iso.datetime(),
    user: z.object({ id: z.string(), name: z.string() }),
    project: z.object({ id: z.string(), name: z.string(), domain: z.object({ id: z.string() }) }).optional(),
    system: z.object({ all: z.boolean() }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
  }),
});

/** auth_strategy keystone: X-Auth-Token holds a token that Keystone validates. */
export class KeystoneAuthenticator implements Authenticator {
  readonly sessions: KeystoneSessions;
  readonly #http: HttpClient;
  readonly #session: KeystoneSession;
  readonly #options: KeystoneAuthtokenOptions;
  readonly #log: Logger;
  readonly #turns = bulkhead(QUESTIONS.atOnce, QUESTIONS.waiting);
  // The keys of both caches are SHA-256 hashes of tokens. Their clock is performance.now(), which clock changes do not
  // affect.
  readonly #good = new LRUCache<string, Identity>({ max: REMEMBERED, ttlResolution: 0 });
  readonly #refused = new LRUCache<string, true>({ max: REMEMBERED, ttl: REFUSED_FOR, ttlResolution: 0 });
  readonly #asking = new Map<string, Promise<Identity | null>>();

  /** @throws when a certificate file cannot be read */
  constructor(options: KeystoneAuthtokenOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.#http = new HttpClient('keystone', {
      ...options,
      timeout: options.http_connect_timeout,
      max_connections: QUESTIONS.atOnce,
    });
    this.#session = new KeystoneSession(this.#http, options, {
      service: 'keystone',
      section: 'keystone_authtoken',
    });
    this.sessions = new KeystoneSessions({
      http: this.#http,
      tokensUrl: () => this.#session.tokensUrl(),
      authenticator: this,
      forget: (token) => {
        this.#good.delete(keyOf(token));
        this.#refused.set(keyOf(token), true);
      },
      log,
    });
  }

  async authenticate(headers: IncomingHttpHeaders, beforeTrying: () => Promise<void>): Promise<Identity> {
    const given = headers['x-auth-token'];
    const token = typeof given === 'string' ? given.trim() : '';
    if (!TOKEN.test(token)) throw this.#refusal();
    const key = keyOf(token);
    const identity = this.#good.get(key) ?? (this.#refused.has(key) ? null : await this.#ask(key, token, beforeTrying));
    if (identity === null) throw this.#refusal();
    return identity;
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** Validates a token. Requests with the same token that arrive meanwhile share the answer. */
  async #ask(key: string, token: string, beforeTrying: () => Promise<void>): Promise<Identity | null> {
    const shared = this.#asking.get(key);
    if (shared !== undefined) return shared;
    const answer = this.#inTurn(key, token, beforeTrying).finally(() => this.#asking.delete(key));
    this.#asking.set(key, answer);
    return answer;
  }

  async #inTurn(key: string, token: string, beforeTrying: () => Promise<void>): Promise<Identity | null> {
    try {
      return await this.#turns.execute(async () => {
        await beforeTrying();
        return this.#validate(key, token);
      });
    } catch (error) {
      if (isBulkheadRejectedError(error)) throw unavailable();
      throw error;
    }
  }

  async #validate(key: string, token: string): Promise<Identity | null> {
    const response = await this.#validation(token);
    // Keystone answers 404 to a token that is unknown, expired or revoked, or whose user is disabled.
    if (response.status === 404) {
      this.#refused.set(key, true);
      return null;
    }
    const body = TokenBody.safeParse(response.body);
    if (response.status !== 200 || !body.success) {
      const reason = response.status === 200 ? 'the answer is not a token' : this.#explain(response.status);
      this.#log.error('Keystone could not validate a token', { status: response.status, reason });
      throw unavailable();
    }
    const { expires_at, user, project, system, roles } = body.data.token;
    const left = millisecondsLeft(expires_at, response);
    const identity: Identity = {
      userId: user.id,
      userName: user.name,
      project: project === undefined ? null : { id: project.id, name: project.name, domainId: project.domain.id },
      systemScope: system?.all === true,
      roles: roles.map(({ name }) => name),
      expiresAt: new Date(Date.now() + left),
    };
    const ttl = Math.min(this.#options.token_cache_time * 1000, left);
    if (ttl >= 1) this.#good.set(key, identity, { ttl });
    return identity;
  }

  async #validation(token: string): Promise<HttpResponse> {
    try {
      const ours = await this.#session.token(undefined);
      const response = await this.#question(ours.id, token);
      if (response.status !== 401) return response;
      // Keystone refused our own token. We get a new one and ask again, once.
      this.#session.forget(ours);
      return await this.#question((await this.#session.token(undefined)).id, token);
    } catch (error) {
      this.#log.error('could not ask Keystone to validate a token', { reason: errorText(error) });
      throw unavailable();
    }
  }

  /**
   * Asks Keystone to validate a token. We do not send the header OpenStack-Identity-Access-Rules, so Keystone refuses
   * tokens of application credentials with access rules. With the header, we would have to check those rules here.
   */
  async #question(ours: string, token: string): Promise<HttpResponse> {
    const headers = { 'X-Auth-Token': ours, 'X-Subject-Token': token };
    const url = `${this.#session.tokensUrl()}?nocatalog`;
    return this.#http.send({ call: 'validate_token', method: 'GET', url, headers });
  }

  #explain(status: number): string {
    return status === 401 || status === 403
      ? 'the user of keystone_authtoken may not validate tokens: give it the role admin or service'
      : 'unexpected status';
  }

  /** The same answer as keystonemiddleware gives. Source: keystonemiddleware, auth_token/__init__.py. */
  #refusal(): AuthenticationRefused {
    const uri = this.#options.www_authenticate_uri ?? this.#options.auth_url ?? '';
    const message = 'The request you have made requires authentication.';
    const headers = { 'WWW-Authenticate': `Keystone uri="${uri}"` };
    return new AuthenticationRefused(401, { error: { code: 401, title: 'Unauthorized', message } }, headers);
  }
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/**
 * How long a token is still valid, by Keystone's own clock, because ours may be wrong. The Date header is in whole
 * seconds, so Keystone's time may be almost a second later: we add one second.
 */
function millisecondsLeft(expiresAt: string, { headers }: HttpResponse): number {
  const theirs = Date.parse(headers.date ?? '');
  const now = Number.isNaN(theirs) ? Date.now() : theirs + 1000;
  return Date.parse(expiresAt) - now;
}

function unavailable(): ApiError {
  return new ApiError(503, 'The Keystone service is temporarily unavailable.', { 'Retry-After': RETRY_AFTER });
}
