import type { MethodName } from '../../src/contract/methods.js';
import type { FaultKind } from '../faults/kinds.js';
import type { Answer, PLUGIN } from './answers.js';
import type { LetterKindName } from './letters.js';

/** A NIC of a planned node. */
export interface PlannedNic {
  uuid: string;
  address: string;
}

export interface PlannedNode {
  uuid: string;
  name: string;
  /** The conductor host that casts for it. */
  host: string;
  client: 'python' | 'amqplib';
  provider: 'none' | 'neutron' | typeof PLUGIN;
  nics: PlannedNic[];
}

/** The required outcome of a cast, if every earlier cast of the node was done before it and no later one. */
export interface Expectation {
  status: 'succeeded' | 'failed';
  /** Error class of a failed cast. */
  error: string | null;
  /** The reason of the dead letter that it leaves; null if it leaves none. */
  letter: string | null;
  /** The NICs that then have a Neutron port on the method's network; null if the method has no network. */
  bound: string[] | null;
  /** The VIFs that are then attached, by their NICs; null if the method does not return them. */
  vifs: Record<string, string> | null;
}

export interface PlannedCast {
  /** The request_id in the RPC context. It identifies the cast everywhere. */
  requestId: string;
  node: string;
  /** Number of the cast among those of the node, counted from 0. */
  seq: number;
  /**
   * When it is sent, in milliseconds after the first possible cast, provided that the node's earlier casts are
   * accepted.
   */
  at: number;
  method: MethodName;
  /** The arguments apart from the task. */
  args: Record<string, unknown>;
  /** Whether the task's ports have VIFs attached, as Ironic attaches them before it deploys a node. */
  withVifs: boolean;
  /** The answer of the plug-in. */
  answer: Answer;
  /** How often the message is sent in a row: 2 for a duplicate. */
  copies: number;
  /** Number of an older cast of the node whose message is sent again after this one; null for none. */
  replay: number | null;
  expected: Expectation;
}

/** A message that cannot become an operation and is sent on purpose. */
export interface PlannedLetter {
  /** Value of the message's header chaos-letter. */
  id: string;
  at: number;
  host: string;
  kind: LetterKindName;
  /** The expected reason in the dead letter. */
  reason: string;
}

export interface PlannedFault {
  id: number;
  kind: FaultKind;
  /** Begin in milliseconds after the start of the casts. It is delayed while another fault of its slot is under way. */
  at: number;
  /** Duration in milliseconds. */
  lasts: number;
  /** The affected worker; null for all workers. */
  worker: number | null;
  /** UUID of the node whose switch is affected; null if the fault affects no switch. */
  node: string | null;
  /** Seed for random choices while the fault lasts. */
  seed: number;
}

/** Everything that is drawn from the seed before anything starts. */
export interface Plan {
  seed: number;
  /** Milliseconds in which casts are sent and faults begin. */
  duration: number;
  hosts: string[];
  nodes: PlannedNode[];
  /** Sorted by `at`. */
  casts: PlannedCast[];
  letters: PlannedLetter[];
  faults: PlannedFault[];
}
