import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { JsonColumn } from './json-column.js';

/** Something that an operator had done through the REST API. */
@Entity({ name: 'operator_actions' })
export class OperatorActionRow {
  @PrimaryColumn({ type: 'char', length: 36 })
  id!: string;

  @Column({ type: 'varchar', length: 32 })
  kind!: string;

  /** Who asked for it: Keystone's id of the user, or the name in the password file. Null: nobody had to log in. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  user_id!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  user_name!: string | null;

  /** The project that the user acted for. Null: none, or the whole system. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  project_id!: string | null;

  @Column({ type: 'varchar', length: 255 })
  request_id!: string;

  /** What was asked for. */
  @JsonColumn()
  request!: object;

  /** running, done or failed. */
  @Column({ type: 'varchar', length: 16 })
  status!: string;

  /** How much is done, and of how much. A null total: not known yet. */
  @Column({ type: 'int', unsigned: true, default: 0 })
  done!: number;

  @Column({ type: 'int', unsigned: true, nullable: true })
  total!: number | null;

  /** JSON: what came of it. A text, so that the server need not parse it. */
  @Column({ type: 'mediumtext', nullable: true })
  report!: string | null;

  @Column({ type: 'text', nullable: true })
  error!: string | null;

  @Index('operator_actions_started')
  @Column({ type: 'datetime', precision: 6 })
  started_at!: Date;

  /** When the process that does it last said so. */
  @Column({ type: 'datetime', precision: 6 })
  seen_at!: Date;

  @Column({ type: 'datetime', precision: 6, nullable: true })
  finished_at!: Date | null;
}
