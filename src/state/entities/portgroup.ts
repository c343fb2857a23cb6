import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

import type { JsonObject } from '../../contract/types.js';

/** A portgroup (LAG) of a node, as the last task that was seen described it. */
@Entity({ name: 'portgroups' })
export class PortgroupRow {
  @PrimaryColumn({ type: 'char', length: 36 })
  uuid!: string;

  @Index('portgroups_node')
  @Column({ type: 'char', length: 36 })
  node_uuid!: string;

  @Column({ type: 'varchar', length: 255, nullable: true })
  name!: string | null;

  @Column({ type: 'char', length: 17, nullable: true })
  address!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  mode!: string | null;

  @Column({ type: 'json' })
  properties!: JsonObject;

  @Column({ type: 'boolean', nullable: true })
  standalone_ports_supported!: boolean | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  physical_network!: string | null;

  @Column({ type: 'json' })
  internal_info!: JsonObject;

  @Column({ type: 'json' })
  extra!: JsonObject;
}
