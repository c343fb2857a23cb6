import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';

import type { JsonObject, Node, Vif } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** A node as its last task described it, or an operator after that. */
@Entity({ name: 'nodes' })
export class NodeRow implements Omit<Node, 'network_data'> {
  @PrimaryColumn({ type: 'char', length: 36 })
  uuid!: string;

  @Index('nodes_name')
  @Column({ type: 'varchar', length: 255, nullable: true })
  name!: string | null;

  /** "none", "neutron" or the name of another provider. Null: the option default_network_provider. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  network_provider!: string | null;

  /** The conductor host whose queue had the last operation. Null: it came from the any-host or the fanout queue. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  conductor_host!: string | null;

  @Index('nodes_instance')
  @Column({ type: 'char', length: 36, nullable: true })
  instance_uuid!: string | null;

  /** Only the keys in KEPT, because others may be secret: see task-record.ts. */
  @JsonColumn()
  driver_info!: JsonObject;

  @JsonColumn()
  instance_info!: JsonObject;

  @Index('nodes_provision_state')
  @Column({ type: 'varchar', length: 255, nullable: true })
  provision_state!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  boot_interface!: string | null;

  /** Whether the boot interface has Ironic's capability pxe_boot. Null: decide by the interface's name. */
  @Column({ type: 'boolean', nullable: true })
  pxe_boot!: boolean | null;

  @JsonColumn({ nullable: true })
  network_data!: JsonObject | null;

  /** The VIFs that vif_attach attached and that are still attached. A later task need not mention them. */
  @JsonColumn({ nullable: true })
  attached_vifs!: Vif[] | null;

  /** SHA-256 of the stored task, in hexadecimal. It shows whether a new task differs without reading the stored one. */
  @Column({ type: 'char', length: 64 })
  task_digest!: string;

  /**
   * Until this time, an unanswered request may take effect in Neutron. After it, the node needs one last repair. Null:
   * there are no unanswered requests.
   */
  @Index('nodes_late')
  @Column({ type: 'datetime', precision: 6, nullable: true })
  late_until!: Date | null;

  /** Ironic's driver. Only the API sets the fields from here to `lessee`; tasks do not have them. */
  @Index('nodes_driver')
  @Column({ type: 'varchar', length: 255, nullable: true })
  driver!: string | null;

  @JsonColumn({ nullable: true })
  properties!: JsonObject | null;

  @JsonColumn({ nullable: true })
  extra!: JsonObject | null;

  @Index('nodes_resource_class')
  @Column({ type: 'varchar', length: 80, nullable: true })
  resource_class!: string | null;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  /** Keystone's id of the project that owns the node. Null: no project owns it. */
  @Index('nodes_owner')
  @Column({ type: 'varchar', length: 255, nullable: true })
  owner!: string | null;

  /** Keystone's id of the project that leases the node. Null: no project leases it. */
  @Index('nodes_lessee')
  @Column({ type: 'varchar', length: 255, nullable: true })
  lessee!: string | null;

  @CreateDateColumn({ type: 'datetime', precision: 6 })
  created_at!: Date;

  @UpdateDateColumn({ type: 'datetime', precision: 6 })
  updated_at!: Date;
}
