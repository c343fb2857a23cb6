import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { progress } from '../comparison/progress.js';
import { playRounds, roundName } from '../comparison/rounds.js';
import { ratio } from '../comparison/statistics.js';
import { atLeast, type Target } from '../comparison/target.js';
import { fill, NODES, USUAL_CASTS } from '../drain/casts.js';
import { declareHostQueues, declareResultsQueues } from '../drain/queues.js';
import { drainFilled, WORKER } from '../drain/recorded-drains.js';
import type { Cost } from '../processes/run.js';
import { withLargeBufferPool } from './buffer-pool.js';
import { fillDatabase, type Fullness, nodeUuid } from './full-database.js';
import type { ScaleOptions } from './options.js';
import { type Point, pointOf } from './points.js';

export interface FullnessPoint extends Fullness, Point {
  /** Median over the rounds of the ratio between its rate and that of an empty database in the same round. */
  ratio: number;
}

/** The parts of the full size that are measured. */
const PARTS = [0, 0.1, 1];
/** Casts that are drained first, so that there are rows to copy. */
const FIRST_CASTS = 10;

/** Drains with databases that have more and more nodes and finished operations. */
export function measureFullness(options: ScaleOptions, signal: AbortSignal): Promise<FullnessPoint[]> {
  return withLargeBufferPool(() => drainAll(options, signal));
}

async function drainAll(
  { nodes, operations, casts, rounds }: ScaleOptions,
  signal: AbortSignal,
): Promise<FullnessPoint[]> {
  const databases = new Map<number, TestDatabase>();
  try {
    for (const part of PARTS) {
      databases.set(part, await openDatabase({ nodes: nodes * part, operations: operations * part }, signal));
    }
    const measured = await playRounds({
      rounds,
      warmUp: false,
      scenarios: ['fullness'],
      contestants: PARTS.map((part) => `${part}`),
      play: async (_, name, round) => {
        const part = Number(name);
        process.stderr.write(`${roundName(round, rounds)}: database at ${part * 100} %: ${casts} casts ... `);
        const cost = await drainInto(databases.get(part), { nodes: nodes * part, casts }, signal);
        process.stderr.write(`${cost.seconds.toFixed(2)} s\n`);
        return cost;
      },
      tell: () => undefined,
      signal,
    });
    return PARTS.map((part) => {
      const seconds = (of: number) => (round: (typeof measured)[number]) => round.results[`${of}`]?.seconds ?? NaN;
      const costs = measured.flatMap(({ results }) => results[`${part}`] ?? []).map((cost) => ({ ...cost, casts }));
      const size = { nodes: nodes * part, operations: operations * part };
      return { ...size, ...pointOf(costs), ratio: ratio(measured, seconds(0), seconds(part)) };
    });
  } finally {
    for (const database of databases.values()) await database.drop();
  }
}

async function openDatabase(fullness: Fullness, signal: AbortSignal): Promise<TestDatabase> {
  const database = await createDatabase();
  try {
    await drainInto(database, { nodes: 0, casts: FIRST_CASTS }, signal);
    const total = fullness.nodes + fullness.operations;
    if (total > 0) {
      await fillDatabase(database.dataSource, fullness, signal, progress('rows are in the database', total));
    }
    return database;
  } catch (error) {
    await database.drop();
    throw error;
  }
}

async function drainInto(
  database: TestDatabase | undefined,
  { nodes, casts }: { nodes: number; casts: number },
  signal: AbortSignal,
): Promise<Cost> {
  if (database === undefined) throw new Error('a database that was not made');
  const broker = await TestBroker.create();
  try {
    await declareHostQueues(broker);
    await declareResultsQueues(broker);
    await fill(broker, casts, signal, { ...USUAL_CASTS, nodes: someNodes(nodes) });
    return await drainFilled(WORKER, { broker, database, casts }, signal);
  } finally {
    await broker.drop();
  }
}

/** Nodes from all over the table. */
function someNodes(nodes: number): string[] {
  if (nodes < NODES) return [];
  const step = Math.floor(nodes / NODES);
  return Array.from({ length: NODES }, (_, index) => nodeUuid(index * step, nodes));
}

export function fullnessTargets(points: readonly FullnessPoint[]): Target[] {
  const full = points.at(-1);
  if (full === undefined) return [];
  const sizes = `${full.nodes.toLocaleString('en-US')} nodes and ${full.operations.toLocaleString('en-US')} operations`;
  return [atLeast(0.9, `casts/s with ${sizes} in the database`, 'an empty database', full.ratio)];
}
