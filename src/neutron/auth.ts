import { NeutronError } from './errors.js';

/** What a request to Neutron needs to be let in. */
export interface NeutronAccess {
  /** Neutron's URL, without a slash at the end and without /v2.0. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Who we are towards Neutron, and where Neutron is. */
export interface Auth {
  /**
   * @param signal stops waiting
   * @throws NeutronError when Keystone does not answer, refuses the credentials or knows no Neutron
   */
  access(signal: AbortSignal | undefined): Promise<NeutronAccess>;
  /** Neutron answered 401 to this access. Returns whether a new one can be had. */
  refused(access: NeutronAccess): boolean;
}

/**
 * No Keystone: Neutron's auth_strategy noauth, where every caller has the roles that it says it has. Neutron 26 (2025.1)
 * and later let the role service alone give ports a binding:profile, an administrator too no more.
 * Source: neutron/conf/policies/port.py.
 *
 * X-Project-Id is left out on purpose. Neutron puts a project into the request's context only when the request names
 * none (neutron/auth.py, NoauthFakeProjectId); with the header it would want tenant_id in the body of every create.
 */
export class NoAuth implements Auth {
  readonly #access: NeutronAccess;

  constructor(options: NeutronOptions) {
    const headers = { 'X-Roles': 'admin,service' };
    this.#access = { endpoint: trimEndpoint(options.endpoint_override ?? ''), headers };
  }

  access(): Promise<NeutronAccess> {
    if (this.#access.endpoint === '') {
      const message = 'neutron.endpoint_override is not set; with neutron.auth_type none there is no catalog to ask';
      return Promise.reject(new NeutronError(message, { code: 'NEUTRON_AUTH', transient: false }));
    }
    return Promise.resolve(this.#access);
  }

  refused(): boolean {
    return false;
  }
}

/** Catalogs name Neutron with and without its API version. */
export function trimEndpoint(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/v2\.0$/, '');
}

/**
 * How to reach Neutron. Names follow the [neutron] group of Ironic's configuration, which are keystoneauth's.
 * What is null is not set.
 */
export interface NeutronOptions {
  /** none: Neutron runs without Keystone and takes every caller for an administrator. */
  auth_type: 'none' | 'password' | 'v3applicationcredential';
  /** Keystone's URL, with or without /v3. */
  auth_url: string | null;
  username: string | null;
  password: string | null;
  user_domain_name: string;
  project_name: string | null;
  project_domain_name: string;
  application_credential_id: string | null;
  application_credential_secret: string | null;
  /** Region whose endpoint is taken from the catalog; null: any. */
  region_name: string | null;
  /** Interfaces of the endpoint in the catalog, in the order of preference: public, internal, admin. */
  valid_interfaces: readonly string[];
  /** Neutron's URL, with or without /v2.0. Wins over the catalog; required with auth_type none. */
  endpoint_override: string | null;
  /** Files in PEM format: what to trust instead of the system's authorities; the client's certificate and its key. */
  cafile: string | null;
  certfile: string | null;
  keyfile: string | null;
  /** Do not verify the server's certificate. */
  insecure: boolean;
  /** Seconds that waiting for a connection, making one, waiting for an answer to begin, and a pause within an answer may each take. */
  timeout: number;
  /** Connections to one server at most; further requests wait for one to be free. */
  max_connections: number;
}
