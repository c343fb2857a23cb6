import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';

import type { JsonObject, Portgroup } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** A portgroup (LAG) of a node, as the node's last task described it, or an operator after that. */
@Entity({ name: 'portgroups' })
export class PortgroupRow implements Portgroup {
  @PrimaryColumn({ type: 'char', length: 36 })
  uuid!: string;

  @Index('portgroups_node')
  @Column({ type: 'char', length: 36 })
  node_uuid!: string;

  @Index('portgroups_name')
  @Column({ type: 'varchar', length: 255, nullable: true })
  name!: string | null;

  @Index('portgroups_address')
  @Column({ type: 'char', length: 17, nullable: true })
  address!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  mode!: string | null;

  @JsonColumn()
  properties!: JsonObject;

  @Column({ type: 'boolean', nullable: true })
  standalone_ports_supported!: boolean | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  physical_network!: string | null;

  @JsonColumn()
  internal_info!: JsonObject;

  @JsonColumn()
  extra!: JsonObject;

  /** Only the API sets this field; tasks do not have it. */
  @Column({ type: 'varchar', length: 80, nullable: true })
  category!: string | null;

  @CreateDateColumn({ type: 'datetime', precision: 6 })
  created_at!: Date;

  @UpdateDateColumn({ type: 'datetime', precision: 6 })
  updated_at!: Date;
}
