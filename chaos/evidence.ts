import type { OperationResult } from '../src/contract/types.js';
import type { NeutronPort } from '../src/neutron/resources.js';
import type { DoneFault } from './faults/injector.js';
import type { NetworkKind } from './place/place.js';
import type { SeenLetter, SeenResult } from './place/results-queue.js';
import type { Plan } from './plan/types.js';

/** What is known of a cast from the side of whoever sent it. */
export interface SentCast {
  /** Milliseconds since the epoch; null: it was not sent, or no confirm came. */
  sent: number | null;
  confirmed: number | null;
  /** How often its message was sent once more. */
  repeats: number;
}

/** The same of a letter. */
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

/** Once that a result was written to the table operations, as the database's trigger saw it. */
export interface WrittenOutcome {
  /** Rises with each. */
  seq: number;
  operation_id: string;
  /** By the database's clock. */
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

/** A text that must not be found, and what it is. */
export interface Secret {
  what: string;
  value: string;
}

/** All that is left of a run when everything has ended: what the checks look at. */
export interface Evidence {
  plan: Plan;
  networks: Record<NetworkKind, string>;
  /** Neutron's port that the tenant made for a NIC, by the NIC's UUID. */
  vifs: ReadonlyMap<string, string>;
  /** By request id. */
  casts: ReadonlyMap<string, SentCast>;
  /** By the letter's id. */
  letters: ReadonlyMap<string, SentLetter>;
  operations: readonly OperationRow[];
  written: readonly WrittenOutcome[];
  bindings: readonly BindingRow[];
  results: readonly SeenResult[];
  deadLetters: readonly SeenLetter[];
  /** Everything that Neutron has on the run's networks, or bound to one of its nodes. */
  ports: readonly NeutronPort[];
  logs: readonly LogLine[];
  secrets: readonly Secret[];
  faults: readonly DoneFault[];
  /** How often a host's queue went from one worker, or one channel, to another. */
  takeovers: number;
}
