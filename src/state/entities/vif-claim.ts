import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A VIF that a running operation attaches to a node. When the operation has ended, the VIF is stored with the node. */
@Entity({ name: 'vif_claims' })
export class VifClaimRow {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  vif_id!: string;

  @Column({ type: 'char', length: 36 })
  node_uuid!: string;

  @Index('vif_claims_operation')
  @Column({ type: 'varchar', length: 64 })
  operation_id!: string;

  /** When it was last claimed. Every attempt of the operation claims it again. */
  @Column({ type: 'datetime', precision: 6 })
  claimed_at!: Date;
}
