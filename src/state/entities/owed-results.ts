import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** The results that the owner of a queue owes for the casts of one commit. */
@Entity({ name: 'owed_results' })
export class OwedResultsRow {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: string;

  @Index('owed_results_queue')
  @Column({ type: 'varchar', length: 255 })
  queue!: string;

  /** JSON: a pair of ids for each end, the operation's and the end's. A text, so that the server need not parse it. */
  @Column({ type: 'mediumtext' })
  ends!: string;

  @Column({ type: 'datetime', precision: 6 })
  committed_at!: Date;
}
