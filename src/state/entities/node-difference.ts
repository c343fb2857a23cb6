import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A node that differed from its record when somebody last compared it with Neutron, without a repair. */
@Entity({ name: 'node_differences' })
export class NodeDifferenceRow {
  @PrimaryColumn({ type: 'char', length: 36 })
  node_uuid!: string;

  /** When the comparison began to look at the node. */
  @Column({ type: 'datetime', precision: 6 })
  found_at!: Date;
}
