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
  /** Conductor hosts that are served. */
  hosts: readonly string[];
  topic: string;
  queueType: QueueType;
  /** How much of what comes is kept for a replay; null: nothing. */
  journal: JournalOptions | null;
  /** Most messages of one queue that are held here at once. */
  prefetch: number;
  /** Most bytes of their bodies that are held, of all queues together. */
  maxHeldBytes: number;
  /** Whether oslo_rpc_server_ping is answered. */
  pingEnabled: boolean;
  maxMessageBytes: number;
  /** Milliseconds for which a missing reply queue is waited for. */
  missingReplyTimeout: number;
  defaultNetworkProvider: string;
  retry: RetryLimits;
  /** Most operations that are with their provider at once; the others wait for their turn. */
  maxOperations: number;
  /** Most operations that are committed in one transaction. */
  groupSize: number;
  /** Milliseconds for which a worker may act for a queue after the database confirmed that it has it. */
  lease: number;
  poison: PoisonOptions;
  /** Seconds for which a request whose answer was not seen may still take effect in Neutron. */
  lateWindow: number;
  /** Seconds after which a result is delivered that was committed, and of which it is not known that it was. */
  owedAfter: number;
  /** Seconds for which operations that ended are kept; null: for ever. */
  keepOperations: number | null;
  /** Milliseconds that running operations have to finish when the worker stops, or hands a queue over. */
  shutdownTimeout: number;
}

/** What a worker works with. It opens none of them, and closes none but what it opened on them. */
export interface WorkerParts {
  /** Consumes. Apart from the publishing one, since a broker short of memory stops reading from publishers. */
  consumer: RpcConnection;
  publisher: RpcConnection;
  dataSource: DataSource;
  /** The same database, on a connection of its own: no other work of the worker holds up its leases. */
  leases: DataSource;
  providers: Providers;
  /** Default: nobody is told. */
  metrics?: WorkerMetrics;
  log: Logger;
}

/** What a worker has at the moment. */
export interface WorkerStatus {
  /** Messages that were taken and are not settled. */
  messages: number;
  /** Nodes that have operations here, running or waiting. */
  lanes: number;
  /** Operations that are with their network provider. */
  running: number;
  queues: (QueueStatus & {
    /** Whether this worker acts for the queue: it got messages of it, and its lease holds. */
    owned: boolean;
  })[];
  /** The queue that dead letters go to. */
  deadLetterQueue: string;
}

export interface Readiness {
  ready: boolean;
  /** What is missing, a sentence each; empty when ready. */
  reasons: string[];
}
