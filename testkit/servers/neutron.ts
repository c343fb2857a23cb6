import { randomUUID } from 'node:crypto';

import mysql from 'mysql2/promise';

import { parseJson, stringifyJson } from '../../src/json.js';
import type { NeutronOptions } from '../../src/neutron/paced-requests.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import type { NeutronProviderOptions } from '../../src/providers/neutron/binding/options.js';
import { required } from './environment.js';

interface Network {
  id: string;
  name: string;
}

/** All options of a Neutron client, with the defaults of config/default.yaml. */
export function neutronOptions(options: Partial<NeutronOptions> = {}): NeutronOptions {
  return {
    auth_type: 'none',
    auth_url: null,
    username: null,
    password: null,
    user_domain_name: 'Default',
    project_name: null,
    project_domain_name: 'Default',
    application_credential_id: null,
    application_credential_secret: null,
    region_name: null,
    valid_interfaces: ['internal', 'public'],
    endpoint_override: null,
    cafile: null,
    certfile: null,
    keyfile: null,
    insecure: false,
    timeout: 120,
    change_timeout: 120,
    max_connections: 32,
    ...options,
  };
}

/** Options of the neutron provider for tests: it looks often, and has time even on a busy machine. */
export function providerOptions(
  options: Partial<Omit<NeutronProviderOptions, 'neutron'>>,
  neutron: Partial<NeutronProviderOptions['neutron']>,
): NeutronProviderOptions {
  const waiting = { binding_timeout: 120, poll_interval_min: 0.1, poll_interval_max: 0.5, event_poll_interval: 2 };
  const ports = {
    add_all_ports: false,
    one_port_per_portgroup: false,
    dhcpv6_stateful_address_count: 4,
    fail_on_port_binding_failure: true,
    max_changes_per_switch: 8,
  };
  return {
    default_boot_option: 'local',
    provisioning_network: null,
    cleaning_network: null,
    rescuing_network: null,
    inspection_network: null,
    servicing_network: null,
    quarantine_network: null,
    provisioning_network_security_groups: [],
    cleaning_network_security_groups: [],
    rescuing_network_security_groups: [],
    inspection_network_security_groups: [],
    servicing_network_security_groups: [],
    ...options,
    neutron: { ...neutronOptions(), ...waiting, ...ports, ...neutron },
  };
}

/** URL of Neutron's own database. */
export function neutronDatabaseUrl(): string {
  return required('NETPROV_NEUTRON_DATABASE_URL');
}

/**
 * The tests' Neutron, used without our own client: a test makes things in it and examines them. Create this at the
 * start of a test file; drop() removes its networks with everything on them.
 */
export class TestNeutron {
  readonly endpoint: string;
  readonly #networks: Network[] = [];
  readonly #securityGroups: string[] = [];

  constructor(endpoint = required('NETPROV_NEUTRON_ENDPOINT')) {
    this.endpoint = endpoint.replace(/\/+$/, '');
  }

  /** Makes a VLAN network with a subnet. Its name is unique unless one is given. */
  async makeNetwork(name = `test-${randomUUID()}`): Promise<Network> {
    const { network } = await this.api<{ network: Network }>('POST', 'networks', { network: { name } });
    this.#networks.push(network);
    const cidr = `10.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}.0/24`;
    await this.api('POST', 'subnets', { subnet: { network_id: network.id, ip_version: 4, cidr, enable_dhcp: false } });
    return network;
  }

  /** Adds a subnet to a network. */
  async makeSubnet(networkId: string, fields: object): Promise<{ id: string; cidr: string }> {
    const subnet = { network_id: networkId, ...fields };
    return (await this.api<{ subnet: { id: string; cidr: string } }>('POST', 'subnets', { subnet })).subnet;
  }

  async makeSecurityGroup(): Promise<string> {
    const security_group = { name: `test-${randomUUID()}` };
    const made = await this.api<{ security_group: { id: string } }>('POST', 'security-groups', { security_group });
    this.#securityGroups.push(made.security_group.id);
    return made.security_group.id;
  }

  async removeNetwork({ id }: Network): Promise<void> {
    for (const port of await this.portsOn(id)) await this.api('DELETE', `ports/${port.id}`);
    await this.api('DELETE', `networks/${id}`);
    this.#networks.splice(
      this.#networks.findIndex((network) => network.id === id),
      1,
    );
  }

  /** Makes a port as Nova or a user does: unbound, unless the attributes say otherwise. */
  async makePort(networkId: string, attributes: object = {}): Promise<NeutronPort> {
    const port = { network_id: networkId, ...attributes };
    return (await this.api<{ port: NeutronPort }>('POST', 'ports', { port })).port;
  }

  async changePort(id: string, attributes: object): Promise<NeutronPort> {
    return (await this.api<{ port: NeutronPort }>('PUT', `ports/${id}`, { port: attributes })).port;
  }

  /**
   * Leaves a bound port DOWN, as when Neutron is killed after it has bound the port and before its mechanism drivers
   * are done. This is possible only in Neutron's database.
   */
  loseProgress(id: string): Promise<void> {
    return this.#inDatabase("UPDATE ports SET status = 'DOWN' WHERE id = ?", id);
  }

  /**
   * Makes Neutron wait for one more party, the port's L2 agent, before it makes the port ACTIVE: see
   * SimulatedSlowSwitches.
   */
  holdBack(id: string): Promise<void> {
    const blocks = 'INSERT INTO provisioningblocks (standard_attr_id, entity)';
    return this.#inDatabase(`${blocks} SELECT standard_attr_id, 'L2' FROM ports WHERE id = ?`, id);
  }

  async #inDatabase(statement: string, id: string): Promise<void> {
    const database = await mysql.createConnection(neutronDatabaseUrl());
    try {
      await database.query(statement, [id]);
    } finally {
      await database.end();
    }
  }

  async removePort(id: string): Promise<void> {
    await this.api('DELETE', `ports/${id}`);
  }

  /** The port as Neutron shows it; null if it does not exist. */
  async port(id: string): Promise<NeutronPort | null> {
    const { ports } = await this.api<{ ports: NeutronPort[] }>('GET', `ports?id=${id}`);
    return ports[0] ?? null;
  }

  async portsOn(networkId: string): Promise<NeutronPort[]> {
    return (await this.api<{ ports: NeutronPort[] }>('GET', `ports?network_id=${networkId}`)).ports;
  }

  async drop(): Promise<void> {
    for (const network of [...this.#networks]) await this.removeNetwork(network);
    for (const id of this.#securityGroups.splice(0)) await this.api('DELETE', `security-groups/${id}`);
  }

  /** Sends one request to Neutron's API v2.0; fails on an error status. */
  async api<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.endpoint}/v2.0/${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-roles': 'admin,service' },
      ...(body === undefined ? {} : { body: stringifyJson(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : parseJson(text)) as T;
  }
}
