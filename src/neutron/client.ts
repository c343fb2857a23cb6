import { z } from 'zod';

import { errorText } from '../async/error-text.js';
import { type Logger, silentLogger } from '../log/log.js';
import { type Auth, type NeutronOptions, NoAuth, type ServiceAccess } from './auth.js';
import { Availability } from './availability.js';
import { CongestionControl } from './congestion.js';
import { isWide, NeutronError, refusal } from './errors.js';
import { HttpClient, type HttpRequest, type HttpResponse, type RequestObserver, withoutQuery } from './http.js';
import { KeystoneAuth } from './keystone.js';
import { type Filters, listQueries, nextQuery } from './list-query.js';
import {
  NeutronAgent,
  NeutronNetwork,
  NeutronNetworkDetails,
  NeutronPort,
  NeutronSecurityGroup,
  NeutronSegment,
  NeutronSubnet,
  type PortAttributes,
  type PortFilters,
} from './resources.js';

/** Options of every request. */
export interface NeutronRequestOptions {
  /** Aborts the request. The call then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** req-<uuid> of the request that caused this one, for Neutron's logs. */
  requestId?: string | null | undefined;
  /** Seconds, if this request must take less time than the options timeout and change_timeout allow. */
  timeout?: number | undefined;
  /** A logger with fields about the cause of the request. Default: the client's own. */
  log?: Logger | undefined;
}

const ExtensionsBody = z.object({ extensions: z.array(z.object({ alias: z.string() })) });

/** Source: neutron_lib/api/definitions/portbindings.py, VIF_DETAILS_BOUND_DRIVERS: a driver for each level of a binding. */
const DriversBody = z.object({
  ports: z.array(
    z.object({
      'binding:vif_details': z.object({ bound_drivers: z.record(z.string(), z.string()).nullish() }).nullish(),
    }),
  ),
});

const DetailsBody = z.object({ networks: z.array(NeutronNetworkDetails) });

const VisibleBody = z.object({ port: z.object({ id: z.string() }) });

const PortBody = z.object({ port: NeutronPort }).transform((body) => body.port);

/** The resources that can be listed, with the schema of an item. In a path, underscores become dashes. */
const LISTS = {
  ports: NeutronPort,
  networks: NeutronNetwork,
  subnets: NeutronSubnet,
  segments: NeutronSegment,
  security_groups: NeutronSecurityGroup,
  agents: NeutronAgent,
} as const;
type ListName = keyof typeof LISTS;

/** One request to Neutron's API. */
interface Call extends Pick<HttpRequest, 'call' | 'method' | 'body'> {
  path: string;
}

/** The most pages of one list to read. A server that always links a next page must not keep us for ever. */
const MAX_PAGES = 1000;

/** Observer and log of the client. */
interface NeutronClientParts {
  /** Called for every request, also for those to Keystone. */
  observe?: RequestObserver | undefined;
  /** Logger for requests that do not bring their own. Default: they are not logged. */
  log?: Logger;
}

/**
 * Client of Neutron's API, with only the calls that we need. One client serves the whole process.
 *
 * Every method can throw a NeutronError. The client itself retries only in two cases: a GET on a connection that turned
 * out to be closed, and any request once after a 401, because Neutron answers 401 before it does anything.
 */
export class NeutronClient {
  /** Tracks whether Neutron answers at all. Its probe does not wait while Neutron is overloaded. */
  readonly availability = new Availability(
    () => this.#send({ call: 'look', method: 'GET', path: '/v2.0/networks?limit=1&fields=id' }, {}),
    () => {
      this.#congestion.refuseWaiting();
    },
  );
  readonly #congestion: CongestionControl;
  readonly #http: HttpClient;
  readonly #auth: Auth;
  readonly #log: Logger;
  readonly #options: Pick<NeutronOptions, 'timeout' | 'change_timeout'>;

  /** @throws when a certificate file cannot be read */
  constructor(options: NeutronOptions, { observe, log = silentLogger() }: NeutronClientParts = {}) {
    this.#log = log;
    this.#options = options;
    this.#http = new HttpClient(options, observe);
    const { auth_type } = options;
    this.#auth = auth_type === 'none' ? new NoAuth(options) : new KeystoneAuth(this.#http, { ...options, auth_type });
    this.#congestion = new CongestionControl({
      most: options.max_connections,
      timeout: options.timeout,
      away: () => this.availability.away,
      onChange: (limit) => {
        if (limit > 1) log.info('Neutron answers in time again', { requests_at_once: limit });
        else
          log.warn(
            'Neutron is overloaded: sending one request at a time, and more as it answers quickly; check its load',
          );
      },
    });
  }

  /** Most requests to Neutron at once now: max_connections, or fewer while Neutron is overloaded. */
  get requestLimit(): number {
    return this.#congestion.limit;
  }

  /** The networks with this name. */
  async findNetworks(name: string, options: NeutronRequestOptions = {}): Promise<NeutronNetwork[]> {
    return this.#listAll('networks', { name }, options, ['id', 'name']);
  }

  /** The networks with these ids. Ids that do not exist are left out. */
  async listNetworks(id: readonly string[], options: NeutronRequestOptions = {}): Promise<NeutronNetwork[]> {
    return this.#listAll('networks', { id }, options);
  }

  /** What people want to know of the networks with these ids. Ids that do not exist are left out. */
  async describeNetworks(id: readonly string[], options: NeutronRequestOptions = {}): Promise<NeutronNetworkDetails[]> {
    const queries = listQueries({ id }, Object.keys(NeutronNetworkDetails.shape));
    const lists = queries.map(async (query) => {
      const call = { call: 'list_networks', method: 'GET', path: `/v2.0/networks?${query}` } as const;
      return read(DetailsBody, await this.#request(call, options), 'GET /v2.0/networks').networks;
    });
    return (await Promise.all(lists)).flat();
  }

  /** The subnets with these ids. Ids that do not exist are left out. */
  async listSubnets(id: readonly string[], options: NeutronRequestOptions = {}): Promise<NeutronSubnet[]> {
    return this.#listAll('subnets', { id }, options);
  }

  /** The segments with these ids. @throws NeutronError with status 404 if Neutron has no segments service */
  async listSegments(id: readonly string[], options: NeutronRequestOptions = {}): Promise<NeutronSegment[]> {
    return this.#listAll('segments', { id }, options);
  }

  /** The security groups with these ids. Ids that do not exist are left out. */
  async listSecurityGroups(
    id: readonly string[],
    options: NeutronRequestOptions = {},
  ): Promise<NeutronSecurityGroup[]> {
    return this.#listAll('security_groups', { id }, options);
  }

  /** The agents on these hosts, of any type. */
  async listAgents(host: readonly string[], options: NeutronRequestOptions = {}): Promise<NeutronAgent[]> {
    return this.#listAll('agents', { host }, options);
  }

  /** The names of the mechanism drivers that have bound ports on these hosts. A Neutron before 2021 does not tell. */
  async boundDrivers(host: readonly string[], options: NeutronRequestOptions = {}): Promise<string[]> {
    const queries = listQueries({ 'binding:host_id': host }, ['binding:vif_details']);
    const lists = queries.map(async (query) => {
      const call = { call: 'list_ports', method: 'GET', path: `/v2.0/ports?${query}` } as const;
      return read(DriversBody, await this.#request(call, options), 'GET /v2.0/ports').ports;
    });
    const details = (await Promise.all(lists)).flat().map((port) => port['binding:vif_details']?.bound_drivers);
    return [...new Set(details.flatMap((drivers) => Object.values(drivers ?? {})))].sort();
  }

  async listPorts(filters: PortFilters, options: NeutronRequestOptions = {}): Promise<NeutronPort[]> {
    return this.#listAll('ports', { ...filters }, options);
  }

  async createPort(attributes: PortAttributes, options: NeutronRequestOptions = {}): Promise<NeutronPort> {
    return this.#port({ call: 'create_port', method: 'POST', path: '/v2.0/ports' }, attributes, options);
  }

  async updatePort(id: string, attributes: PortAttributes, options: NeutronRequestOptions = {}): Promise<NeutronPort> {
    return this.#port({ call: 'update_port', method: 'PUT', path: portPath(id) }, attributes, options);
  }

  /** Deletes a port. Returns false if it was already gone. */
  async deletePort(id: string, options: NeutronRequestOptions = {}): Promise<boolean> {
    try {
      await this.#request({ call: 'delete_port', method: 'DELETE', path: portPath(id) }, options);
      return true;
    } catch (error) {
      if (error instanceof NeutronError && error.status === 404) return false;
      throw error;
    }
  }

  /** The aliases of Neutron's extensions, and the time of its clock in whole seconds. Null: the answer has no date. */
  async extensions(options: NeutronRequestOptions = {}): Promise<{ aliases: string[]; date: Date | null }> {
    const call = { call: 'list_extensions', method: 'GET', path: '/v2.0/extensions' } as const;
    const { body, headers } = await this.#send(call, options);
    const { extensions } = read(ExtensionsBody, body, 'GET /v2.0/extensions');
    const date = new Date(headers.date ?? NaN);
    return {
      aliases: extensions.map(({ alias }) => alias),
      date: Number.isNaN(date.getTime()) ? null : date,
    };
  }

  /**
   * Whether a port is visible to the user of the given token. We use such a token only for this one request, which
   * reads.
   *
   * @throws NeutronError, also when Neutron does not accept the token
   */
  async isVisible(id: string, token: string, { signal, timeout }: NeutronRequestOptions = {}): Promise<boolean> {
    const { endpoint } = await this.#auth.access(signal);
    const path = portPath(id);
    const url = `${endpoint}${path}?fields=id`;
    const headers = { 'X-Auth-Token': token };
    const { status, body } = await this.#http.send({ call: 'show_port', method: 'GET', url, headers, signal, timeout });
    if (status === 404) return false;
    if (status !== 200) throw refusal(`GET ${path}`, status, body, null);
    // An id such as ".." leads to another resource, so compare the id in the answer.
    return VisibleBody.safeParse(body).data?.port.id === id.toLowerCase();
  }

  /** Closes the connections. Running requests fail. */
  async close(): Promise<void> {
    this.availability.close();
    await this.#http.close();
  }

  async #port(call: Call, port: PortAttributes, options: NeutronRequestOptions): Promise<NeutronPort> {
    const body = await this.#request({ ...call, body: { port } }, options);
    return read(PortBody, body, `${call.method} ${call.path}`);
  }

  /** Lists with only the fields that we read: Neutron then has less to gather and to send. */
  async #listAll<N extends ListName>(
    name: N,
    filters: Filters,
    options: NeutronRequestOptions,
    fields: readonly string[] = Object.keys(LISTS[name].shape),
  ): Promise<z.infer<(typeof LISTS)[N]>[]> {
    const queries = listQueries(filters, fields);
    const lists = await Promise.all(queries.map((query) => this.#list(name, query, options)));
    return lists.flat();
  }

  async #list<N extends ListName>(
    name: N,
    query: string,
    options: NeutronRequestOptions,
  ): Promise<z.infer<(typeof LISTS)[N]>[]> {
    const path = `/v2.0/${name.replace('_', '-')}`;
    const schema = z.object({ [name]: z.array(LISTS[name]) });
    const items: z.infer<(typeof LISTS)[N]>[] = [];
    let next: string | null = query;
    for (let page = 0; next !== null && page < MAX_PAGES; page++) {
      const body = await this.#request({ call: `list_${name}`, method: 'GET', path: `${path}?${next}` }, options);
      items.push(...(read(schema, body, `GET ${path}`)[name] as z.infer<(typeof LISTS)[N]>[]));
      next = nextQuery(body, name);
    }
    return items;
  }

  async #request(call: Call, options: NeutronRequestOptions): Promise<unknown> {
    const transmit = (request: HttpRequest): Promise<HttpResponse> =>
      call.method === 'GET' ? this.#http.send(request) : this.#change(request, options);
    const paced = (request: HttpRequest): Promise<HttpResponse> =>
      this.#congestion.during(request, () => transmit(request));
    return (await this.availability.during(() => this.#send(call, options, paced))).body;
  }

  /**
   * Sends a change. It gets more time than a read: Neutron goes on with a change whose answer nobody waits for, and a
   * repeated change would disturb it. After the time of a read, it counts as a sign that Neutron may be away.
   */
  async #change(request: HttpRequest, { log = this.#log }: NeutronRequestOptions): Promise<HttpResponse> {
    const { timeout, change_timeout } = this.#options;
    const limit = Math.max(timeout, change_timeout);
    const overdue = setTimeout(() => {
      const what = `${request.method} ${withoutQuery(request.url)}`;
      log.warn(`${what} has no answer yet; waiting on`, { seconds: timeout, at_most: limit });
      this.availability.fault();
    }, timeout * 1000);
    try {
      return await this.#http.send({ ...request, limit });
    } finally {
      clearTimeout(overdue);
    }
  }

  async #send(
    { call, method, path, body }: Call,
    options: NeutronRequestOptions,
    transmit = (request: HttpRequest): Promise<HttpResponse> => this.#http.send(request),
  ): Promise<HttpResponse> {
    const log = options.log ?? this.#log;
    const what = `${method} ${withoutQuery(path)}`;
    const send = async (access: ServiceAccess): Promise<HttpResponse> => {
      const headers: Record<string, string> = { ...access.headers };
      if (options.requestId) headers['X-OpenStack-Request-ID'] = options.requestId;
      const { signal, timeout } = options;
      const asked = performance.now();
      const request = { call, method, url: access.endpoint + path, headers, body, signal, timeout };
      const response = await transmit(request).catch((error: unknown) => {
        log.debug(`${what} has no answer`, { error: errorText(error) });
        throw error;
      });
      const { status } = response;
      log.debug(`${what} answered`, { status, duration_ms: Math.round(performance.now() - asked) });
      return response;
    };
    const access = await this.#auth.access(options.signal);
    let response = await send(access);
    if (response.status === 401 && this.#auth.refused(access)) {
      log.info(`${what}: the token was refused; asking Keystone for another`);
      response = await send(await this.#auth.access(options.signal));
    }
    if (response.status < 200 || response.status > 299) {
      const requestId = response.headers['x-openstack-request-id'];
      const id = typeof requestId === 'string' ? requestId : null;
      throw refusal(what, response.status, response.body, id, isWide(path, body));
    }
    return response;
  }
}

function portPath(id: string): string {
  return `/v2.0/ports/${encodeURIComponent(id)}`;
}

function read<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const remedy = field.includes('binding:')
    ? 'only administrators see this field: give the credentials the admin role'
    : 'check that Neutron listens at this URL';
  throw new NeutronError(`the answer to ${what} has no usable ${field === '' ? 'JSON' : field}: ${remedy}`, {
    code: 'neutron_unusable',
    transient: false,
  });
}
