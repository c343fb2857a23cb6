import { Column, CreateDateColumn, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

import type { NetworkType } from '../../contract/methods.js';
import type { JsonObject, PortBinding } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** A current port binding: which Ironic port or portgroup has which Neutron port, and which operation made it. */
@Entity({ name: 'port_bindings' })
@Index('port_bindings_neutron_port', ['node_uuid', 'network_type', 'neutron_port_id'], { unique: true })
export class PortBindingRow implements PortBinding {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: string;

  @Column({ type: 'char', length: 36 })
  node_uuid!: string;

  @Column({ type: 'varchar', length: 32 })
  network_type!: NetworkType;

  /** The provider that made the binding. Only this provider can remove it. */
  @Column({ type: 'varchar', length: 255 })
  network_provider!: string;

  @Column({ type: 'varchar', length: 64 })
  operation_id!: string;

  @Column({ type: 'char', length: 36, nullable: true })
  port_uuid!: string | null;

  @Column({ type: 'char', length: 36, nullable: true })
  portgroup_uuid!: string | null;

  @Column({ type: 'char', length: 36 })
  neutron_port_id!: string;

  @Column({ type: 'char', length: 36 })
  network_id!: string;

  @Column({ type: 'varchar', length: 255 })
  host_id!: string;

  @Column({ type: 'varchar', length: 64 })
  vnic_type!: string;

  @Column({ type: 'varchar', length: 64 })
  vif_type!: string;

  @Column({ type: 'varchar', length: 16 })
  status!: string;

  @Column({ type: 'varchar', length: 32 })
  mac_address!: string;

  @JsonColumn()
  fixed_ips!: { subnet_id: string; ip_address: string }[];

  @JsonColumn()
  profile!: JsonObject;

  @CreateDateColumn({ type: 'datetime', precision: 6 })
  bound_at!: Date;
}
