import { randomUUID } from 'node:crypto';

import type { DataSource, EntityManager } from 'typeorm';

import { Loop } from '../../src/async/loop.js';
import { putManyNodes } from '../../testkit/fixtures/many-nodes.js';

/** Milliseconds between two batches of moves. */
const EVERY = 100;
/** Milliseconds from the begin of a move to its end. */
const LASTS = 1000;
/** Nodes that are put in their places with one statement. */
const AT_ONCE = 500;
const HOST = 'conductor-1';
const TENANTS = [randomUUID(), randomUUID(), randomUUID()] as const;

/** The moves of a node, which it repeats in this order. Type and network say where the node is after the move. */
const STEPS: readonly { method: string; type: string; network: string | readonly string[] | null }[] = [
  { method: 'add_cleaning_network', type: 'cleaning', network: randomUUID() },
  { method: 'remove_cleaning_network', type: 'cleaning', network: null },
  { method: 'add_provisioning_network', type: 'provisioning', network: randomUUID() },
  { method: 'configure_tenant_networks', type: 'tenant', network: TENANTS },
  { method: 'unconfigure_tenant_networks', type: 'tenant', network: null },
];

interface Move {
  id: string;
  node: string;
  /** Where the node is in its life: a place in STEPS. */
  step: number;
  began: number;
}

/**
 * Simulates workers: writes into the database what workers write when nodes move, as many moves a second as are wanted.
 * Neither RabbitMQ nor Neutron takes part.
 */
export class SimulatedMoves {
  /** Moves that have ended so far. */
  ended = 0;
  readonly #steps = new Map<string, number>();
  readonly #nodes: readonly string[];
  #next = 0;
  #running: Move[] = [];
  #loop: Loop | null = null;
  #failure: unknown = null;

  private constructor(
    private readonly dataSource: DataSource,
    nodes: readonly string[],
  ) {
    this.#nodes = nodes;
    nodes.forEach((node, index) => this.#steps.set(node, index % STEPS.length));
  }

  /** Puts nodes on record, each somewhere in its life, so that as many nodes come to a network as leave it. */
  static async open(dataSource: DataSource, nodes: number): Promise<SimulatedMoves> {
    await putManyNodes(dataSource, nodes);
    const rows = await dataSource.query<{ uuid: string }[]>('SELECT uuid FROM nodes ORDER BY uuid');
    const moves = new SimulatedMoves(
      dataSource,
      rows.map(({ uuid }) => uuid),
    );
    for (let moved = 0; moved < nodes; moved += AT_ONCE) {
      await moves.#begin(dataSource.manager, Math.min(AT_ONCE, nodes - moved));
      await moves.#end(dataSource.manager, 0);
    }
    return moves;
  }

  /** @param rate moves a second */
  start(rate: number): void {
    const began = performance.now();
    let begun = 0;
    this.#loop = new Loop(
      async () => {
        const due = Math.floor((rate * (performance.now() - began)) / 1000) - begun;
        begun += due;
        await this.dataSource.transaction(async (manager) => {
          await this.#end(manager, LASTS);
          await this.#begin(manager, due);
        });
      },
      {
        first: 0,
        interval: () => EVERY,
        onError: (error) => {
          this.#failure ??= error;
        },
      },
    );
    this.#loop.start();
  }

  /** @throws what a batch threw */
  async stop(): Promise<void> {
    await this.#loop?.stop();
    if (this.#failure !== null) throw this.#failure as Error;
  }

  /** Begins moves of the nodes whose turn it is, and that are not moving. */
  async #begin(manager: EntityManager, count: number): Promise<void> {
    const busy = new Set(this.#running.map(({ node }) => node));
    const moves: Move[] = [];
    for (let tried = 0; moves.length < count && tried < this.#nodes.length; tried++) {
      const node = this.#nodes[this.#next++ % this.#nodes.length] ?? '';
      if (busy.has(node)) continue;
      const step = ((this.#steps.get(node) ?? -1) + 1) % STEPS.length;
      this.#steps.set(node, step);
      moves.push({ id: randomUUID(), node, step, began: performance.now() });
    }
    if (moves.length === 0) return;
    const now = new Date();
    const rows = moves.map(({ id, node, step }) => {
      const { method, type } = STEPS[step] ?? {};
      return [id, 'cast', method, type, node, 'neutron', HOST, `req-${id}`, 'running', 1, now];
    });
    await manager.query(
      `INSERT INTO operations (id, kind, method, network_type, node_uuid, network_provider, conductor_host, request_id,
         status, attempts, started_at) VALUES ?`,
      [rows],
    );
    this.#running.push(...moves);
  }

  /** Ends the moves that have lasted long enough: the nodes are then on their new networks. */
  async #end(manager: EntityManager, lasts: number): Promise<void> {
    const over = this.#running.filter(({ began }) => performance.now() - began >= lasts);
    if (over.length === 0) return;
    const now = new Date();
    await manager.query("UPDATE operations SET status = 'succeeded', finished_at = ? WHERE id IN (?)", [
      now,
      over.map(({ id }) => id),
    ]);
    await manager.query('DELETE FROM port_bindings WHERE node_uuid IN (?)', [over.map(({ node }) => node)]);
    const bindings = over.flatMap((move, index) => bindingOf(move, index, now));
    if (bindings.length > 0) {
      await manager.query(
        `INSERT INTO port_bindings (node_uuid, network_type, network_provider, operation_id, port_uuid, neutron_port_id,
           network_id, host_id, vnic_type, vif_type, status, mac_address, fixed_ips, profile, bound_at) VALUES ?`,
        [bindings],
      );
    }
    const ended = new Set(over);
    this.#running = this.#running.filter((move) => !ended.has(move));
    this.ended += over.length;
  }
}

/** The row of the binding that a move makes; none if the node is then on no network. */
function bindingOf({ id, node, step }: Move, index: number, now: Date): unknown[][] {
  const { type, network = null } = STEPS[step] ?? {};
  if (network === null) return [];
  const networkId = typeof network === 'string' ? network : network[index % network.length];
  const port = ['h', 'baremetal', 'other', 'ACTIVE', '52:54:00:00:00:01', '[]', '{}', now];
  return [[node, type, 'neutron', id, randomUUID(), randomUUID(), networkId, ...port]];
}
