import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { errorText } from '../../src/async/error-text.js';

type Resource = Record<string, unknown> & { id: string };
type Collection = 'networks' | 'subnets' | 'ports' | 'agents';

export interface SimulatedNeutronOptions {
  /** 0 for any free port. */
  port?: number;
  /** Binds ports to every host if true, otherwise only to hosts that have an agent. */
  bindAll?: boolean;
  /** Milliseconds after which a bound port becomes ACTIVE. */
  activeAfter?: number;
  /**
   * The mechanism driver that it says has bound a port; null: it names none, as a Neutron before 2021. By default that of
   * networking-baremetal, which configures no switch either.
   */
  driver?: string | null;
}

/** An error in Neutron's wording. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

const SINGULAR: Record<Collection, string> = { networks: 'network', subnets: 'subnet', ports: 'port', agents: 'agent' };

const NOT_CHANGED_BY_CLIENTS = new Set(['id', 'status', 'binding:vif_type', 'network_id']);

/**
 * SIMULATED: a stand-in for Neutron, for machines that cannot run the real one. It holds networks, subnets and ports in
 * memory and answers the few requests that the neutron provider and the demo send. It configures no switch and knows
 * no tenants, quotas, security groups, pagination or events; a test that passes here proves nothing about Neutron.
 *
 * A host is alive when it has an agent. POST /v2.0/agents {"agent": {"host": ...}} adds an agent; the real Neutron has
 * no such request, but listens for the agents' reports.
 */
export class SimulatedNeutron {
  readonly #resources: Record<Collection, Map<string, Resource>> = {
    networks: new Map(),
    subnets: new Map(),
    ports: new Map(),
    agents: new Map(),
  };
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #server: Server;
  #nextAddress = 10;

  private constructor(private readonly options: SimulatedNeutronOptions) {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async start(options: SimulatedNeutronOptions = {}): Promise<SimulatedNeutron> {
    const neutron = new SimulatedNeutron(options);
    await new Promise<void>((resolve, reject) => {
      neutron.#server.once('error', reject);
      neutron.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return neutron;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Makes a bound port ACTIVE, as if its switch were configured. */
  activate(id: string): void {
    const port = this.#resources.ports.get(id);
    if (port === undefined) throw new Error(`no port ${id}`);
    port['status'] = 'ACTIVE';
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let status = 200;
    let body: unknown;
    try {
      const url = new URL(request.url ?? '/', 'http://simulated');
      const [, version, collection = '', id] = url.pathname.split('/');
      if (version !== 'v2.0' || !(collection in SINGULAR)) {
        if (url.pathname !== '/') throw new Refusal(404, 'HTTPNotFound', 'The resource could not be found.');
        body = { versions: [{ id: 'v2.0', status: 'CURRENT' }], simulated: true };
      } else {
        const kind = collection as Collection;
        body = this.#dispatch(
          request.method ?? '',
          kind,
          id,
          url.searchParams,
          await readBody(request, SINGULAR[kind]),
        );
        if (request.method === 'POST') status = 201;
        if (request.method === 'DELETE') status = 204;
      }
    } catch (error) {
      const { status: code, type, message } = asRefusal(error);
      status = code;
      body = { NeutronError: { type, message, detail: '' } };
    }
    response.writeHead(status, { 'content-type': 'application/json', 'x-openstack-request-id': `req-${randomUUID()}` });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  #dispatch(
    method: string,
    kind: Collection,
    id: string | undefined,
    query: URLSearchParams,
    attributes: Record<string, unknown>,
  ): unknown {
    const all = this.#resources[kind];
    if (id === undefined) {
      if (method === 'GET') {
        const found = [...all.values()].filter((resource) => matches(resource, query));
        return { [kind]: kind === 'ports' ? found.map((port) => this.#withDetails(port)) : found };
      }
      if (method === 'POST') return { [SINGULAR[kind]]: this.#create(kind, attributes) };
      throw new Refusal(405, 'HTTPMethodNotAllowed', `no ${method} of ${kind}`);
    }
    const resource = all.get(id);
    const name = SINGULAR[kind];
    if (resource === undefined) {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}NotFound`;
      throw new Refusal(404, type, `${type.replace('NotFound', '')} ${id} could not be found.`);
    }
    if (method === 'GET') return { [name]: resource };
    if (method === 'PUT')
      return {
        [name]: kind === 'ports' ? this.#updatePort(resource, attributes) : Object.assign(resource, attributes),
      };
    if (method !== 'DELETE') throw new Refusal(405, 'HTTPMethodNotAllowed', `no ${method} of a ${name}`);
    this.#remove(kind, id);
    return undefined;
  }

  #create(kind: Collection, attributes: Record<string, unknown>): Resource {
    const resource = kind === 'ports' ? this.#newPort(attributes) : { ...attributes, id: randomUUID() };
    const defaults = kind === 'networks' ? { name: '', status: 'ACTIVE', subnets: [] } : {};
    const made = { ...defaults, ...resource };
    this.#resources[kind].set(made.id, made);
    if (kind === 'ports') this.#bind(made);
    return made;
  }

  #newPort(attributes: Record<string, unknown>): Resource {
    const network = String(attributes['network_id']);
    if (!this.#resources.networks.has(network)) {
      throw new Refusal(404, 'NetworkNotFound', `Network ${network} could not be found.`);
    }
    const mac = typeof attributes['mac_address'] === 'string' ? attributes['mac_address'] : newMac();
    this.#refuseMacInUse(network, mac);
    const subnet = [...this.#resources.subnets.values()].find((one) => one['network_id'] === network);
    const fixed_ips =
      subnet === undefined ? [] : [{ subnet_id: subnet.id, ip_address: `10.0.0.${this.#nextAddress++}` }];
    return {
      name: '',
      admin_state_up: true,
      device_owner: '',
      device_id: '',
      'binding:host_id': '',
      'binding:vnic_type': 'normal',
      'binding:profile': {},
      'binding:vif_details': {},
      fixed_ips,
      ...attributes,
      mac_address: mac,
      id: randomUUID(),
      status: 'DOWN',
      'binding:vif_type': 'unbound',
    };
  }

  /** The port as a list shows it. The answers to POST and PUT do not name the driver, nor do those of the real Neutron. */
  #withDetails(port: Resource): Resource {
    const { driver = 'baremetal' } = this.options;
    const isNamed = driver !== null && port['binding:vif_type'] === 'other';
    return isNamed ? { ...port, 'binding:vif_details': { bound_drivers: { 0: driver } } } : port;
  }

  #updatePort(port: Resource, attributes: Record<string, unknown>): Resource {
    const mac = attributes['mac_address'];
    if (mac !== undefined && mac !== port['mac_address']) {
      if (!['unbound', 'binding_failed'].includes(String(port['binding:vif_type']))) {
        throw new Refusal(409, 'PortBound', `Unable to complete operation on port ${port.id}, port is already bound.`);
      }
      if (typeof mac === 'string') this.#refuseMacInUse(String(port['network_id']), mac);
      port['mac_address'] = mac ?? newMac();
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (name !== 'mac_address' && !NOT_CHANGED_BY_CLIENTS.has(name)) port[name] = value;
    }
    if (Object.keys(attributes).some((name) => name.startsWith('binding:'))) this.#bind(port);
    return port;
  }

  #refuseMacInUse(network: string, mac: string): void {
    const used = [...this.#resources.ports.values()].some(
      (port) => port['network_id'] === network && same(port['mac_address'], mac),
    );
    if (!used) return;
    const message = `Unable to complete operation for network ${network}. The mac address ${mac} is in use.`;
    throw new Refusal(409, 'MacAddressInUse', message);
  }

  /**
   * Does what a mechanism driver would do for the port's host: vif_type other and soon ACTIVE, binding_failed, or
   * unbound.
   */
  #bind(port: Resource): void {
    const host = port['binding:host_id'];
    port['status'] = 'DOWN';
    if (host === '') {
      port['binding:vif_type'] = 'unbound';
      return;
    }
    const served =
      this.options.bindAll === true || [...this.#resources.agents.values()].some((one) => one['host'] === host);
    port['binding:vif_type'] = served ? 'other' : 'binding_failed';
    if (!served) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (port['binding:host_id'] === host) port['status'] = 'ACTIVE';
    }, this.options.activeAfter ?? 300);
    this.#timers.add(timer);
  }

  #remove(kind: Collection, id: string): void {
    if (kind === 'networks') {
      if ([...this.#resources.ports.values()].some((port) => port['network_id'] === id)) {
        throw new Refusal(409, 'NetworkInUse', `Unable to complete operation on network ${id}. It has ports.`);
      }
      for (const subnet of this.#resources.subnets.values()) {
        if (subnet['network_id'] === id) this.#resources.subnets.delete(subnet.id);
      }
    }
    this.#resources[kind].delete(id);
  }
}

/** Applies Neutron's filters: every name must match with one of its values. */
function matches(resource: Resource, query: URLSearchParams): boolean {
  const names = [...new Set(query.keys())].filter((name) => name !== 'fields' && name !== 'limit');
  return names.every((name) => query.getAll(name).some((value) => same(resource[name], value)));
}

/** Compares as MySQL does, because MySQL filters Neutron's lists. */
function same(one: unknown, other: unknown): boolean {
  return String(one).toLowerCase() === String(other).toLowerCase();
}

function newMac(): string {
  return `fa:16:3e:${(randomUUID().slice(0, 6).match(/../g) ?? []).join(':')}`;
}

async function readBody(request: IncomingMessage, name: string): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (chunks.length === 0) return {};
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, Record<string, unknown> | undefined>;
  const attributes = body[name];
  if (attributes === undefined) throw new Refusal(400, 'HTTPBadRequest', `Unable to find '${name}' in request body`);
  return attributes;
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof SyntaxError) return new Refusal(400, 'HTTPBadRequest', 'The body is not JSON.');
  return new Refusal(500, 'HTTPInternalServerError', errorText(error));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, 'bind-all': { type: 'boolean', default: false } },
  });
  const neutron = await SimulatedNeutron.start({ port: Number(values.port), bindAll: values['bind-all'] });
  process.stdout.write(`SIMULATED Neutron listens at ${neutron.url}\n`);
  const stop = (): void => void neutron.stop();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
