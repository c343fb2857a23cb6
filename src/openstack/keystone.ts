import { type Auth, type OpenStackService, type ServiceAccess, trimEndpoint } from './auth.js';
import type { HttpClient } from './http.js';
import { type Catalog, type KeystoneCredentials, KeystoneSession, type KeystoneToken } from './keystone-session.js';
import type { ServiceOptions } from './service-options.js';

/** What is needed to find a service with Keystone. */
type EndpointOptions = Pick<ServiceOptions, 'endpoint_override' | 'region_name' | 'valid_interfaces'>;

/** Access by Keystone v3: a token for every request to a service, and the service's endpoint from the catalog. */
export class KeystoneAuth implements Auth {
  readonly #options: EndpointOptions;
  readonly #service: OpenStackService;
  readonly #session: KeystoneSession;
  #current: { token: KeystoneToken; access: ServiceAccess } | null = null;

  constructor(service: OpenStackService, http: HttpClient, options: EndpointOptions & KeystoneCredentials) {
    this.#options = options;
    this.#service = service;
    this.#session = new KeystoneSession(http, options, { service: service.name, section: service.name });
  }

  async access(signal: AbortSignal | undefined): Promise<ServiceAccess> {
    const token = await this.#session.token(signal);
    if (this.#current?.token !== token) this.#current = { token, access: this.#accessWith(token) };
    return this.#current.access;
  }

  #accessWith(token: KeystoneToken): ServiceAccess {
    try {
      return { endpoint: this.#endpoint(token.catalog), headers: { 'X-Auth-Token': token.id } };
    } catch (error) {
      // The catalog comes with the token. The next token's catalog has an endpoint that somebody adds meanwhile.
      this.#session.forget(token);
      throw error;
    }
  }

  refused(access: ServiceAccess): boolean {
    if (this.#current?.access === access) this.#session.forget(this.#current.token);
    return true;
  }

  #endpoint(catalog: Catalog): string {
    const { endpoint_override, region_name, valid_interfaces } = this.#options;
    const { name, type } = this.#service;
    if (endpoint_override !== null) return trimEndpoint(endpoint_override, this.#service);
    const endpoints = catalog
      .filter((service) => service.type === type)
      .flatMap((service) => service.endpoints)
      .filter((endpoint) => region_name === null || endpoint.region_id === region_name);
    for (const wanted of valid_interfaces) {
      const endpoint = endpoints.find((candidate) => candidate.interface === wanted);
      if (endpoint !== undefined) return trimEndpoint(endpoint.url, this.#service);
    }
    const where = region_name === null ? '' : ` in region ${region_name}`;
    throw this.#session.authError(
      `Keystone's catalog has no ${valid_interfaces.join(' or ')} endpoint of type ${type}${where}: ` +
        `check ${name}.region_name and ${name}.valid_interfaces, or set ${name}.endpoint_override`,
    );
  }
}
