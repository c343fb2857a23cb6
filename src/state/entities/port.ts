import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';

import type { JsonObject, Port } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** A port (NIC) of a node, as the node's last task described it, or an operator after that. */
@Entity({ name: 'ports' })
export class PortRow implements Port {
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

  /** Only the API sets the fields from here to `available_for_dynamic_portgroup`; tasks do not have them. */
  @Index('ports_name')
  @Column({ type: 'varchar', length: 255, nullable: true })
  name!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  description!: string | null;

  @Column({ type: 'varchar', length: 32, nullable: true })
  vendor!: string | null;

  @Column({ type: 'varchar', length: 80, nullable: true })
  category!: string | null;

  /** NULL means true: nobody has set it. */
  @Column({ type: 'boolean', nullable: true })
  available_for_dynamic_portgroup!: boolean | null;

  @CreateDateColumn({ type: 'datetime', precision: 6 })
  created_at!: Date;

  @UpdateDateColumn({ type: 'datetime', precision: 6 })
  updated_at!: Date;
}
