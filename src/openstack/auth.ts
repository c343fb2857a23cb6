import { NeutronError } from './errors.js';

/** A service of OpenStack, by the names that it has elsewhere. */
export interface OpenStackService {
  /** Its section in our configuration. */
  readonly section: string;
  /** Its type in Keystone's catalog. */
  readonly type: string;
  /** The path with the version of its API. Catalogs have URLs with and without it. */
  readonly versionPath: string;
}

export const NEUTRON: OpenStackService = { section: 'neutron', type: 'network', versionPath: '/v2.0' };

/** The URL of Neutron or another service, and the headers that authenticate a request. */
export interface ServiceAccess {
  /** The service's URL, without a slash at the end and without the version of its API. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Authenticates us to Neutron or another service, and finds its endpoint. */
export interface Auth {
  /**
   * Returns the access for the next request.
   * @param signal ends the wait
   * @throws NeutronError when Keystone does not answer, refuses the credentials, or has no endpoint of the service
   */
  access(signal: AbortSignal | undefined): Promise<ServiceAccess>;
  /** Call this when the service answered 401 to this access. Returns whether a new access can be obtained. */
  refused(access: ServiceAccess): boolean;
}

/**
 * Access without Keystone, for Neutron's auth_strategy noauth. There, every caller has the roles that its headers name.
 * From Neutron 26 (2025.1) on, only the role service may set a port's binding:profile; the role admin no longer
 * suffices.
 * Source: neutron/conf/policies/port.py.
 *
 * X-Project-Id is left out on purpose. Only if a request names no project does Neutron put one into its context
 * (neutron/auth.py, NoauthFakeProjectId). With the header, Neutron would require tenant_id in the body of every create.
 */
export class NoAuth implements Auth {
  readonly #access: ServiceAccess;
  readonly #section: string;

  constructor({ endpoint_override: endpoint }: Pick<NeutronOptions, 'endpoint_override'>, service = NEUTRON) {
    const headers = { 'X-Roles': 'admin,service' };
    this.#access = { endpoint: trimEndpoint(endpoint ?? '', service), headers };
    this.#section = service.section;
  }

  access(): Promise<ServiceAccess> {
    if (this.#access.endpoint === '') {
      const section = this.#section;
      const message = `${section}.endpoint_override is not set; ${section}.auth_type none needs it, because there is no catalog`;
      return Promise.reject(new NeutronError(message, { code: 'neutron_auth', transient: false }));
    }
    return Promise.resolve(this.#access);
  }

  refused(): boolean {
    return false;
  }
}

/** Removes trailing slashes and the API version from a service's URL, because catalogs have it with and without. */
export function trimEndpoint(url: string, { versionPath }: OpenStackService): string {
  const trimmed = url.replace(/\/+$/, '');
  return trimmed.endsWith(versionPath) ? trimmed.slice(0, -versionPath.length) : trimmed;
}

/**
 * How to reach Neutron. Names follow the [neutron] group of Ironic's configuration, which are keystoneauth's.
 * Null means that an option is not set.
 */
export interface NeutronOptions {
  /** none: Neutron runs without Keystone and treats every caller as an administrator. */
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
  /** Region of the endpoint in the catalog. Null: any region. */
  region_name: string | null;
  /** Interfaces of the endpoint in the catalog, in the order of preference: public, internal, admin. */
  valid_interfaces: readonly string[];
  /** Neutron's URL, with or without /v2.0. It overrides the catalog, and is required with auth_type none. */
  endpoint_override: string | null;
  /** Files in PEM format: the authorities to trust instead of the system's, the client's certificate, and its key. */
  cafile: string | null;
  certfile: string | null;
  keyfile: string | null;
  /** Whether to skip the verification of the server's certificate. */
  insecure: boolean;
  /**
   * Seconds for each of these: connecting, waiting for the answer to begin, and a pause within the answer. In
   * HttpClient, also for the wait for a connection; the requests of NeutronClient wait before: see CongestionControl.
   */
  timeout: number;
  /** Seconds to wait for the answer to a change (POST, PUT, DELETE), if that is more than timeout. */
  change_timeout: number;
  /** The most connections to one server. Further requests wait for a free one. */
  max_connections: number;
}
