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

/** What a cast must end with when every cast before it, of the same node, was done before it and nothing after. */
export interface Expectation {
  status: 'succeeded' | 'failed';
  /** Class of the error of one that fails. */
  error: string | null;
  /** The reason of the dead letter that it leaves; null: it leaves none. */
  letter: string | null;
  /** The NICs that have a Neutron port on the network of the method in the end; null: the method is about none. */
  bound: string[] | null;
  /** The VIFs that are attached then, by the NIC that has them; null: the method does not say. */
  vifs: Record<string, string> | null;
}

export interface PlannedCast {
  /** In the RPC context as request_id: by it a cast is known wherever it is seen. */
  requestId: string;
  node: string;
  /** Counts the casts of the node from 0. */
  seq: number;
  /** Milliseconds after the begin of the casts at which it is sent, when what comes before of this node is accepted. */
  at: number;
  method: MethodName;
  /** Arguments beside the task. */
  args: Record<string, unknown>;
  /** Whether the ports of the task have VIFs attached, as Ironic attaches them before it deploys a node. */
  withVifs: boolean;
  /** What the plug-in answers with. */
  answer: Answer;
  /** Times that the same message is sent in a row: 2 for a duplicate. */
  copies: number;
  /** Sequence number of an older cast of the node whose message is sent once more behind this one; null: of none. */
  replay: number | null;
  expected: Expectation;
}

/** A message that cannot become an operation, sent on purpose. */
export interface PlannedLetter {
  /** Stands in the message's header chaos-letter. */
  id: string;
  at: number;
  host: string;
  kind: LetterKindName;
  /** What the dead letter has to give as its reason. */
  reason: string;
}

export interface PlannedFault {
  id: number;
  kind: FaultKind;
  /** Milliseconds after the begin of the casts. It begins later when another fault of its slot is not over. */
  at: number;
  /** Milliseconds that it lasts. */
  lasts: number;
  /** Which worker it meets; null: all of them. */
  worker: number | null;
  /** UUID of the node whose switch it meets; null: it is about none. */
  node: string | null;
  /** For choices that are made while it lasts. */
  seed: number;
}

/** Everything that is drawn from the seed, before anything starts. */
export interface Plan {
  seed: number;
  /** Milliseconds within which casts are sent and faults begin. */
  duration: number;
  hosts: string[];
  nodes: PlannedNode[];
  /** Sorted by `at`. */
  casts: PlannedCast[];
  letters: PlannedLetter[];
  faults: PlannedFault[];
}
