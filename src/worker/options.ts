import type { DataSource } from 'typeorm';

import type { ExchangeOptions, QueueType, RpcConnection } from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import type { JournalOptions } from '../messages/journal.js';
import type { QueueStatus } from '../rpc/index.js';
import type { RetryLimits } from './attempts.js';
import type { WorkerMetrics } from './metrics.js';
import type { PoisonOptions } from './operation-record.js';
import type { Providers } from './provider-choice.js';

export interface WorkerOptions extends ExchangeOptions {
  /** Conductor hosts that the worker serves. */
  hosts: readonly string[];
  /** Version and commit, for people who look at the workers. Default: unknown. */
  build?: string;
  topic: string;
  queueType: QueueType;
  /** How much the journal keeps for a replay; null: there is no journal. */
  journal: JournalOptions | null;
  /** Most messages of one queue that the worker holds at once. */
  prefetch: number;
  /** Most bytes of message bodies that the worker holds at once, of all queues together. */
  maxHeldBytes: number;
  /** Whether the worker answers oslo_rpc_server_ping. */
  pingEnabled: boolean;
  maxMessageBytes: number;
  /** Milliseconds to wait for a missing reply queue. */
  missingReplyTimeout: number;
  defaultNetworkProvider: string;
  retry: RetryLimits;
  /** Most operations that providers work on at once; the others wait for their turn. */
  maxOperations: number;
  /** Most operations that are committed in one transaction. */
  groupSize: number;
  /** Whether every operation is done step by step, in no batch: see Batches. Default: false. */
  stepByStep?: boolean;
  /** Milliseconds for which a worker may act for a queue after it asked the database and was confirmed as the owner. */
  lease: number;
  poison: PoisonOptions;
  /** Seconds for which an unanswered request may still take effect in Neutron: see needsRepair. */
  lateWindow: number;
  /** Seconds after which a committed result is delivered (again) if no delivery of it is on record. */
  owedAfter: number;
  /** Seconds for which the records of ended operations are kept; null: for ever. */
  keepOperations: number | null;
  /** Milliseconds that running operations have to finish when the worker stops, or hands a queue over. */
  shutdownTimeout: number;
}

/** The connections and services that a worker uses. The caller opens and closes them. */
export interface WorkerParts {
  /** Consumes. Separate from `publisher`, because a broker that is short of memory stops reading from publishers. */
  consumer: RpcConnection;
  publisher: RpcConnection;
  dataSource: DataSource;
  /** The same database on a connection of its own, so that no other work of the worker delays its leases. */
  leases: DataSource;
  providers: Providers;
  /** Default: metrics are dropped. */
  metrics?: WorkerMetrics;
  log: Logger;
}

/** The current state of a worker. */
export interface WorkerStatus {
  /** How many messages were taken and are not settled yet. */
  messages: number;
  /** How many nodes have operations here, running or waiting. */
  lanes: number;
  /** How many operations a network provider works on now. */
  running: number;
  queues: (QueueStatus & {
    /** Whether this worker acts for the queue: it got messages from the queue, and its lease holds. */
    owned: boolean;
  })[];
  /** Name of the queue for dead letters. */
  deadLetterQueue: string;
}

export interface Readiness {
  ready: boolean;
  /** What is missing, one phrase each; empty when ready. */
  reasons: string[];
}
