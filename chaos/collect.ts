import { readFileSync } from 'node:fs';

import mysql from 'mysql2/promise';

import type { OperationResult } from '../src/contract/types.js';
import type { NeutronPort } from '../src/neutron/resources.js';
import type { BindingRow, Evidence, LogLine, OperationRow, WrittenOutcome } from './evidence.js';
import type { Place } from './place/place.js';

/** The evidence that only the run itself has. */
export type Witnessed = Pick<Evidence, 'plan' | 'casts' | 'letters' | 'secrets' | 'faults'>;

type Read = <T>(statement: string) => Promise<T[]>;

/** Reads the database, Neutron, the queues and the logs, without using any code of the workers. */
export async function collect(place: Place, witnessed: Witnessed): Promise<Evidence> {
  const { networks, vifs, results } = place;
  return {
    ...witnessed,
    networks: { cleaning: networks.cleaning.id, provisioning: networks.provisioning.id, tenant: networks.tenant.id },
    vifs,
    ...(await readDatabase(place.database.connection)),
    results: await results.takeAll(),
    deadLetters: await results.takeLetters(),
    ports: await readPorts(place, witnessed),
    logs: place.members.flatMap(({ worker }) => readLog(worker.name, worker.log)),
  };
}

async function readDatabase(url: string): Promise<Pick<Evidence, 'operations' | 'written' | 'bindings' | 'takeovers'>> {
  const connection = await mysql.createConnection({ uri: url, timezone: 'Z' });
  const read: Read = async <T>(statement: string) => (await connection.query(statement))[0] as T[];
  try {
    const operations = await read<OperationRow & { result: string | OperationResult | null }>(
      'SELECT * FROM operations ORDER BY started_at',
    );
    return {
      operations: operations.map((row) => ({ ...row, result: parsed(row.result) })),
      written: await read<WrittenOutcome>('SELECT seq, operation_id, written_at FROM chaos_outcomes ORDER BY seq'),
      bindings: await read<BindingRow>('SELECT node_uuid, network_type, neutron_port_id FROM port_bindings'),
      takeovers: await readTakeovers(read),
    };
  } finally {
    await connection.end();
  }
}

/** MariaDB returns JSON as text, MySQL as a value. */
function parsed(result: string | OperationResult | null): OperationResult | null {
  return typeof result === 'string' ? (JSON.parse(result) as OperationResult) : result;
}

/**
 * The epoch of a queue rises when another worker, or another channel, takes it over. The first epoch is no takeover.
 */
async function readTakeovers(read: Read): Promise<number> {
  const [row] = await read<{ takeovers: string | number | null }>(
    "SELECT SUM(epoch - 1) AS takeovers FROM queue_owners WHERE queue LIKE '%.chaos-conductor-%'",
  );
  return Number(row?.takeovers ?? 0);
}

/** All ports on the run's networks, and all ports bound to its nodes on any network. No other run uses this Neutron. */
async function readPorts({ neutron, networks }: Place, { plan }: Witnessed): Promise<NeutronPort[]> {
  const { ports } = await neutron.api<{ ports: NeutronPort[] }>('GET', 'ports');
  const own = new Set(Object.values(networks).map(({ id }) => id));
  const nodes = new Set(plan.nodes.map(({ uuid }) => uuid));
  return ports.filter((port) => own.has(port.network_id) || nodes.has(port['binding:host_id']));
}

function readLog(worker: string, file: string): LogLine[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((text) => text !== '').map((text) => ({ worker, text }));
}
