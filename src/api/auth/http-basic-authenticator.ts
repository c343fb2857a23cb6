import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { compare } from 'bcryptjs';
import { bulkhead, isBulkheadRejectedError } from 'cockatiel';
import { LRUCache } from 'lru-cache';

import type { Logger } from '../../log/log.js';
import { ApiError } from '../http/errors.js';
import { administrator, AuthenticationRefused, type Authenticator, type Identity } from './authenticator.js';
import { type HttpBasicSessionOptions, HttpBasicSessions } from './http-basic-sessions.js';
import { PasswordFile, type Passwords } from './password-file.js';

/** Milliseconds for which a correct password is not compared again, unless the file changes. */
const REMEMBERED_FOR = 60_000;
/** Most correct passwords that are remembered. */
const REMEMBERED = 1000;
/**
 * Limits on password comparisons. A comparison takes some 100 ms of this process's only thread, by design of bcrypt. So
 * one runs at a time, others wait for their turn, and when too many wait, further requests are refused.
 */
const COMPARISONS = { atOnce: 1, waiting: 50 };

/**
 * auth_strategy http_basic: a name and a password from a password file. As in Ironic, every such user is an
 * administrator.
 */
export class HttpBasicAuthenticator implements Authenticator {
  readonly sessions: HttpBasicSessions;
  readonly #file: PasswordFile;
  readonly #log: Logger;
  readonly #turns = bulkhead(COMPARISONS.atOnce, COMPARISONS.waiting);
  /**
   * Correct credentials, by a keyed hash of name, password and the file's hash. The key is random and never leaves the
   * process.
   */
  readonly #right = new LRUCache<string, true>({ max: REMEMBERED, ttl: REMEMBERED_FOR, ttlResolution: 0 });
  readonly #key = randomBytes(32);
  #broken = false;

  private constructor(file: PasswordFile, log: Logger, options: HttpBasicSessionOptions) {
    this.#file = file;
    this.#log = log;
    this.sessions = new HttpBasicSessions(options, {
      check: (name, password, beforeTrying) => this.#check(name, password, beforeTrying),
      hashOf: async (name) => (await this.#passwords()).users.get(name) ?? null,
    });
  }

  /** @throws when the file cannot be read, or when a line is unusable; the message names the line */
  static async open(
    path: string,
    log: Logger,
    sessions: HttpBasicSessionOptions = { key: null, time: 8 * 3600 },
  ): Promise<HttpBasicAuthenticator> {
    const file = new PasswordFile(path);
    const { passwords } = await file.read();
    if (passwords.problems.length > 0) throw new Error(passwords.problems.join('; '));
    if (passwords.users.size === 0)
      log.warn('the password file has no users: every login is refused; add users with htpasswd -B', { file: path });
    return new HttpBasicAuthenticator(file, log, sessions);
  }

  async authenticate(headers: IncomingHttpHeaders, beforeTrying: () => Promise<void>): Promise<Identity> {
    const { name, password } = parseAuthorization(headers.authorization);
    return this.#check(name, password, beforeTrying);
  }

  async #check(name: string, password: string, beforeTrying: () => Promise<void>): Promise<Identity> {
    const { users } = await this.#passwords();
    const hash = users.get(name) ?? null;
    const key = createHmac('sha256', this.#key)
      .update(JSON.stringify([name, password, hash]))
      .digest('base64');
    if (!this.#right.has(key)) {
      // Rejecting an unknown user takes as long as a wrong password, so timing does not reveal which names exist.
      const measure = hash ?? [...users.values()].find((other) => other !== null);
      const equal = typeof measure === 'string' && (await this.#equal(password, measure, beforeTrying));
      if (hash === null || !equal) throw refusal(401, 'Incorrect username or password');
      this.#right.set(key, true);
    }
    return administrator(name);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Reads the password file again if it changed. An unusable line locks out its user; an unreadable file locks out
   * everybody.
   *
   * @throws ApiError 503 when the file cannot be read
   */
  async #passwords(): Promise<Passwords> {
    try {
      const { passwords, fresh } = await this.#file.read();
      this.#broken = false;
      if (fresh) this.#log.info('read the password file again', { users: passwords.users.size });
      if (fresh && passwords.problems.length > 0) {
        this.#log.error('some users of the password file are refused; correct their lines', {
          problems: passwords.problems,
        });
      }
      return passwords;
    } catch (error) {
      if (!this.#broken) this.#log.error('cannot read the password file: every login is refused', { error });
      this.#broken = true;
      throw new ApiError(503, 'Passwords cannot be checked at the moment.', { 'Retry-After': '5' });
    }
  }

  async #equal(password: string, hash: string, beforeTrying: () => Promise<void>): Promise<boolean> {
    try {
      return await this.#turns.execute(async () => {
        await beforeTrying();
        return compare(password, hash);
      });
    } catch (error) {
      if (!isBulkheadRejectedError(error)) throw error;
      throw new ApiError(503, 'Too many passwords wait to be checked.', { 'Retry-After': '5' });
    }
  }
}

/**
 * Reads the Authorization header.
 *
 * @throws AuthenticationRefused, with the statuses and messages of ironic_lib. Source: ironic_lib, auth_basic.py
 */
function parseAuthorization(header: string | undefined): { name: string; password: string } {
  if (header === undefined) throw refusal(401, 'Authorization required');
  const [, type, credentials] = /^\s*(\S+)\s+(\S.*?)\s*$/.exec(header) ?? [];
  if (type === undefined || credentials === undefined) throw refusal(400, 'Could not parse Authorization header');
  if (type.toLowerCase() !== 'basic') throw refusal(400, `Unsupported authorization type "${type}"`);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(credentials) || credentials.length % 4 !== 0) throw undecodable();
  const bytes = Buffer.from(credentials, 'base64');
  const colon = bytes.indexOf(':');
  if (colon < 0) throw undecodable();
  const name = utf8(bytes.subarray(0, colon));
  if (name === null) throw undecodable();
  const password = utf8(bytes.subarray(colon + 1));
  if (password?.includes('\0') ?? true) throw refusal(401, 'Incorrect username or password');
  return { name, password: password ?? '' };
}

function utf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function undecodable(): AuthenticationRefused {
  return refusal(400, 'Could not decode authorization token');
}

function refusal(status: 400 | 401, message: string): AuthenticationRefused {
  const headers = status === 401 ? { 'WWW-Authenticate': 'Basic realm="Baremetal API"' } : {};
  return new AuthenticationRefused(status, { error: { message, code: status } }, headers);
}
