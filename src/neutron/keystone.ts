import { z } from 'zod';
import { knowSecret } from '../log.js';
import { type Access, type Auth, trimEndpoint } from './auth.js';
import { NeutronError, refusal } from './errors.js';
import type { HttpClient } from './http.js';
import type { NeutronOptions } from './options.js';

/** Seconds before its end at which a token is no longer used, so that none runs out while a request is under way. */
const RENEW_AHEAD = 60;

const Endpoint = z.object({ interface: z.string(), region_id: z.string().nullish(), url: z.string() });
const TokenBody = z.object({
  token: z.object({
    issued_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    catalog: z.array(z.object({ type: z.string(), endpoints: z.array(Endpoint) })).default([]),
  }),
});
type Catalog = z.infer<typeof TokenBody>['token']['catalog'];

interface Token {
  access: Access;
  /** On performance.now()'s clock, in milliseconds. */
  usableUntil: number;
}

/**
 * Keystone v3: a token for a user's password or an application credential, and Neutron's endpoint from its catalog.
 * One token serves all requests. It is renewed ahead of its end, and when Neutron refuses it: it may be revoked.
 */
export class KeystoneAuth implements Auth {
  readonly #http: HttpClient;
  readonly #options: NeutronOptions;
  #token: Token | null = null;
  #renewal: Promise<Token> | null = null;

  constructor(http: HttpClient, options: NeutronOptions) {
    this.#http = http;
    this.#options = options;
    knowSecret(options.password);
    knowSecret(options.application_credential_secret);
  }

  async access(signal: AbortSignal | undefined): Promise<Access> {
    const token = this.#token;
    if (token !== null && performance.now() < token.usableUntil) return token.access;
    // Everybody waits for the same request, so it is not aborted by the signal of one who waits.
    this.#renewal ??= this.#renew();
    return (await unlessAborted(this.#renewal, signal)).access;
  }

  refused(access: Access): boolean {
    // Another request may have replaced the token meanwhile: then the new one stays.
    if (this.#token?.access === access) this.#token = null;
    return true;
  }

  async #renew(): Promise<Token> {
    try {
      this.#token = await this.#issue();
      return this.#token;
    } finally {
      this.#renewal = null;
    }
  }

  async #issue(): Promise<Token> {
    const url = this.#tokensUrl();
    const asked = performance.now();
    const response = await this.#http.send({
      call: 'issue_token',
      method: 'POST',
      url,
      body: { auth: this.#identity() },
    });
    if (response.status === 401 || response.status === 403) {
      throw this.#authError(
        `Keystone refused the credentials (${response.status}): check ${this.#credentialOptions()}`,
      );
    }
    if (response.status !== 201) {
      const requestId = response.headers['x-openstack-request-id'];
      throw refusal(`POST ${url}`, response.status, response.body, typeof requestId === 'string' ? requestId : null);
    }
    const body = TokenBody.safeParse(response.body);
    const id = response.headers['x-subject-token'];
    if (!body.success || typeof id !== 'string') {
      const message = `POST ${url} was answered with something else than a token: check neutron.auth_url`;
      throw new NeutronError(message, { code: 'NEUTRON_UNUSABLE', transient: false, status: response.status });
    }
    knowSecret(id);
    const { issued_at, expires_at, catalog } = body.data.token;
    // Only the difference counts, so that a clock that is off does no harm.
    const lifetime = (Date.parse(expires_at) - Date.parse(issued_at)) / 1000;
    const usable = lifetime - Math.min(RENEW_AHEAD, lifetime / 4);
    const access = { endpoint: this.#endpoint(catalog), headers: { 'X-Auth-Token': id } };
    return { access, usableUntil: asked + usable * 1000 };
  }

  #tokensUrl(): string {
    const base = this.#required('auth_url').replace(/\/+$/, '');
    return `${base.endsWith('/v3') ? base : `${base}/v3`}/auth/tokens`;
  }

  #identity(): unknown {
    if (this.#options.auth_type === 'v3applicationcredential') {
      const id = this.#required('application_credential_id');
      const secret = this.#required('application_credential_secret');
      // An application credential is made for one project; Keystone refuses a scope beside it.
      return { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
    }
    const { user_domain_name, project_domain_name } = this.#options;
    const user = {
      name: this.#required('username'),
      domain: { name: user_domain_name },
      password: this.#required('password'),
    };
    const project = { name: this.#required('project_name'), domain: { name: project_domain_name } };
    return { identity: { methods: ['password'], password: { user } }, scope: { project } };
  }

  #credentialOptions(): string {
    return this.#options.auth_type === 'v3applicationcredential'
      ? 'neutron.application_credential_id and neutron.application_credential_secret'
      : 'neutron.username, neutron.password, neutron.project_name and their domains';
  }

  #endpoint(catalog: Catalog): string {
    const { endpoint_override, region_name, valid_interfaces } = this.#options;
    if (endpoint_override !== null) return trimEndpoint(endpoint_override);
    const endpoints = catalog
      .filter((service) => service.type === 'network')
      .flatMap((service) => service.endpoints)
      .filter((endpoint) => region_name === null || endpoint.region_id === region_name);
    for (const wanted of valid_interfaces) {
      const endpoint = endpoints.find((candidate) => candidate.interface === wanted);
      if (endpoint !== undefined) return trimEndpoint(endpoint.url);
    }
    const where = region_name === null ? '' : ` in region ${region_name}`;
    throw this.#authError(
      `Keystone's catalog has no ${valid_interfaces.join(' or ')} endpoint of type network${where}: ` +
        'check neutron.region_name and neutron.valid_interfaces, or set neutron.endpoint_override',
    );
  }

  #required(name: 'auth_url' | 'username' | 'password' | 'project_name' | `application_credential_${'id' | 'secret'}`) {
    const value = this.#options[name];
    if (value === null || value === '') {
      throw this.#authError(`neutron.${name} is not set; neutron.auth_type ${this.#options.auth_type} needs it`);
    }
    return value;
  }

  #authError(message: string): NeutronError {
    return new NeutronError(message, { code: 'NEUTRON_AUTH', transient: false });
  }
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  const settled = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error);
      },
      { once: true, signal: settled.signal },
    );
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    settled.abort();
  }
}
