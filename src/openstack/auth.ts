import type { ServiceName } from '../errors.js';
import { OpenStackError } from './errors.js';
import type { ServiceOptions } from './service-options.js';

/** A service of OpenStack, by the names that it has elsewhere. */
export interface OpenStackService {
  /** Its name, which is also its section in our configuration. */
  readonly name: Exclude<ServiceName, 'keystone'>;
  /** Its type in Keystone's catalog. */
  readonly type: string;
  /** The path with the version of its API. Catalogs have URLs with and without it. */
  readonly versionPath: string;
}

/** The URL of a service, and the headers that authenticate a request. */
export interface ServiceAccess {
  /** The service's URL, without a slash at the end and without the version of its API. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Authenticates us to a service, and finds its endpoint. */
export interface Auth {
  /**
   * Returns the access for the next request.
   * @param signal ends the wait
   * @throws OpenStackError when Keystone does not answer, refuses the credentials, or has no endpoint of the service
   */
  access(signal: AbortSignal | undefined): Promise<ServiceAccess>;
  /** Call this when the service answered 401 to this access. Returns whether a new access can be obtained. */
  refused(access: ServiceAccess): boolean;
}

/**
 * Access without Keystone, for a service with auth_strategy noauth. In Neutron, every caller then has the roles that its
 * headers name. From Neutron 26 (2025.1) on, only the role service may set a port's binding:profile; the role admin no longer
 * suffices.
 * Source: neutron/conf/policies/port.py.
 *
 * X-Project-Id is left out on purpose. Only if a request names no project does Neutron put one into its context
 * (neutron/auth.py, NoauthFakeProjectId). With the header, Neutron would require tenant_id in the body of every create.
 */
export class NoAuth implements Auth {
  readonly #access: ServiceAccess;
  readonly #name: OpenStackService['name'];

  constructor(service: OpenStackService, { endpoint_override: endpoint }: Pick<ServiceOptions, 'endpoint_override'>) {
    const headers = { 'X-Roles': 'admin,service' };
    this.#access = { endpoint: trimEndpoint(endpoint ?? '', service), headers };
    this.#name = service.name;
  }

  access(): Promise<ServiceAccess> {
    if (this.#access.endpoint === '') {
      const name = this.#name;
      const message = `${name}.endpoint_override is not set; ${name}.auth_type none needs it, because there is no catalog`;
      return Promise.reject(new OpenStackError(message, { service: name, fault: 'auth', transient: false }));
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
