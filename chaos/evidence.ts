import type { OperationResult } from '../src/contract/types.js';
import type { NeutronPort } from '../src/neutron/resources.js';
import type { DoneFault } from './faults/injector.js';
import type { NetworkKind } from './place/place.js';
import type { SeenLetter, SeenResult } from './place/results-queue.js';
import type { Plan } from './plan/types.js';

/** How a driver sent a cast, and whether RabbitMQ confirmed it. */
export interface SentCast {
  /** Milliseconds since the epoch; null if it was not sent, or for `confirmed` if no confirm came. */
  sent: number | null;
  confirmed: number | null;
  /** How often its message was sent again. */
  repeats: number;
}

/** How a driver sent a bad letter, and whether RabbitMQ confirmed it. */
export interface SentLetter {
  confirmed: boolean;
  repeats: number;
}

/** A row of the table operations. */
export interface OperationRow {
  id: string;
  request_id: string | null;
  node_uuid: string | null;
  method: string;
  status: string;
  attempts: number;
  last_error: string | null;
  result: OperationResult | null;
  started_at: Date;
  finished_at: Date | null;
}

/** One write of a result to the table operations, as noted by the database's trigger. */
export interface WrittenOutcome {
  /** Rises with each write. */
  seq: number;
  operation_id: string;
  /** Time by the database's clock. */
  written_at: Date;
}

/** A row of the table port_bindings. */
export interface BindingRow {
  node_uuid: string;
  network_type: string;
  neutron_port_id: string;
}

/** One line of a worker's log. */
export interface LogLine {
  worker: string;
  text: string;
}

/** A text that must not appear anywhere, and its description. */
export interface Secret {
  what: string;
  value: string;
}

/** Everything that a run leaves when all of it has ended. The checks examine it. */
export interface Evidence {
  plan: Plan;
  networks: Record<NetworkKind, string>;
  /** The tenant's Neutron port for each NIC, by the NIC's UUID. */
  vifs: ReadonlyMap<string, string>;
  /** Sent casts by request id. */
  casts: ReadonlyMap<string, SentCast>;
  /** Sent letters by id. */
  letters: ReadonlyMap<string, SentLetter>;
  operations: readonly OperationRow[];
  written: readonly WrittenOutcome[];
  bindings: readonly BindingRow[];
  results: readonly SeenResult[];
  deadLetters: readonly SeenLetter[];
  /** All Neutron ports on the run's networks or bound to one of its nodes. */
  ports: readonly NeutronPort[];
  logs: readonly LogLine[];
  secrets: readonly Secret[];
  faults: readonly DoneFault[];
  /** How often another worker, or another channel, took over a host's queue. */
  takeovers: number;
}
