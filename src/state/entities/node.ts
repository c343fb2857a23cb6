import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';

import type { JsonObject, Vif } from '../../contract/types.js';
import { JsonColumn } from './json-column.js';

/** A node as the last task that was seen, or an operator since, described it. */
@Entity({ name: 'nodes' })
export class NodeRow {
  @PrimaryColumn({ type: 'char', length: 36 })
  uuid!: string;

  @Index('nodes_name')
  @Column({ type: 'varchar', length: 255, nullable: true })
  name!: string | null;

  /** "none", "neutron" or a plug-in's name; null: the option default_network_provider. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  network_provider!: string | null;

  /** The conductor host whose queue the last operation came from; null: the queue of any host. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  conductor_host!: string | null;

  @Index('nodes_instance')
  @Column({ type: 'char', length: 36, nullable: true })
  instance_uuid!: string | null;

  /** Only the keys that are not secret: see node-store.ts. */
  @JsonColumn()
  driver_info!: JsonObject;

  @JsonColumn()
  instance_info!: JsonObject;

  @Index('nodes_provision_state')
  @Column({ type: 'varchar', length: 255, nullable: true })
  provision_state!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  boot_interface!: string | null;

  /** Whether the boot interface has Ironic's capability pxe_boot; null: its name tells. */
  @Column({ type: 'boolean', nullable: true })
  pxe_boot!: boolean | null;

  @JsonColumn({ nullable: true })
  network_data!: JsonObject | null;

  /** What vif_attach attached and is attached still: a later task need not speak of it. */
  @JsonColumn({ nullable: true })
  attached_vifs!: Vif[] | null;

  /** SHA-256 of the task on record, in hexadecimal: whether a task differs is told without reading it back. */
  @Column({ type: 'char', length: 64 })
  task_digest!: string;

  /**
   * Until then, a request whose answer nobody saw may take effect in Neutron; after it, once more has to be looked. Null:
   * nothing of the kind is out.
   */
  @Index('nodes_late')
  @Column({ type: 'datetime', precision: 6, nullable: true })
  late_until!: Date | null;

  /** Ironic's driver, and what else operators keep on a node: of the API alone, no task speaks of it. */
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

  /** Keystone's id of the project that owns the node; null: none does. Of the API alone, no task speaks of it. */
  @Index('nodes_owner')
  @Column({ type: 'varchar', length: 255, nullable: true })
  owner!: string | null;

  /** Keystone's id of the project that has the node on lease; null: none has. Of the API alone, as the owner. */
  @Index('nodes_lessee')
  @Column({ type: 'varchar', length: 255, nullable: true })
  lessee!: string | null;

  @CreateDateColumn({ type: 'datetime', precision: 6 })
  created_at!: Date;

  @UpdateDateColumn({ type: 'datetime', precision: 6 })
  updated_at!: Date;
}
