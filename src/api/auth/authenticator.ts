import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

import { NetprovError } from '../../errors.js';

/** Finds out who the caller is. */
export interface Authenticator {
  /**
   * @param headers the request's headers
   * @param beforeTrying called before an expensive check, such as a request to Keystone; what it throws is passed on.
   *   It is not called for credentials that were found good a moment ago
   * @throws AuthenticationRefused, or ApiError with status 503 if the credentials cannot be checked now
   */
  authenticate(headers: IncomingHttpHeaders, beforeTrying: () => Promise<void>): Promise<Identity>;
  /** Sessions of the console. Absent: nobody has to log in. */
  readonly sessions?: Sessions;
  close(): Promise<void>;
}

/**
 * The credentials are missing, wrong or unreadable. The answer is not Ironic's own error document: in Ironic, a
 * middleware in front of the API answers in a format of its own.
 */
export class AuthenticationRefused extends NetprovError {
  readonly code = 'authentication_refused';

  constructor(
    readonly status: 400 | 401,
    /** The answer's body, as JSON. */
    readonly body: { readonly error: { readonly code: number; readonly message: string; readonly title?: string } },
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.error.message);
  }
}

/** The caller, as the authenticator found out. */
export interface Identity {
  /** Keystone's id of the user, or the name in the password file; null: without authentication. */
  readonly userId: string | null;
  readonly userName: string | null;
  /** The project that the token is scoped to; null: the token has no project scope. */
  readonly project: { readonly id: string; readonly name: string; readonly domainId: string } | null;
  /** Whether the token is scoped to the whole system: scope "all". */
  readonly systemScope: boolean;
  /** Names of the user's roles in that scope, with the roles that they imply. */
  readonly roles: readonly string[];
  /** When the credentials end. Null or absent: they last. */
  readonly expiresAt?: Date | null;
}

/** An identity that may do everything. It is used without Keystone, where there are no roles and no projects. */
export function administrator(user: string | null): Identity {
  return {
    userId: user,
    userName: user,
    project: null,
    systemScope: true,
    roles: ['admin', 'manager', 'member', 'reader'],
  };
}

/** What a person enters to log in at the console. */
export type LogIn =
  | {
      method: 'password';
      username: string;
      password: string;
      user_domain: string;
      /** Name of the project to act for. Null: the user's default project. */
      project: string | null;
      project_domain: string;
      /** Whether to act for the whole system in place of a project. */
      system: boolean;
    }
  | { method: 'application_credential'; id: string; secret: string }
  | { method: 'http_basic'; username: string; password: string };

/**
 * Sessions of people who log in at the console, for one auth_strategy. A session is a text that the browser keeps in a
 * cookie and sends with each request. It is a secret.
 *
 * The methods throw AuthenticationRefused, or ApiError with status 503 if the credentials cannot be checked now.
 * `beforeTrying` is that of Authenticator.
 */
export interface Sessions {
  /** Opens a session. @throws ApiError 400 when this auth_strategy has no such method */
  open(logIn: LogIn, beforeTrying: () => Promise<void>): Promise<string>;
  /** Who the session is of. */
  identify(session: string, beforeTrying: () => Promise<void>): Promise<Identity>;
  /** Ends a session. It does nothing if the session has ended already. */
  end(session: string): Promise<void>;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can connect to a server that listens on this address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** auth_strategy noauth: every caller is an administrator. */
export class NoAuthentication implements Authenticator {
  readonly #everybody = administrator(null);

  authenticate(): Promise<Identity> {
    return Promise.resolve(this.#everybody);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
