import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

import type { NetworkType } from '../../contract/methods.js';
import type { OperationStatus } from '../../contract/result.js';
import type { OperationResult } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** One cast or call, from receipt to outcome: deduplication key, audit record, and the answer to a repeat. */
@Entity({ name: 'operations' })
@Index('operations_id', ['id'], { unique: true })
@Index('operations_node', ['node_uuid', 'started_at'])
@Index('operations_owed', ['owed_to'])
@Index('operations_finished', ['finished_at'])
@Index('operations_started', [
  'started_at',
  'seq',
  'method',
  'conductor_host',
  'network_provider',
  'network_type',
  'status',
])
@Index('operations_request', ['request_id'])
export class OperationRow {
  /** The order in which operations were first recorded. The table is a log: rows are added at its end. */
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  seq!: string;

  /** The message's _unique_id. */
  @Column({ type: 'varchar', length: 64 })
  id!: string;

  @Column({ type: 'varchar', length: 8 })
  kind!: 'call' | 'cast';

  @Column({ type: 'varchar', length: 64 })
  method!: string;

  /** Null if the method is not about one network type. */
  @Column({ type: 'varchar', length: 32, nullable: true })
  network_type!: NetworkType | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  network_provider!: string | null;

  /** Null if the request did not name a node. */
  @Column({ type: 'char', length: 36, nullable: true })
  node_uuid!: string | null;

  /** The conductor host whose queue had the message. Null: it came from the any-host or the fanout queue. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  conductor_host!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  request_id!: string | null;

  @Column({ type: 'varchar', length: 16 })
  status!: OperationStatus;

  /**
   * How often it was begun: more than 1 after a redelivery or a transient fault, and 0 while it waits for the service
   * on which its provider depends. Always 1 if the provider changes nothing outside.
   */
  @Column({ type: 'int', unsigned: true, default: 1 })
  attempts!: number;

  /** While it is running: why it is being retried. After its end: why it failed. */
  @Column({ type: 'text', nullable: true })
  last_error!: string | null;

  @JsonColumn({ nullable: true })
  result!: OperationResult | null;

  @Column({ type: 'datetime', precision: 6 })
  started_at!: Date;

  @Column({ type: 'datetime', precision: 6, nullable: true })
  finished_at!: Date | null;

  /** The epoch of its queue (queue_owners) under which it ended. */
  @Column({ type: 'bigint', unsigned: true, nullable: true })
  epoch!: string | null;

  /**
   * The queue whose owner still owes the result of this cast to its listeners. Only workers of the version before set
   * it: this version stores what is owed in owed_results.
   */
  @Column({ type: 'varchar', length: 255, nullable: true })
  owed_to!: string | null;

  /**
   * Id of the stored end, if the operation was done again and ended more than once. Null: it is the first end, which
   * has the operation's id.
   */
  @Column({ type: 'varchar', length: 64, nullable: true })
  end_id!: string | null;

  /** The reason of the dead letter that its message must still become. Null: none, or RabbitMQ already has it. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  owed_letter!: string | null;

  /** The encoding of the request, and so of the result: a content type. Null: JSON. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  content_type!: string | null;

  /** How often a worker began it and did not report how it went. The operation may have crashed the worker. */
  @Column({ type: 'int', unsigned: true, default: 0 })
  begun!: number;

  /** How many of these begins happened while nothing else ran in the worker. */
  @Column({ type: 'int', unsigned: true, default: 0 })
  tried_alone!: number;

  /**
   * Ids of the begins that `begun` counts, separated by commas, so that none is counted twice. Null: there are none.
   */
  @Column({ type: 'varchar', length: 255, nullable: true })
  open_begins!: string | null;
}
