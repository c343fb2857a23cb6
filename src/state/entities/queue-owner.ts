import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Which worker acts for a queue: a conductor host's, the any-host queue, or the fanout queue. */
@Entity({ name: 'queue_owners' })
export class QueueOwnerRow {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  queue!: string;

  /** One more for each new owner. A commit under an older one is refused. */
  @Column({ type: 'bigint', unsigned: true })
  epoch!: string;

  /** Null: the last owner has ended all it did, and released the queue. */
  @Index('queue_owners_worker')
  @Column({ type: 'char', length: 36, nullable: true })
  worker_id!: string | null;

  /**
   * Counts the commits. To check the epoch, a commit has to write this row: Galera lets a transaction that only read it
   * pass beside a new owner's on another node.
   */
  @Column({ type: 'bigint', unsigned: true, default: 0 })
  commits!: string;

  @Column({ type: 'datetime', precision: 6 })
  taken_at!: Date;

  /**
   * Milliseconds for which any owner since the last release may act without asking whether it is one still. Null: a worker
   * that knows nothing of it took the queue.
   */
  @Column({ type: 'int', unsigned: true, nullable: true })
  lease!: number | null;
}
