import { Column, Entity, PrimaryColumn } from 'typeorm';
import { JsonColumn } from './json-column.js';

/** A worker that runs, as the others see it. */
@Entity({ name: 'workers' })
export class WorkerRow {
  /** Chosen anew by each process. */
  @PrimaryColumn({ type: 'char', length: 36 })
  id!: string;

  /** For people: its machine and process. */
  @Column({ type: 'varchar', length: 255 })
  name!: string;

  /** The queues that it consumes, and how often it has begun to consume each. */
  @JsonColumn()
  queues!: Record<string, number>;

  /** Goes up while it lives. Whoever sees it stand still counts the worker as dead: no clock is compared. */
  @Column({ type: 'bigint', unsigned: true, default: 0 })
  beat!: string;

  @Column({ type: 'datetime', precision: 6 })
  started_at!: Date;
}
