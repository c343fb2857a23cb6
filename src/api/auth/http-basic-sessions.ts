import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import { ApiError } from '../http/errors.js';
import { administrator, AuthenticationRefused, type Identity, type LogIn, type Sessions } from './authenticator.js';

export interface HttpBasicSessionOptions {
  /** The key that signs sessions. Null: a random one, which no other process knows. */
  key: string | null;
  /** Seconds for which a session lasts. */
  time: number;
}

interface PasswordCheck {
  /** @throws AuthenticationRefused when the password is wrong */
  check: (name: string, password: string, beforeTrying: () => Promise<void>) => Promise<Identity>;
  /** The hash of a user's password; null: there is no such user. */
  hashOf: (name: string) => Promise<string | null>;
}

const SessionBody = z.strictObject({ name: z.string(), id: z.string(), expires: z.number() });
type SessionBody = z.output<typeof SessionBody>;

/** Most sessions that are remembered as ended. Each is forgotten when it would have expired. */
const MOST_ENDED = 10_000;
/** Longest session, in characters. */
const MAX_SESSION = 4096;

/**
 * Sessions for auth_strategy http_basic. A session names its user and when it ends, with a signature. It holds no
 * password. The hash of the user's password is signed too, so a new password ends all sessions of its user.
 */
export class HttpBasicSessions implements Sessions {
  readonly #key: string | Buffer;
  readonly #time: number;
  readonly #passwords: PasswordCheck;
  readonly #ended = new LRUCache<string, true>({ max: MOST_ENDED });

  constructor({ key, time }: HttpBasicSessionOptions, passwords: PasswordCheck) {
    this.#key = key ?? randomBytes(32);
    this.#time = time * 1000;
    this.#passwords = passwords;
  }

  async open(logIn: LogIn, beforeTrying: () => Promise<void>): Promise<string> {
    if (logIn.method !== 'http_basic') {
      throw new ApiError(400, `method is ${logIn.method}, but auth_strategy is http_basic: use http_basic.`);
    }
    const { username: name, password } = logIn;
    try {
      await this.#passwords.check(name, password, beforeTrying);
    } catch (error) {
      // With the header WWW-Authenticate, a browser would ask for the password itself, in a dialog of its own.
      throw error instanceof AuthenticationRefused ? new AuthenticationRefused(error.status, error.body) : error;
    }
    const session = { name, id: randomBytes(16).toString('base64url'), expires: Date.now() + this.#time };
    const body = Buffer.from(JSON.stringify(session)).toString('base64url');
    return `${body}.${this.#signatureOf(body, await this.#passwords.hashOf(name))}`;
  }

  async identify(session: string): Promise<Identity> {
    const [body = '', signature = ''] = session.slice(0, MAX_SESSION).split('.', 2);
    const read = readBody(body);
    if (read === null) throw refusal();
    const hash = await this.#passwords.hashOf(read.name);
    const [given, right] = [Buffer.from(signature), Buffer.from(this.#signatureOf(body, hash))];
    const signed = given.length === right.length && timingSafeEqual(given, right);
    if (hash === null || !signed || read.expires <= Date.now() || this.#ended.has(read.id)) throw refusal();
    return { ...administrator(read.name), expiresAt: new Date(read.expires) };
  }

  async end(session: string): Promise<void> {
    const identity = await this.identify(session).catch(() => null);
    const read = readBody(session.split('.', 1)[0] ?? '');
    // Only a valid session is remembered. Otherwise anybody could push others out of this cache.
    if (identity === null || read === null) return;
    this.#ended.set(read.id, true, { ttl: Math.max(1, read.expires - Date.now()) });
  }

  #signatureOf(body: string, hash: string | null): string {
    return createHmac('sha256', this.#key)
      .update(`${body} ${hash ?? ''}`)
      .digest('base64url');
  }
}

function readBody(text: string): SessionBody | null {
  try {
    const read = SessionBody.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

function refusal(): AuthenticationRefused {
  return new AuthenticationRefused(401, { error: { code: 401, message: 'The session has ended: log in again' } });
}
