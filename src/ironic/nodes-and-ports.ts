import { z } from 'zod';

import type { OpenStackService } from '../openstack/auth.js';

/** Ironic's names in our configuration and in Keystone's catalog. */
export const IRONIC: OpenStackService = { name: 'ironic', type: 'baremetal', versionPath: '/v1' };

/**
 * The version of Ironic's API with which we ask: that of Ironic 16.1 (2021), which has every field that we read. Every
 * later Ironic still accepts it.
 */
export const API_VERSION = '1.66';

/** A node in Ironic's API. It also has the fields of the contract that describe a node. */
export const IronicNode = z.looseObject({
  uuid: z.string(),
  name: z.string().nullable(),
  network_interface: z.string().nullable(),
  /** The conductor that has the node's exclusive lock. */
  reservation: z.string().nullable(),
  /** The conductor that has the node. Null: no conductor that is alive has it. */
  conductor: z.string().nullable(),
});
export type IronicNode = z.infer<typeof IronicNode>;

/** A port or portgroup in Ironic's API. It also has the fields of the contract that describe it. */
const IronicPart = z.looseObject({
  uuid: z.string(),
  node_uuid: z.string(),
  internal_info: z.record(z.string(), z.unknown()).nullable(),
});
export type IronicPart = z.infer<typeof IronicPart>;

/** The lists of Ironic's API: the path, the schema of an item, and the fields to ask for. */
export const LISTS = {
  // Ironic 21.4 refuses to list the field conductor by its name, so all fields are read.
  nodes: { path: '/v1/nodes/detail', schema: IronicNode, fields: [] },
  ports: {
    path: '/v1/ports',
    schema: IronicPart,
    fields: [
      ...['uuid', 'node_uuid', 'address', 'portgroup_uuid', 'pxe_enabled', 'local_link_connection'],
      ...['physical_network', 'is_smartnic', 'internal_info', 'extra'],
    ],
  },
  portgroups: {
    path: '/v1/portgroups',
    schema: IronicPart,
    fields: [
      ...['uuid', 'node_uuid', 'name', 'address', 'mode', 'properties', 'standalone_ports_supported'],
      ...['internal_info', 'extra'],
    ],
  },
} as const;
