import { z } from 'zod';

import { within } from '../async/within.js';
import type { ServiceName } from '../errors.js';
import { knowSecret } from '../log/log.js';
import { OpenStackError, reasonIn, refusal, requestIdIn } from './errors.js';
import type { HttpClient } from './http.js';
import type { ServiceOptions } from './service-options.js';

/** A token is renewed this many seconds before it expires, so that it does not expire during a request. */
const RENEW_AHEAD = 60;

const Endpoint = z.object({ interface: z.string(), region_id: z.string().nullish(), url: z.string() });
const TokenBody = z.object({
  token: z.object({
    issued_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    catalog: z.array(z.object({ type: z.string(), endpoints: z.array(Endpoint) })).default([]),
  }),
});

/** The services that Keystone knows, and their endpoints. */
export type Catalog = z.infer<typeof TokenBody>['token']['catalog'];

/** Our credentials for Keystone. The names are keystoneauth's. */
export type KeystoneCredentials = Pick<
  ServiceOptions,
  | 'auth_url'
  | 'username'
  | 'password'
  | 'user_domain_name'
  | 'project_name'
  | 'project_domain_name'
  | 'application_credential_id'
  | 'application_credential_secret'
> & { auth_type: 'password' | 'v3applicationcredential' };

/** Whom a session is for: errors name it. */
export interface SessionOwner {
  /** The service for which tokens are needed. keystone: for Keystone itself. */
  service: ServiceName;
  /** The section of the configuration with the credentials. */
  section: string;
}

export interface KeystoneToken {
  /** The value for the header X-Auth-Token. It is a secret. */
  readonly id: string;
  readonly catalog: Catalog;
}

/**
 * Gets tokens from Keystone v3, with a user's password or an application credential. One token serves all requests. It
 * is renewed before it expires, and when it is refused, because it may have been revoked.
 */
export class KeystoneSession {
  readonly #http: HttpClient;
  readonly #credentials: KeystoneCredentials;
  readonly #owner: SessionOwner;
  #token: { token: KeystoneToken; usableUntil: number } | null = null;
  #renewal: Promise<KeystoneToken> | null = null;

  constructor(http: HttpClient, credentials: KeystoneCredentials, owner: SessionOwner) {
    this.#http = http;
    this.#credentials = credentials;
    this.#owner = owner;
    knowSecret(credentials.password);
    knowSecret(credentials.application_credential_secret);
  }

  /**
   * Returns a valid token.
   * @param signal ends the wait
   * @throws OpenStackError when Keystone does not answer or refuses the credentials
   */
  async token(signal: AbortSignal | undefined): Promise<KeystoneToken> {
    const held = this.#token;
    if (held !== null && performance.now() < held.usableUntil) return held.token;
    // All callers wait for the same request, so the signal of one caller must not abort it.
    this.#renewal ??= this.#renew();
    // Waiting callers get a failure. If all of them were aborted, nobody needs to handle it.
    this.#renewal.catch(() => undefined);
    if (signal === undefined) return this.#renewal;
    return within(signal, this.#renewal, () => {
      throw signal.reason;
    });
  }

  /** Drops a refused token. If another request has already replaced it, the new token stays. */
  forget(token: KeystoneToken): void {
    if (this.#token?.token === token) this.#token = null;
  }

  /** URL of Keystone's tokens. It works whether auth_url has the API's version or not. */
  tokensUrl(): string {
    const base = this.#required('auth_url').replace(/\/+$/, '');
    return `${base.endsWith('/v3') ? base : `${base}/v3`}/auth/tokens`;
  }

  /** A permanent error. It lasts until somebody corrects the options that it names. */
  authError(message: string): OpenStackError {
    return new OpenStackError(message, { service: this.#owner.service, fault: 'auth', transient: false });
  }

  async #renew(): Promise<KeystoneToken> {
    try {
      this.#token = await this.#issue();
      return this.#token.token;
    } finally {
      this.#renewal = null;
    }
  }

  async #issue(): Promise<{ token: KeystoneToken; usableUntil: number }> {
    const url = this.tokensUrl();
    const asked = performance.now();
    const body = { auth: this.#identity() };
    const response = await this.#http.send({ call: 'issue_token', method: 'POST', url, body });
    if (response.status === 401 || response.status === 403) {
      throw this.authError(`Keystone refused the credentials (${response.status}): check ${this.#credentialOptions()}`);
    }
    if (response.status !== 201) {
      const { status, headers } = response;
      const request = { service: this.#owner.service, what: `POST ${url}`, status, requestId: requestIdIn(headers) };
      throw refusal(request, reasonIn(response.body));
    }
    const read = TokenBody.safeParse(response.body);
    const id = response.headers['x-subject-token'];
    if (!read.success || typeof id !== 'string') {
      const message = `POST ${url} got an answer without a token: check ${this.#owner.section}.auth_url`;
      const { service } = this.#owner;
      throw new OpenStackError(message, { service, fault: 'unusable', transient: false, status: response.status });
    }
    knowSecret(id);
    const { issued_at, expires_at, catalog } = read.data.token;
    // Use only the difference of Keystone's two times, so that a wrong clock does no harm.
    const lifetime = (Date.parse(expires_at) - Date.parse(issued_at)) / 1000;
    const usable = lifetime - Math.min(RENEW_AHEAD, lifetime / 4);
    return { token: { id, catalog }, usableUntil: asked + usable * 1000 };
  }

  #identity(): unknown {
    if (this.#credentials.auth_type === 'v3applicationcredential') {
      const id = this.#required('application_credential_id');
      const secret = this.#required('application_credential_secret');
      // An application credential belongs to one project, and Keystone refuses an additional scope.
      return { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
    }
    const { user_domain_name, project_domain_name } = this.#credentials;
    const user = {
      name: this.#required('username'),
      domain: { name: user_domain_name },
      password: this.#required('password'),
    };
    const project = { name: this.#required('project_name'), domain: { name: project_domain_name } };
    return { identity: { methods: ['password'], password: { user } }, scope: { project } };
  }

  #credentialOptions(): string {
    const { section } = this.#owner;
    return this.#credentials.auth_type === 'v3applicationcredential'
      ? `${section}.application_credential_id and ${section}.application_credential_secret`
      : `${section}.username, ${section}.password, ${section}.project_name and their domains`;
  }

  #required(name: 'auth_url' | 'username' | 'password' | 'project_name' | `application_credential_${'id' | 'secret'}`) {
    const value = this.#credentials[name];
    if (value === null || value === '') {
      const { section } = this.#owner;
      throw this.authError(
        `${section}.${name} is not set; ${section}.auth_type ${this.#credentials.auth_type} needs it`,
      );
    }
    return value;
  }
}
