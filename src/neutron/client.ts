import { z } from 'zod';

import { OpenStackError, requestIdIn } from '../openstack/errors.js';
import type { Availability } from './availability.js';
import { type Filters, listQueries, nextQuery } from './list-query.js';
import { driversOf, VifDetails } from './mechanism-drivers.js';
import type { NeutronOptions } from './paced-requests.js';
import { type NeutronCall, type NeutronParts, type NeutronRequestOptions, NeutronRequests } from './paced-requests.js';
import { neutronRefusal } from './refusal.js';
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

const ExtensionsBody = z.object({ extensions: z.array(z.object({ alias: z.string() })) });

const DriversBody = z.object({ ports: z.array(z.object({ 'binding:vif_details': VifDetails })) });

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

/** The most pages of one list to read. A server that always links a next page must not keep us for ever. */
const MAX_PAGES = 1000;

/**
 * Client of Neutron's API, with only the calls that we need. One client serves the whole process.
 *
 * Every method can throw an OpenStackError.
 */
export class NeutronClient {
  readonly #requests: NeutronRequests;

  /** @throws when a certificate file cannot be read */
  constructor(options: NeutronOptions, parts: NeutronParts = {}) {
    this.#requests = new NeutronRequests(options, parts);
  }

  /** Tracks whether Neutron answers at all. */
  get availability(): Availability {
    return this.#requests.availability;
  }

  /** Most requests to Neutron at once now: max_connections, or fewer while Neutron is overloaded. */
  get requestLimit(): number {
    return this.#requests.limit;
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
      return read(DetailsBody, await this.#requests.body(call, options), 'GET /v2.0/networks').networks;
    });
    return (await Promise.all(lists)).flat();
  }

  /** The subnets with these ids. Ids that do not exist are left out. */
  async listSubnets(id: readonly string[], options: NeutronRequestOptions = {}): Promise<NeutronSubnet[]> {
    return this.#listAll('subnets', { id }, options);
  }

  /** The segments with these ids. @throws OpenStackError with status 404 if Neutron has no segments service */
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
      return read(DriversBody, await this.#requests.body(call, options), 'GET /v2.0/ports').ports;
    });
    return [...new Set((await Promise.all(lists)).flat().flatMap(driversOf))].sort();
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
      await this.#requests.body({ call: 'delete_port', method: 'DELETE', path: portPath(id) }, options);
      return true;
    } catch (error) {
      if (error instanceof OpenStackError && error.status === 404) return false;
      throw error;
    }
  }

  /** The aliases of Neutron's extensions, and the time of its clock in whole seconds. Null: the answer has no date. */
  async extensions(options: NeutronRequestOptions = {}): Promise<{ aliases: string[]; date: Date | null }> {
    const call = { call: 'list_extensions', method: 'GET', path: '/v2.0/extensions' } as const;
    const { body, headers } = await this.#requests.send(call, options);
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
   * @throws OpenStackError, also when Neutron does not accept the token
   */
  async isVisible(id: string, token: string, options: NeutronRequestOptions = {}): Promise<boolean> {
    const path = portPath(id);
    const call = { call: 'show_port', method: 'GET', path: `${path}?fields=id` } as const;
    const { status, headers, body } = await this.#requests.asUser(call, token, options);
    if (status === 404) return false;
    if (status !== 200) throw neutronRefusal({ what: `GET ${path}`, status, requestId: requestIdIn(headers) }, body);
    // An id such as ".." leads to another resource, so compare the id in the answer.
    return VisibleBody.safeParse(body).data?.port.id === id.toLowerCase();
  }

  /** Closes the connections. Running requests fail. */
  async close(): Promise<void> {
    await this.#requests.close();
  }

  async #port(call: NeutronCall, port: PortAttributes, options: NeutronRequestOptions): Promise<NeutronPort> {
    const body = await this.#requests.body({ ...call, body: { port } }, options);
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
      const body = await this.#requests.body({ call: `list_${name}`, method: 'GET', path: `${path}?${next}` }, options);
      items.push(...(read(schema, body, `GET ${path}`)[name] as z.infer<(typeof LISTS)[N]>[]));
      next = nextQuery(body, name);
    }
    return items;
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
  throw new OpenStackError(`the answer to ${what} has no usable ${field === '' ? 'JSON' : field}: ${remedy}`, {
    service: 'neutron',
    fault: 'unusable',
    transient: false,
  });
}
