import type { QueueStatus } from '../rpc/index.js';

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
