import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A VIF that an operation attaches to a node now. When it has ended, what it attached is on record with the node. */
@Entity({ name: 'vif_claims' })
export class VifClaimRow {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  vif_id!: string;

  @Column({ type: 'char', length: 36 })
  node_uuid!: string;

  @Index('vif_claims_operation')
  @Column({ type: 'varchar', length: 64 })
  operation_id!: string;

  /** When it was claimed last: every attempt of the operation does so. */
  @Column({ type: 'datetime', precision: 6 })
  claimed_at!: Date;
}
