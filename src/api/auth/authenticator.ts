import type { IncomingHttpHeaders } from 'node:http';

import type { Identity } from './identity.js';

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
