import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Finds out who asks. */
export interface Authenticator {
  /**
   * @param headers the request's
   * @param beforeTrying called ahead of what costs something, such as a question to Keystone; what it throws is thrown.
   *   Credentials that were found good a moment ago cost nothing
   * @throws AuthenticationRefused, or ApiError with status 503 when nobody can be asked
   */
  authenticate(headers: IncomingHttpHeaders, beforeTrying: () => Promise<void>): Promise<Identity>;
  close(): Promise<void>;
}

/**
 * The credentials are missing, wrong or cannot be read. It is not answered with Ironic's own error document: in Ironic a
 * middleware in front of it answers, in its own words.
 */
export class AuthenticationRefused extends Error {
  constructor(
    readonly status: 400 | 401,
    /** The answer's body, as JSON. */
    readonly body: { readonly error: { readonly code: number; readonly message: string; readonly title?: string } },
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.error.message);
    this.name = 'AuthenticationRefused';
  }
}

/** Who asks, as the authenticator found out. */
export interface Identity {
  /** Keystone's id of the user, or the name in the password file; null: nobody was asked who they are. */
  readonly userId: string | null;
  readonly userName: string | null;
  /** The project that the token is for. null: it is for none. */
  readonly project: { readonly id: string; readonly name: string; readonly domainId: string } | null;
  /** Whether the token is for the whole system: scope "all". */
  readonly systemScope: boolean;
  /** Names of the roles that the user has there, with those that they imply. */
  readonly roles: readonly string[];
}

/** An identity that may do everything: without Keystone there are no roles, and no projects. */
export function administrator(user: string | null): Identity {
  return {
    userId: user,
    userName: user,
    project: null,
    systemScope: true,
    roles: ['admin', 'manager', 'member', 'reader'],
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can connect to a server that listens on this address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** auth_strategy noauth: everybody is an administrator. */
export class NoAuthentication implements Authenticator {
  readonly #everybody = administrator(null);

  authenticate(): Promise<Identity> {
    return Promise.resolve(this.#everybody);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
