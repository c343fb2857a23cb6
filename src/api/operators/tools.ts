import type { z } from 'zod';

import type { Finding } from '../../contract/types.js';
import type { NeutronNetworkDetails, NeutronPort } from '../../neutron/resources.js';
import type { DEAD_LETTER, FINDING, QUEUE } from './schemas.js';

export type ListedLetter = z.output<typeof DEAD_LETTER>;
export type HealthFinding = z.output<typeof FINDING>;
/** A queue, and what RabbitMQ says of it now. */
export type QueueAtNow = z.output<typeof QUEUE>;

/** Which dead letters are wanted: a letter must match all that are set. */
export interface LetterFilter {
  ids?: readonly string[] | undefined;
  reason?: string | undefined;
  /** Conductor host whose queue the letter came from. */
  conductor?: string | undefined;
  node?: string | undefined;
  method?: string | undefined;
}

/** Letters that were sent back to their queues or removed, and those that stay, with the reason. */
export interface LettersDone {
  done: string[];
  stayed: { id: string; why: string }[];
}

/**
 * The queue of dead letters. While one caller reads it, others see no letters, so calls wait for each other. All throw
 * the broker's errors, such as ConnectionLost.
 */
export interface LetterTools {
  /** The oldest letters that match, at most `limit`. `more`: there are others. */
  list(filter: LetterFilter, limit: number): Promise<{ letters: ListedLetter[]; more: boolean }>;
  /** The letters with this id: several if their bodies are equal. */
  show(id: string): Promise<object[]>;
  /** @param force whether to requeue also letters that would come back */
  requeue(ids: readonly string[], force: boolean): Promise<LettersDone>;
  drop(ids: readonly string[]): Promise<LettersDone>;
}

/** How far an action is. A null total: not known yet. */
export interface Progress {
  done: number;
  total: number | null;
}

/** What an action is done with. */
export interface ActionContext {
  /** OpenStack's id of the request. */
  requestId: string;
  tell: (progress: Progress) => void;
  /** Aborted when the API stops. */
  signal: AbortSignal;
}

/** Which entries of the journal to replay. */
export interface ReplayWanted {
  from: number | Date | 'first';
  to: number | Date | null;
  conductor?: string | undefined;
  node?: string | undefined;
  method?: string | undefined;
  failedOnly: boolean;
  latestPerNode: boolean;
  force: boolean;
  /** Most requests per second; null: as fast as RabbitMQ takes them. */
  rate: number | null;
}

/** Which nodes to compare with Neutron. All if neither is set. */
export interface ReconciliationWanted {
  nodes?: readonly string[] | undefined;
  conductors?: readonly string[] | undefined;
}

/** What Neutron has of a node. */
export interface NodeInNeutron {
  ports: NeutronPort[];
  networks: NeutronNetworkDetails[];
  /** What differs from the record. */
  findings: Finding[];
}

/** What operators can have done. The API's routes use it; the service makes it of the parts that the commands use. */
export interface OperatorTools {
  letters: LetterTools;
  /** Runs all checks of netprov doctor, for the conductor hosts with these queues. */
  examine(conductors: readonly string[]): Promise<HealthFinding[]>;
  /**
   * Plans a replay, and carries it out if it is not only a trial.
   *
   * @returns the report
   * @throws the broker's and the database's errors; ApiError 409 when there is no journal
   */
  replay(wanted: ReplayWanted, isTrial: boolean, context: ActionContext): Promise<object>;
  /** Compares nodes with Neutron, and has the workers repair differences if it is not only a trial. */
  reconcile(wanted: ReconciliationWanted, isTrial: boolean, context: ActionContext): Promise<object>;
  /** Asks Neutron about a node. @throws OpenStackError */
  nodeInNeutron(node: { uuid: string; devices: readonly string[]; ports: readonly string[] }): Promise<NodeInNeutron>;
  /** The names of networks by id; null: not known. It never rejects. */
  networkNames(ids: readonly string[]): Promise<ReadonlyMap<string, string | null>>;
  /** The depths of the queues of these conductor hosts, of any host, and of dead letters. @throws ConnectionLost */
  queues(conductors: readonly string[]): Promise<QueueAtNow[]>;
}
