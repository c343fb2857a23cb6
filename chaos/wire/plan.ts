import { PARKED } from '../../testkit/wire/judge.js';
import {
  atTenant,
  CLEANING,
  FROM_TENANT,
  type Move,
  PROVISIONING,
  RESCUING,
  TO_TENANT,
} from '../../testkit/wire/moves.js';
import { Random } from '../random.js';
import { WIRE_FAULT_KINDS, WIRE_KINDS, type WireFaultKind } from './kinds.js';

/** Each node makes a move, side by side with the others, and one fault meets them. */
export interface PlannedRound {
  id: number;
  /** Null: no fault. */
  kind: WireFaultKind | null;
  /** Milliseconds from the casts to the fault, where it comes during a move. */
  delay: number;
  /** Milliseconds that the fault lasts beyond its effect. */
  lasts: number;
  /** The node that a fault of one node is about. */
  node: string;
  /** The command that a switch refuses. */
  refused: string;
  /** For a node, or a port, that the fault makes. */
  uuid: string;
  mac: string;
  /** The move of each node, by its name. */
  moves: Readonly<Record<string, Move>>;
}

const CLEANS = 0.4;
const RESCUED = 0.5;
/** Commands by which networking-generic-switch's driver for Open vSwitch unplugs and plugs a port. */
const COMMANDS = ['clear port', 'vlan_mode=', 'tag='];

/** An endless life of a node: it is cleaned, or deployed, perhaps rescued, and taken back. */
function* life(random: Random): Generator<Move, never> {
  for (;;) {
    if (random.chance(CLEANS)) {
      yield* CLEANING;
      continue;
    }
    yield* [...PROVISIONING, TO_TENANT];
    while (random.chance(RESCUED)) yield* [FROM_TENANT, ...RESCUING, TO_TENANT];
    yield FROM_TENANT;
  }
}

/** Draws rounds from a seed, without an end: first each kind of fault once, then each as often as its weight says. */
export class Rounds {
  readonly #random: Random;
  readonly #lives: ReadonlyMap<string, Generator<Move, never>>;
  readonly #places = new Map<string, string>();
  readonly #deck: WireFaultKind[];
  #id = 0;

  constructor(
    seed: number,
    private readonly nodes: readonly string[],
    private readonly kinds: readonly WireFaultKind[] = WIRE_FAULT_KINDS,
  ) {
    this.#random = new Random(seed, 'faults');
    this.#lives = new Map(nodes.map((node) => [node, life(new Random(seed, node))]));
    this.#deck = this.#random.shuffle(kinds);
  }

  next(): PlannedRound {
    const tenants = this.nodes.filter((node) => this.#places.get(node) === 'tenant');
    const kind = this.#draw(tenants.length > 0);
    const node = this.#random.pick(kind === 'stray-port' ? tenants : this.nodes);
    const repaired = kind === 'stray-port' ? node : null;
    const moves = this.#moves(this.nodes, (name) => (name === repaired ? atTenant('reconcile', { fix: true }) : null));
    return this.#round(kind, node, moves);
  }

  /** Rounds without a fault until every node is parked. */
  *last(): Generator<PlannedRound> {
    for (;;) {
      const left = this.nodes.filter((node) => this.#place(node) !== PARKED);
      if (left.length === 0) return;
      yield this.#round(null, left[0] ?? '', this.#moves(left));
    }
  }

  /** @param isTenant whether a node is on its tenant's networks, which some faults need */
  #draw(isTenant: boolean): WireFaultKind | null {
    const fits = (kind: WireFaultKind): boolean => kind !== 'stray-port' || isTenant;
    if (!this.#deck.some(fits)) {
      const weighted = this.kinds.flatMap((kind) => Array.from({ length: WIRE_KINDS[kind].weight }, () => kind));
      this.#deck.push(...this.#random.shuffle(weighted));
    }
    const index = this.#deck.findIndex(fits);
    return index < 0 ? null : (this.#deck.splice(index, 1)[0] ?? null);
  }

  #round(kind: WireFaultKind | null, node: string, moves: Record<string, Move>): PlannedRound {
    const random = this.#random;
    return {
      id: this.#id++,
      kind,
      delay: random.int(0, 5000),
      lasts: random.int(0, 4000),
      node,
      refused: random.pick(COMMANDS),
      uuid: random.uuid(),
      mac: random.mac(),
      moves,
    };
  }

  #place(node: string): string {
    return this.#places.get(node) ?? PARKED;
  }

  #moves(nodes: readonly string[], instead: (node: string) => Move | null = () => null): Record<string, Move> {
    const moves: Record<string, Move> = {};
    for (const [node, moving] of this.#lives) {
      if (!nodes.includes(node)) continue;
      const move = instead(node) ?? moving.next().value;
      this.#places.set(node, move.after);
      moves[node] = move;
    }
    return moves;
  }
}
