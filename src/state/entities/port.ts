import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';

import type { JsonObject } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** A port (NIC) of a node, as the last task that was seen, or an operator since, described it. */
@Entity({ name: 'ports' })
export class PortRow {
  @PrimaryColumn({ type: 'char', length: 36 })
  uuid!: string;

  @Index('ports_node')
  @Column({ type: 'char', length: 36 })
  node_uuid!: string;

  @Index('ports_address')
  @Column({ type: 'char', length: 17 })
  address!: string;

  @Index('ports_portgroup')
  @Column({ type: 'char', length: 36, nullable: true })
  portgroup_uuid!: string | null;

  @Column({ type: 'boolean', nullable: true })
  pxe_enabled!: boolean | null;

  @JsonColumn()
  local_link_connection!: JsonObject;

  @Column({ type: 'varchar', length: 255, nullable: true })
  physical_network!: string | null;

  @Column({ type: 'boolean', nullable: true })
  is_smartnic!: boolean | null;

  @JsonColumn()
  internal_info!: JsonObject;

  @JsonColumn()
  extra!: JsonObject;

  /** What else operators say of a port: of the API alone, no task speaks of it. */
  @Index('ports_name')
  @Column({ type: 'varchar', length: 255, nullable: true })
  name!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  description!: string | null;

  @Column({ type: 'varchar', length: 32, nullable: true })
  vendor!: string | null;

  @Column({ type: 'varchar', length: 80, nullable: true })
  category!: string | null;

  /** NULL: true, as of a port that nobody has said it of. */
  @Column({ type: 'boolean', nullable: true })
  available_for_dynamic_portgroup!: boolean | null;

  @CreateDateColumn({ type: 'datetime', precision: 6 })
  created_at!: Date;

  @UpdateDateColumn({ type: 'datetime', precision: 6 })
  updated_at!: Date;
}
