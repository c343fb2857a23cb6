import { z } from 'zod';
import { type Access, type Auth, NoAuth } from './auth.js';
import { NeutronError, refusal } from './errors.js';
import { HttpClient, type HttpResponse, withoutQuery } from './http.js';
import { KeystoneAuth } from './keystone.js';
import type { NeutronOptions } from './options.js';
import { portQueries } from './query.js';
import { NeutronNetwork, NeutronPort, type PortAttributes, type PortFilters } from './resources.js';

/** What goes with every request. */
export interface RequestOptions {
  /** Aborts the request; the call then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** req-<uuid> of what caused the request, for Neutron's logs. */
  requestId?: string | null | undefined;
  /** Seconds, when this request may take less than the option timeout. */
  timeout?: number | undefined;
}

const PortBody = z.object({ port: NeutronPort }).transform((body) => body.port);
const PortList = z.object({ ports: z.array(NeutronPort) }).transform((body) => body.ports);
const NetworkList = z.object({ networks: z.array(NeutronNetwork) }).transform((body) => body.networks);

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Pages of one list that are read at most: a server that always names a next page must not keep us for ever. */
const MAX_PAGES = 1000;

/**
 * Neutron's API, as far as it is needed here. One client serves the whole process.
 *
 * Every method throws a NeutronError. None is tried again here but a GET on a connection that turned out to be closed,
 * and any request once after a 401, which Neutron gives before it does anything.
 */
export class NeutronClient {
  readonly #http: HttpClient;
  readonly #auth: Auth;

  /** @throws when a certificate file cannot be read */
  constructor(options: NeutronOptions) {
    this.#http = new HttpClient(options);
    this.#auth = options.auth_type === 'none' ? new NoAuth(options) : new KeystoneAuth(this.#http, options);
  }

  /** The networks with this name. */
  async findNetworks(name: string, options: RequestOptions = {}): Promise<NeutronNetwork[]> {
    const query = new URLSearchParams([
      ['name', name],
      ['fields', 'id'],
      ['fields', 'name'],
    ]);
    return this.#list('networks', query.toString(), NetworkList, options);
  }

  async listPorts(filters: PortFilters, options: RequestOptions = {}): Promise<NeutronPort[]> {
    const queries = portQueries(filters);
    const lists = await Promise.all(queries.map((query) => this.#list('ports', query, PortList, options)));
    return lists.flat();
  }

  async createPort(attributes: PortAttributes, options: RequestOptions = {}): Promise<NeutronPort> {
    return this.#port('POST', '/v2.0/ports', attributes, options);
  }

  async updatePort(id: string, attributes: PortAttributes, options: RequestOptions = {}): Promise<NeutronPort> {
    return this.#port('PUT', portPath(id), attributes, options);
  }

  /** Deletes a port. One that is already gone is no error. */
  async deletePort(id: string, options: RequestOptions = {}): Promise<void> {
    try {
      await this.#request('DELETE', portPath(id), undefined, options);
    } catch (error) {
      if (!(error instanceof NeutronError && error.status === 404)) throw error;
    }
  }

  /** Closes the connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#http.close();
  }

  async #port(method: Method, path: string, port: PortAttributes, options: RequestOptions): Promise<NeutronPort> {
    const body = await this.#request(method, path, { port }, options);
    return read(PortBody, body, `${method} ${path}`);
  }

  async #list<T>(
    name: 'ports' | 'networks',
    query: string,
    schema: z.ZodType<T[]>,
    options: RequestOptions,
  ): Promise<T[]> {
    const items: T[] = [];
    let next: string | null = query;
    for (let page = 0; next !== null && page < MAX_PAGES; page++) {
      const path = `/v2.0/${name}?${next}`;
      const body = await this.#request('GET', path, undefined, options);
      items.push(...read(schema, body, `GET /v2.0/${name}`));
      next = nextPage(body, name);
    }
    return items;
  }

  async #request(method: Method, path: string, body: unknown, options: RequestOptions): Promise<unknown> {
    const send = (access: Access): Promise<HttpResponse> => {
      const headers: Record<string, string> = { ...access.headers };
      if (options.requestId) headers['X-OpenStack-Request-ID'] = options.requestId;
      const { signal, timeout } = options;
      return this.#http.send({ method, url: access.endpoint + path, headers, body, signal, timeout });
    };
    const access = await this.#auth.access(options.signal);
    let response = await send(access);
    if (response.status === 401 && this.#auth.refused(access)) {
      response = await send(await this.#auth.access(options.signal));
    }
    if (response.status < 200 || response.status > 299) {
      const requestId = response.headers['x-openstack-request-id'];
      const id = typeof requestId === 'string' ? requestId : null;
      throw refusal(`${method} ${withoutQuery(path)}`, response.status, response.body, id);
    }
    return response.body;
  }
}

function portPath(id: string): string {
  return `/v2.0/ports/${encodeURIComponent(id)}`;
}

/** A server with pagination_max_limit set cuts lists and links the next page, by the address it knows itself by. */
function nextPage(body: unknown, name: string): string | null {
  const Link = z.object({ rel: z.string(), href: z.string() });
  const links = z.object({ [`${name}_links`]: z.array(Link) }).safeParse(body);
  const next = links.data?.[`${name}_links`]?.find((link) => link.rel === 'next');
  return next === undefined ? null : next.href.slice(next.href.indexOf('?') + 1);
}

function read<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const remedy = field.includes('binding:')
    ? 'Neutron shows it to administrators only: give the credentials the admin role'
    : 'check that Neutron listens at this URL';
  throw new NeutronError(`the answer to ${what} has no usable ${field === '' ? 'JSON' : field}: ${remedy}`, {
    code: 'NEUTRON_UNUSABLE',
    transient: false,
  });
}
