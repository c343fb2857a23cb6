import type { MigrationInterface, QueryRunner } from 'typeorm';

// Binary collation: message ids and names are told apart by every letter. JSON is an alias of LONGTEXT on MariaDB and a
// type of its own on MySQL 8; both take the same text.
const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const NODES = `
  CREATE TABLE nodes (
    uuid CHAR(36) NOT NULL,
    name VARCHAR(255) NULL,
    conductor_host VARCHAR(255) NULL,
    instance_uuid CHAR(36) NULL,
    driver_info JSON NOT NULL,
    instance_info JSON NOT NULL,
    task_digest CHAR(64) NOT NULL,
    created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    PRIMARY KEY (uuid)
  ) ${TABLE_OPTIONS}`;

const PORTGROUPS = `
  CREATE TABLE portgroups (
    uuid CHAR(36) NOT NULL,
    node_uuid CHAR(36) NOT NULL,
    name VARCHAR(255) NULL,
    address CHAR(17) NULL,
    mode VARCHAR(255) NULL,
    properties JSON NOT NULL,
    standalone_ports_supported BOOLEAN NULL,
    physical_network VARCHAR(255) NULL,
    internal_info JSON NOT NULL,
    extra JSON NOT NULL,
    PRIMARY KEY (uuid),
    KEY portgroups_node (node_uuid),
    CONSTRAINT portgroups_node_fk FOREIGN KEY (node_uuid) REFERENCES nodes (uuid) ON DELETE CASCADE
  ) ${TABLE_OPTIONS}`;

const PORTS = `
  CREATE TABLE ports (
    uuid CHAR(36) NOT NULL,
    node_uuid CHAR(36) NOT NULL,
    address CHAR(17) NOT NULL,
    portgroup_uuid CHAR(36) NULL,
    pxe_enabled BOOLEAN NULL,
    local_link_connection JSON NOT NULL,
    physical_network VARCHAR(255) NULL,
    is_smartnic BOOLEAN NULL,
    internal_info JSON NOT NULL,
    extra JSON NOT NULL,
    PRIMARY KEY (uuid),
    KEY ports_node (node_uuid),
    CONSTRAINT ports_node_fk FOREIGN KEY (node_uuid) REFERENCES nodes (uuid) ON DELETE CASCADE
  ) ${TABLE_OPTIONS}`;

const PORT_BINDINGS = `
  CREATE TABLE port_bindings (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    node_uuid CHAR(36) NOT NULL,
    network_type VARCHAR(32) NOT NULL,
    network_provider VARCHAR(255) NOT NULL,
    operation_id VARCHAR(64) NOT NULL,
    port_uuid CHAR(36) NULL,
    portgroup_uuid CHAR(36) NULL,
    neutron_port_id CHAR(36) NOT NULL,
    network_id CHAR(36) NOT NULL,
    host_id VARCHAR(255) NOT NULL,
    vnic_type VARCHAR(64) NOT NULL,
    vif_type VARCHAR(64) NOT NULL,
    status VARCHAR(16) NOT NULL,
    mac_address VARCHAR(32) NOT NULL,
    fixed_ips JSON NOT NULL,
    profile JSON NOT NULL,
    bound_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (id),
    UNIQUE KEY port_bindings_neutron_port (node_uuid, network_type, neutron_port_id),
    CONSTRAINT port_bindings_node_fk FOREIGN KEY (node_uuid) REFERENCES nodes (uuid) ON DELETE CASCADE
  ) ${TABLE_OPTIONS}`;

// No foreign key to nodes: the row is the audit record of a request, also of one that names a node nobody knows.
const OPERATIONS = `
  CREATE TABLE operations (
    id VARCHAR(64) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    method VARCHAR(64) NOT NULL,
    network_type VARCHAR(32) NOT NULL,
    network_provider VARCHAR(255) NULL,
    node_uuid CHAR(36) NULL,
    conductor_host VARCHAR(255) NULL,
    request_id VARCHAR(255) NULL,
    status VARCHAR(16) NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 1,
    last_error TEXT NULL,
    result JSON NULL,
    started_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY operations_node (node_uuid, started_at)
  ) ${TABLE_OPTIONS}`;

/** Makes the tables of the node provider state. */
export class CreateTables1763800000000 implements MigrationInterface {
  readonly name = 'CreateTables1763800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [NODES, PORTGROUPS, PORTS, PORT_BINDINGS, OPERATIONS]) await queryRunner.query(table);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['operations', 'port_bindings', 'ports', 'portgroups', 'nodes']) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
  }
}
