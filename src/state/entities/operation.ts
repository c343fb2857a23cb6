import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

import type { NetworkType } from '../../contract/methods.js';
import type { OperationStatus } from '../../contract/result.js';
import type { OperationResult } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** One cast or call, from receipt to outcome: deduplication key, audit record, and the answer to a repeat. */
@Entity({ name: 'operations' })
@Index('operations_node', ['node_uuid', 'started_at'])
@Index('operations_owed', ['owed_to'])
@Index('operations_finished', ['finished_at'])
@Index('operations_started', [
  'started_at',
  'id',
  'method',
  'conductor_host',
  'network_provider',
  'network_type',
  'status',
])
@Index('operations_request', ['request_id'])
export class OperationRow {
  /** The message's _unique_id. */
  @PrimaryColumn({ type: 'varchar', length: 64 })
  id!: string;

  @Column({ type: 'varchar', length: 8 })
  kind!: 'call' | 'cast';

  @Column({ type: 'varchar', length: 64 })
  method!: string;

  /** Null where the method is about no type of network. */
  @Column({ type: 'varchar', length: 32, nullable: true })
  network_type!: NetworkType | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  network_provider!: string | null;

  /** Null when the request did not name a node. */
  @Column({ type: 'char', length: 36, nullable: true })
  node_uuid!: string | null;

  /** The conductor host whose queue the message came from; null: the queue of any host. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  conductor_host!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  request_id!: string | null;

  @Column({ type: 'varchar', length: 16 })
  status!: OperationStatus;

  /**
   * How often it was begun: more than 1 after a redelivery, or a transient fault. Always 1 where the provider changes
   * nothing outside.
   */
  @Column({ type: 'int', unsigned: true, default: 1 })
  attempts!: number;

  /** While it is under way, why it is tried again; then, why it failed. */
  @Column({ type: 'text', nullable: true })
  last_error!: string | null;

  @JsonColumn({ nullable: true })
  result!: OperationResult | null;

  @Column({ type: 'datetime', precision: 6 })
  started_at!: Date;

  @Column({ type: 'datetime', precision: 6, nullable: true })
  finished_at!: Date | null;

  /** Under which epoch of its queue (queue_owners) it ended. */
  @Column({ type: 'bigint', unsigned: true, nullable: true })
  epoch!: string | null;

  /** The queue whose owner still owes the result of this cast to whoever listens; null: delivered, or a call. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  owed_to!: string | null;

  /**
   * Which of its ends is on record, where it has ended more than once: it was done again. Null: the first, which has the
   * operation's id.
   */
  @Column({ type: 'varchar', length: 64, nullable: true })
  end_id!: string | null;

  /** The reason of the dead letter that its message is still to become; null: none, or RabbitMQ has it. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  owed_letter!: string | null;

  /** The encoding of the request, and so of the result: a content type; null: JSON. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  content_type!: string | null;

  /** How often a worker began it and did not come back to say how it went: it may have died of it. */
  @Column({ type: 'int', unsigned: true, default: 0 })
  begun!: number;

  /** How often that was while nothing else ran in the worker. */
  @Column({ type: 'int', unsigned: true, default: 0 })
  tried_alone!: number;

  /** Ids of those begins that begun counts, with commas between them: none is counted twice. Null: there are none. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  open_begins!: string | null;
}
