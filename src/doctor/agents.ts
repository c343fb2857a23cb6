import type { DataSource } from 'typeorm';

import type { NeutronClient } from '../neutron/client.js';
import { pageOfNodes } from '../state/index.js';
import type { Findings } from './finding.js';
import type { Patient } from './patient.js';

/** Most nodes on record whose agents are looked for. */
const NODES = 500;
/** What networking-baremetal's driver binds ports by. Source: its ironic-neutron-agent. */
const AGENT_TYPE = 'Baremetal Node';

/** Whether an agent stands on each node on record, as networking-baremetal's ML2 driver wants it before it binds. */
export async function checkAgents(
  client: NeutronClient,
  patient: Patient,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const nodes = await nodesOnRecord(patient);
  if (nodes === null || nodes.length === 0) {
    findings.ok('agents', 'agents were not looked for: no node is on record');
    return;
  }
  const agents = (await client.listAgents(nodes, { signal })).filter(({ agent_type }) => agent_type === AGENT_TYPE);
  const dead = agents.filter(({ alive }) => !alive).map(({ host }) => host);
  const none = nodes.filter((node) => !agents.some(({ host }) => host === node));
  if (dead.length > 0) {
    findings.warning(
      'agents',
      `the agents of ${some(dead)} are not alive: networking-baremetal's driver binds none of their ports`,
      'start ironic-neutron-agent, and see that it reaches Ironic and the RabbitMQ of Neutron',
    );
  }
  if (none.length > 0) {
    findings.warning(
      'agents',
      `no agent of type ${AGENT_TYPE} stands on ${some(none)}: networking-baremetal's driver binds none of their ports`,
      'start ironic-neutron-agent; nothing is to be done where another ML2 driver binds them, such as networking-generic-switch',
    );
  }
  if (dead.length + none.length === 0) {
    findings.ok('agents', `a living agent of type ${AGENT_TYPE} stands on each of ${nodes.length} nodes on record`);
  }
}

/** UUIDs; null: the database cannot be read, which is told elsewhere. */
async function nodesOnRecord({ openDatabase }: Patient): Promise<string[] | null> {
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
