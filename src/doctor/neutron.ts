import type { DataSource } from 'typeorm';

import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import { NeutronClient } from '../neutron/client.js';
import { NeutronError, type NeutronErrorCode } from '../neutron/errors.js';
import { missingPermissions, PERMISSIONS_REMEDY, visibleNetworks } from '../neutron/permissions.js';
import { pageOfNodes } from '../state/index.js';
import { type Findings, type DoctorContext, reasonOf, tellClock } from './finding.js';

/** Checks Neutron: connection, credentials, clock, extensions, networks, security groups, permissions and agents. */
export async function checkNeutron(context: DoctorContext, findings: Findings, signal: AbortSignal): Promise<void> {
  const { neutron } = context.config;
  if (neutron.auth_type === 'none' && neutron.endpoint_override === null) {
    findings.ok('endpoint', 'Neutron is not configured (neutron.auth_type none, no neutron.endpoint_override)');
    return;
  }
  const client = new NeutronClient(neutron);
  try {
    if (!(await checkExtensions(client, findings, signal))) return;
    const network = await checkNetworks(client, context, findings, signal);
    await checkSecurityGroups(client, context, findings, signal);
    if (network !== null) await checkPermissions(client, network, findings, signal);
    await checkAgents(client, context, findings, signal);
  } catch (error) {
    if (!(error instanceof NeutronError)) throw error;
    findings.problem('answers', reasonOf(error), remedyOf(error));
  } finally {
    await client.close();
  }
}

const REMEDIES: Readonly<Record<NeutronErrorCode, string>> = {
  neutron_unreachable: 'start Neutron, or correct neutron.endpoint_override, neutron.auth_url and neutron.cafile',
  neutron_timeout: "check the load of Neutron's server and of its database",
  neutron_refused: "the message is Neutron's; read Neutron's log for more",
  neutron_auth: 'correct the credentials in section neutron: use a service user with the roles admin and service',
  neutron_invalid: "correct neutron.endpoint_override, or the endpoint in Keystone's catalog",
  neutron_unusable: 'check that Neutron listens at this URL, and that the credentials have the admin role',
};

function remedyOf({ code }: NeutronError): string {
  return REMEDIES[code];
}

/** Extensions of Neutron that are used, and for what. The aliases are those of Neutron's API. */
const EXTENSIONS: readonly { alias: string; needed: boolean; use: string }[] = [
  { alias: 'binding', needed: true, use: 'netprov needs it to bind ports to nodes' },
  { alias: 'agent', needed: false, use: 'netprov needs it to wait for smart NICs' },
  { alias: 'provider', needed: false, use: 'netprov needs it to match NICs by physical network' },
  { alias: 'segment', needed: false, use: 'netprov needs it for routed networks' },
  { alias: 'extra_dhcp_opt', needed: false, use: 'netprov needs it to pass boot options by DHCP' },
  { alias: 'security-group', needed: false, use: 'the options *_network_security_groups need it' },
];

/**
 * Checks the connection and the extensions.
 *
 * @returns whether Neutron answers
 */
async function checkExtensions(client: NeutronClient, findings: Findings, signal: AbortSignal): Promise<boolean> {
  let found: Awaited<ReturnType<NeutronClient['extensions']>>;
  const before = Date.now();
  try {
    found = await client.extensions({ signal });
  } catch (error) {
    if (!(error instanceof NeutronError)) throw error;
    findings.problem('connection', reasonOf(error), remedyOf(error));
    return false;
  }
  findings.ok('connection', 'Neutron answers and accepts the credentials');
  // The Date header has whole seconds, cut off. Half a second is added for the average.
  if (found.date !== null) tellClock('Neutron', found.date.getTime() + 500, (before + Date.now()) / 2, findings);
  const missing = EXTENSIONS.filter(({ alias }) => !found.aliases.includes(alias));
  for (const { alias, needed, use } of missing) {
    const what = `Neutron has no extension ${alias}: ${use}`;
    if (needed)
      findings.problem(
        'extensions',
        what,
        'use the core plug-in ml2 with a mechanism driver that binds bare-metal ports',
      );
    else
      findings.warning('extensions', what, 'load the extension if you need this: service_plugins, extension_drivers');
  }
  if (missing.length === 0) findings.ok('extensions', 'Neutron has all extensions that netprov uses');
  return true;
}

/**
 * Checks the networks of the configuration.
 *
 * @returns the id of one that exists; null: none exists
 */
async function checkNetworks(
  client: NeutronClient,
  { config }: DoctorContext,
  findings: Findings,
  signal: AbortSignal,
): Promise<string | null> {
  const set = MANAGEMENT_NETWORK_TYPES.flatMap((type): [string, string][] => {
    const value = config[`${type}_network`];
    return value === null ? [] : [[`${type}_network`, value]];
  });
  const visible = await visibleNetworks(
    client,
    set.map(([, value]) => value),
    { signal },
  );
  let one: string | null = null;
  for (const [option, value] of set) {
    const networks = visible.get(value) ?? [];
    const [network] = networks;
    if (network === undefined) {
      findings.problem(
        'networks',
        `${option} is "${value}", but Neutron shows no such network`,
        `create the network, correct ${option}, or give the credentials the admin role so that they can see it`,
      );
    } else if (networks.length > 1) {
      const ids = networks.map(({ id }) => id).join(', ');
      findings.problem(
        'networks',
        `${option} is "${value}", but several networks have this name: ${ids}`,
        `set ${option} to the id of one of them`,
      );
    } else {
      findings.ok('networks', `${option} is "${value}", and the network exists`);
      one ??= network.id;
    }
  }
  return one;
}

async function checkSecurityGroups(
  client: NeutronClient,
  { config }: DoctorContext,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  for (const type of MANAGEMENT_NETWORK_TYPES) {
    const option = `${type}_network_security_groups` as const;
    const wanted = config[option];
    const found = new Set((await client.listSecurityGroups(wanted, { signal })).map(({ id }) => id));
    const missing = wanted.filter((id) => !found.has(id));
    if (missing.length === 0) continue;
    findings.problem(
      'security_groups',
      `${option} names ${missing.join(', ')}, which Neutron does not show`,
      `create them, or correct ${option}`,
    );
  }
}

async function checkPermissions(
  client: NeutronClient,
  network: string,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const missing = await missingPermissions(client, network, { signal });
  if (missing.length === 0) findings.ok('permissions', 'the credentials may create bare-metal ports');
  else {
    findings.problem('permissions', `the credentials lack permissions: ${missing.join(', ')}`, PERMISSIONS_REMEDY);
  }
}

/** Most nodes whose agents are checked. */
const NODES = 500;
/** Type of the agents that networking-baremetal's driver needs to bind ports. Source: its ironic-neutron-agent. */
const AGENT_TYPE = 'Baremetal Node';

/** Checks whether every node has an agent. networking-baremetal's ML2 driver needs one to bind ports. */
async function checkAgents(
  client: NeutronClient,
  context: DoctorContext,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const nodes = await nodesOnRecord(context);
  if (nodes === null || nodes.length === 0) {
    findings.ok('agents', 'agents were not checked: no node is on record');
    return;
  }
  const agents = (await client.listAgents(nodes, { signal })).filter(({ agent_type }) => agent_type === AGENT_TYPE);
  const dead = agents.filter(({ alive }) => !alive).map(({ host }) => host);
  const none = nodes.filter((node) => !agents.some(({ host }) => host === node));
  if (dead.length > 0) {
    findings.warning(
      'agents',
      `the agents of ${some(dead)} are not alive: networking-baremetal's driver cannot bind their ports`,
      "start ironic-neutron-agent, and check that it reaches Ironic and Neutron's RabbitMQ",
    );
  }
  if (none.length > 0) {
    findings.warning(
      'agents',
      `Neutron has no agent of type ${AGENT_TYPE} for ${some(none)}: networking-baremetal's driver cannot bind their ports`,
      'start ironic-neutron-agent; nothing to do if another ML2 driver binds the ports, such as networking-generic-switch',
    );
  }
  if (dead.length + none.length === 0) {
    findings.ok('agents', `each of ${nodes.length} nodes on record has a living agent of type ${AGENT_TYPE}`);
  }
}

/** UUIDs of the nodes in the database; null: it cannot be read, which another check reports. */
async function nodesOnRecord({ openDatabase }: DoctorContext): Promise<string[] | null> {
  let dataSource: DataSource;
  try {
    dataSource = await openDatabase();
  } catch {
    return null;
  }
  try {
    return await pageOfNodes(dataSource.manager, {}, '', NODES);
  } catch {
    return null;
  } finally {
    await dataSource.destroy();
  }
}

function some(nodes: readonly string[]): string {
  const named = nodes.slice(0, 3).join(', ');
  return nodes.length === 1 ? `node ${named}` : `${nodes.length} nodes (${named}${nodes.length > 3 ? ', ...' : ''})`;
}
