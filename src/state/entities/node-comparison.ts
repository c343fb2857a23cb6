import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What the newest comparison of a node with Neutron found, when it was made without a repair. A node that no comparison
 * has found to differ has none.
 */
@Entity({ name: 'node_comparisons' })
export class NodeComparisonRow {
  @PrimaryColumn({ type: 'char', length: 36 })
  node_uuid!: string;

  @Column({ type: 'boolean' })
  differs!: boolean;

  /** When the comparison began to look at the node. */
  @Column({ type: 'datetime', precision: 6 })
  compared_at!: Date;
}
