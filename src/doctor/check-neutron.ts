import type { DataSource } from 'typeorm';

import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import { NeutronClient } from '../neutron/client.js';
import { missingPermissions, visibleNetworks } from '../neutron/permissions.js';
import { OpenStackError } from '../openstack/errors.js';
import { pageOfNodes } from '../state/index.js';
import type { DoctorContext, Findings } from './finding.js';
import { CLOCK_RULES, clockFacts } from './rules/clock-rules.js';
import {
  AGENT_RULES,
  AGENT_TYPE,
  ANSWER_RULES,
  EXTENSION_RULES,
  NETWORK_RULES,
  NEUTRON_CONNECTION_RULES,
  NO_ENDPOINT_RULES,
  PERMISSION_RULES,
  REMOVAL_RULES,
  SECURITY_GROUP_RULES,
} from './rules/neutron-rules.js';

/** Checks Neutron: connection, credentials, clock, extensions, networks, security groups, permissions and agents. */
export async function checkNeutron(context: DoctorContext, findings: Findings, signal: AbortSignal): Promise<void> {
  const { neutron } = context.config;
  if (neutron.auth_type === 'none' && neutron.endpoint_override === null) {
    findings.first(NO_ENDPOINT_RULES, null);
    return;
  }
  const client = new NeutronClient(neutron);
  try {
    if (!(await checkExtensions(client, findings, signal))) return;
    const network = await checkNetworks(client, context, findings, signal);
    await checkSecurityGroups(client, context, findings, signal);
    if (network !== null) await checkPermissions(client, network, findings, signal);
    await checkNodes(client, context, findings, signal);
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    findings.first(ANSWER_RULES, error);
  } finally {
    await client.close();
  }
}

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
    if (!(error instanceof OpenStackError)) throw error;
    findings.first(NEUTRON_CONNECTION_RULES, error);
    return false;
  }
  findings.first(NEUTRON_CONNECTION_RULES, null);
  // The Date header has whole seconds, cut off. Half a second is added for the average.
  if (found.date !== null) {
    findings.first(CLOCK_RULES, clockFacts('Neutron', found.date.getTime() + 500, (before + Date.now()) / 2));
  }
  findings.every(EXTENSION_RULES, found.aliases);
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
  const set = ([...MANAGEMENT_NETWORK_TYPES, 'quarantine'] as const).flatMap((type): [string, string][] => {
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
    const ids = (visible.get(value) ?? []).map(({ id }) => id);
    findings.first(NETWORK_RULES, { option, value, ids });
    if (ids.length === 1) one ??= ids[0] ?? null;
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
    findings.first(SECURITY_GROUP_RULES, { option, missing });
  }
}

async function checkPermissions(
  client: NeutronClient,
  network: string,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  findings.first(PERMISSION_RULES, await missingPermissions(client, network, { signal }));
}

/** Most nodes whose agents and ports are checked. */
const NODES = 500;

/**
 * Checks whether every node has an agent, which networking-baremetal's ML2 driver needs to bind ports; and whether a
 * removal is proven, given the drivers that have bound the nodes' ports.
 */
async function checkNodes(
  client: NeutronClient,
  context: DoctorContext,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const nodes = (await nodesOnRecord(context)) ?? [];
  const agents = nodes.length === 0 ? [] : await client.listAgents(nodes, { signal });
  const ours = agents.filter(({ agent_type }) => agent_type === AGENT_TYPE);
  const dead = ours.filter(({ alive }) => !alive).map(({ host }) => host);
  const none = nodes.filter((node) => !ours.some(({ host }) => host === node));
  findings.every(AGENT_RULES, { nodes: nodes.length, dead, none });
  const drivers = nodes.length === 0 ? [] : await client.boundDrivers(nodes, { signal });
  findings.first(REMOVAL_RULES, { drivers, quarantine: context.config.quarantine_network });
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
