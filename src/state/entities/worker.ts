import { Column, Entity, PrimaryColumn } from 'typeorm';

import { JsonColumn } from './json-column.js';

/** A running worker, as the other workers see it. */
@Entity({ name: 'workers' })
export class WorkerRow {
  /** A new id for each process. */
  @PrimaryColumn({ type: 'char', length: 36 })
  id!: string;

  /** The machine and process, for people to read. */
  @Column({ type: 'varchar', length: 255 })
  name!: string;

  /** The queues that it consumes, and for each how often it has begun to consume it. */
  @JsonColumn()
  queues!: Record<string, number>;

  /**
   * Increases as long as the worker lives. If it stops, other workers count this one as dead. They compare no clocks.
   */
  @Column({ type: 'bigint', unsigned: true, default: 0 })
  beat!: string;

  @Column({ type: 'datetime', precision: 6 })
  started_at!: Date;

  /** Version and commit. NULL: a worker of an older version. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  build!: string | null;

  /** When it last increased its beat, by the database's clock: for people. NULL: a worker of an older version. */
  @Column({ type: 'datetime', precision: 6, nullable: true })
  seen_at!: Date | null;
}
