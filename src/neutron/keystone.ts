import { type Auth, type NeutronAccess, type NeutronOptions, trimEndpoint } from './auth.js';
import type { HttpClient } from './http.js';
import {
  authError,
  type Catalog,
  type KeystoneCredentials,
  KeystoneSession,
  type KeystoneToken,
} from './keystone-session.js';

/** Access by Keystone v3: a token for every request to Neutron, and Neutron's endpoint from the catalog. */
export class KeystoneAuth implements Auth {
  readonly #options: NeutronOptions;
  readonly #session: KeystoneSession;
  #current: { token: KeystoneToken; access: NeutronAccess } | null = null;

  constructor(http: HttpClient, options: NeutronOptions & KeystoneCredentials) {
    this.#options = options;
    this.#session = new KeystoneSession(http, options, 'neutron');
  }

  async access(signal: AbortSignal | undefined): Promise<NeutronAccess> {
    const token = await this.#session.token(signal);
    if (this.#current?.token !== token) this.#current = { token, access: this.#accessWith(token) };
    return this.#current.access;
  }

  #accessWith(token: KeystoneToken): NeutronAccess {
    try {
      return { endpoint: this.#endpoint(token.catalog), headers: { 'X-Auth-Token': token.id } };
    } catch (error) {
      // The catalog comes with the token. The next token's catalog has an endpoint that somebody adds meanwhile.
      this.#session.forget(token);
      throw error;
    }
  }

  refused(access: NeutronAccess): boolean {
    if (this.#current?.access === access) this.#session.forget(this.#current.token);
    return true;
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
    throw authError(
      `Keystone's catalog has no ${valid_interfaces.join(' or ')} endpoint of type network${where}: ` +
        'check neutron.region_name and neutron.valid_interfaces, or set neutron.endpoint_override',
    );
  }
}
