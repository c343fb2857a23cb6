import { randomUUID } from 'node:crypto';

/** A locally administered MAC address that no other test uses. */
export function randomMac(): string {
  const bytes = randomUUID().replaceAll('-', '').slice(0, 10).match(/../g) ?? [];
  return ['52', ...bytes].join(':');
}

/** Each sample is on a switch port of its own. */
let switchPorts = 0;

/** A port (NIC) as a conductor would send it, in a plain dict. */
export function samplePort(
  fields: Record<string, unknown> = {},
): Record<string, unknown> & { uuid: string; address: string } {
  return {
    uuid: randomUUID(),
    address: randomMac(),
    pxe_enabled: true,
    local_link_connection: {
      switch_id: '00:11:22:33:44:55',
      port_id: `Ethernet1/${++switchPorts}`,
      switch_info: 'tor-1',
    },
    physical_network: 'physnet1',
    internal_info: {},
    extra: {},
    ...fields,
  };
}

/** A node with two NICs, as a conductor would send it, in plain dicts. */
export function sampleTask(node: Record<string, unknown> = {}): {
  node: Record<string, unknown> & { uuid: string };
  ports: ReturnType<typeof samplePort>[];
  portgroups: Record<string, unknown>[];
} {
  return {
    node: { uuid: randomUUID(), name: 'node-1', driver_info: {}, instance_info: {}, ...node },
    ports: [samplePort(), samplePort()],
    portgroups: [],
  };
}

/** The same task as Ironic's versioned objects put it on the wire. */
export function versioned(name: string, data: object): object {
  return {
    'ironic_object.name': name,
    'ironic_object.namespace': 'ironic',
    'ironic_object.version': '1.10',
    'ironic_object.data': data,
    'ironic_object.changes': [],
  };
}
