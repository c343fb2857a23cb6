import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The worker that acts for a queue: a conductor host's queue, the any-host queue, or the fanout queue. */
@Entity({ name: 'queue_owners' })
export class QueueOwnerRow {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  queue!: string;

  /** Increases by one with each new owner. A commit under an older epoch is refused. */
  @Column({ type: 'bigint', unsigned: true })
  epoch!: string;

  /** Null: the last owner has ended all its work and released the queue. */
  @Index('queue_owners_worker')
  @Column({ type: 'char', length: 36, nullable: true })
  worker_id!: string | null;

  /**
   * Number of commits. Each commit must write this row to check the epoch. If it only read the row, Galera would let it
   * pass although a new owner takes the queue on another node at the same time.
   */
  @Column({ type: 'bigint', unsigned: true, default: 0 })
  commits!: string;

  @Column({ type: 'datetime', precision: 6 })
  taken_at!: Date;

  /**
   * The longest time, in milliseconds, for which an owner since the last release may act without asking whether it
   * still owns the queue. Null: a worker of an older version, which does not set it, took the queue.
   */
  @Column({ type: 'int', unsigned: true, nullable: true })
  lease!: number | null;
}
