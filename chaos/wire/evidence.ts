import type { OperationResult } from '../../src/index.js';
import type { Counted } from '../../testkit/wire/flood.js';
import type { Judge } from '../../testkit/wire/judge.js';
import type { Move, Walker } from '../../testkit/wire/moves.js';
import type { PortSetting } from '../../testkit/wire/open-vswitch.js';
import type { LimitName } from './kinds.js';
import type { PlannedRound } from './plan.js';

/** One cast of a node. Times are in milliseconds since 1970. */
export interface MadeMove {
  node: string;
  move: Move;
  begin: number;
  end: number;
  /** Null: none came. */
  result: OperationResult | null;
  /** Whether the worker put switch ports on the quarantine network, by its log. */
  quarantined: boolean;
}

/** What was seen of a node at rest, after all its casts had their results. */
export interface Rest {
  made: MadeMove;
  /** After the moves that met the fault, or after the node was moved again to put right what the fault left. */
  after: 'fault' | 'remedy';
  /** The networks by the table port_bindings; sorted. */
  recorded: readonly string[];
  /** The ports that Neutron has bound to the node; sorted. */
  bound: readonly { network: string; status: string }[];
  /** The networks whose station answered a ping. */
  answered: readonly string[];
  /** The VLANs of its switch ports, in the order of its NICs; null: none. */
  vlans: readonly (number | null)[];
}

/** What others did to a node's network while no worker could see it: frames that went where they went by that. */
export interface Outside {
  limit: LimitName;
  /** The node whose frames this explains. Null: it explains those of every node. */
  node: string | null;
  /** The networks whose stations these frames came from or went to. Null in the list: another node. */
  reached: readonly (string | null)[];
  begin: number;
  end: number;
}

export interface MadeRound {
  planned: PlannedRound;
  begin: number;
  end: number;
  /** The moves, and then those that put right what the fault left. */
  moves: readonly MadeMove[];
  rests: readonly Rest[];
  outside: readonly Outside[];
}

/** Everything that was seen in a run on the wire. */
export interface WireEvidence {
  seed: number;
  walkers: readonly Walker[];
  vlans: Readonly<Record<string, number>>;
  judge: Judge;
  rounds: readonly MadeRound[];
  counted: Counted;
  settings: readonly PortSetting[];
}
