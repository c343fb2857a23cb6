import { randomUUID } from 'node:crypto';

import { randomMac } from './samples.js';

type Verb = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Fields = Record<string, unknown>;

/** Who answers: a real Ironic, or `netprov api`. */
export const SIDES = ['ironic', 'netprov'] as const;
export type Side = (typeof SIDES)[number];

/** A request to both, and what is compared beside the status of the answers. */
export interface Asked {
  /** What differs is named by this. */
  title: string;
  method: Verb;
  path: string;
  body?: unknown;
  version?: string;
  /** A field of the answer. */
  shows?: string;
}

export interface Answered {
  status: number;
  /** The field that is compared; null: there is none, or the request was refused. */
  shown: unknown;
}

/** What both sides have, under the same UUIDs. */
export interface Known {
  node: string;
  nodeName: string;
  port: string;
  group: string;
  groupName: string;
}

const LONG = (length: number): string => 'x'.repeat(length);
const SWITCHES = [true, false, null, 'true', 'False', 'yes', 'off', ' 1 ', 'x', '', 0, 1, {}, []];
const OBJECTS = [null, {}, { a: 1 }, { a: { b: [1] } }, [], '', 'x', 1, true];
const TEXTS = [null, '', 'x', 'Ä', 'a b', LONG(255), LONG(256), 7, true, {}, []];
const UNKNOWN = '99999999-9999-4999-8999-999999999999';
const UUIDS = [null, '', 'x', 7, UNKNOWN, {}];
const NAMES = [null, '', 'name-1', 'a.b_c~d-e', 'a b', 'a/b', 'Ä', 'detail', LONG(255), LONG(256), UNKNOWN, 7, {}];
const MACS = [
  '52:54:00:AA:BB:0C',
  'x',
  '',
  null,
  7,
  '52-54-00-aa-bb-0d',
  '525400aabb0e',
  '52:54:00:aa:bb:cc:0f',
  '52:54:0:a:b:c',
];

const SWITCH = { switch_id: '00:1c:73:aa:bb:cc', port_id: 'Ethernet1' };
const LINKS: unknown[] = [
  ...OBJECTS,
  SWITCH,
  { ...SWITCH, switch_info: 'tor-1' },
  { ...SWITCH, switch_info: LONG(300) },
  { ...SWITCH, switch_info: null },
  { ...SWITCH, port_id: '' },
  { ...SWITCH, port_id: 1 },
  { ...SWITCH, rack: 'r1' },
  { ...SWITCH, network_type: 'managed' },
  { ...SWITCH, network_type: 'other' },
  { network_type: 'unmanaged' },
  { network_type: 'managed' },
  { hostname: 'host-1', port_id: 'rep0-0' },
  { hostname: 'host-1' },
  { port_id: 'x' },
  { switch_id: SWITCH.switch_id },
  ...[
    '00:1C:73:AA:BB:CC',
    '0000ABCDEF012345',
    'abcdef0123456789',
    '00:00:00:1c:73:aa:bb:cc',
    '001c73aabbcc',
    'tor-1',
    '',
    7,
  ].map((switch_id) => ({ ...SWITCH, switch_id })),
];

/** Values for each field that an operator may say, by resource. */
export const FIELDS: Record<'nodes' | 'ports' | 'portgroups', Record<string, (known: Known) => unknown[]>> = {
  ports: {
    address: () => MACS,
    pxe_enabled: () => SWITCHES,
    is_smartnic: () => SWITCHES,
    extra: () => OBJECTS,
    local_link_connection: () => LINKS,
    physical_network: () => [...TEXTS.slice(0, 5), LONG(64), LONG(65), 7, {}],
    portgroup_uuid: ({ group, groupName }) => [...UUIDS, group, groupName],
    node_uuid: ({ node, nodeName }) => [...UUIDS, node, nodeName],
    uuid: () => UUIDS.filter((value) => value !== UNKNOWN),
    internal_info: () => [{}, null],
    nothing: () => [1, null],
  },
  portgroups: {
    name: () => NAMES,
    address: () => MACS,
    mode: () => TEXTS,
    properties: () => OBJECTS,
    extra: () => OBJECTS,
    standalone_ports_supported: () => SWITCHES,
    node_uuid: ({ node, nodeName }) => [...UUIDS, node, nodeName],
    uuid: () => UUIDS.filter((value) => value !== UNKNOWN),
    nothing: () => [1, null],
  },
  nodes: {
    name: () => NAMES,
    description: () => [...TEXTS, LONG(4096), LONG(4097)],
    resource_class: () => [...TEXTS.slice(0, 5), LONG(80), LONG(81), 7, {}],
    extra: () => OBJECTS,
    properties: () => OBJECTS,
    network_data: () => [null, {}, 'x', []],
    owner: () => TEXTS,
    lessee: () => TEXTS,
    network_interface: () => ['noop', 'flat', 'neutron', 'neutorn', '', 7, {}],
    instance_uuid: () => UUIDS.filter((value) => value !== UNKNOWN),
    uuid: () => UUIDS.filter((value) => value !== UNKNOWN),
    nothing: () => [1, null],
  },
};

/** A field with each of its values in a new resource, and in a PATCH of the one that is there. */
export function asksAbout(resource: keyof typeof FIELDS, field: string, known: Known): Asked[] {
  const one = { nodes: known.node, ports: known.port, portgroups: known.group }[resource];
  const required: Record<keyof typeof FIELDS, () => Fields> = {
    nodes: () => ({ driver: 'fake-hardware' }),
    ports: () => ({ node_uuid: known.node, address: randomMac() }),
    portgroups: () => ({ node_uuid: known.node }),
  };
  return (FIELDS[resource][field]?.(known) ?? []).flatMap((value): Asked[] => {
    const shown = JSON.stringify(value);
    const what = `${resource} ${field} ${shown.length > 90 ? `${shown.slice(0, 80)}... (${shown.length})` : shown}`;
    return [
      {
        ...{ title: `POST ${what}`, method: 'POST', path: `/v1/${resource}`, shows: field },
        body: { uuid: randomUUID(), ...required[resource](), [field]: value },
      },
      {
        ...{ title: `PATCH ${what}`, method: 'PATCH', path: `/v1/${resource}/${one}`, shows: field },
        body: [{ op: 'add', path: `/${field}`, value }],
      },
    ];
  });
}

const LIST_QUERIES = [
  ...[
    'limit=1',
    'limit=0',
    'limit=-1',
    'limit=x',
    'limit=',
    'limit=1.5',
    'limit=99999999999',
    'limit=%201',
    'limit=+1',
  ],
  ...[`marker=${UNKNOWN}`, 'marker=x', 'marker=', 'sort_key=uuid', 'sort_key=extra', 'sort_key=nothing', 'sort_key='],
  ...['sort_dir=desc', 'sort_dir=DESC', 'sort_dir=', 'fields=uuid', 'fields=UUID', 'fields=uuid,', 'fields=uuid,uuid'],
  ...['fields=nothing', 'fields=uuid&detail=true', 'fields=uuid&detail=false', 'detail=true', 'detail=x', 'detail='],
  ...['nothing=1', 'fields=links', 'sort_key=id'],
];

/** Query parameters of each list. */
export const QUERIES: Record<'nodes' | 'ports' | 'portgroups', (known: Known) => string[]> = {
  nodes: () => [
    ...LIST_QUERIES,
    ...['associated=true', 'associated=False', 'associated=x', 'associated=', 'maintenance=no', 'maintenance=true'],
    ...[
      'maintenance=x',
      'retired=false',
      'retired=x',
      'driver=fake-hardware',
      'driver=x',
      'resource_class=x',
      'fault=x',
    ],
    ...[
      'fault=power failure',
      'conductor=x',
      'conductor_group=',
      'conductor_group=x',
      'owner=x',
      'lessee=x',
      'project=x',
    ],
    ...['provision_state=active', 'provision_state=x', 'description_contains=x', 'instance_uuid=x'],
    ...[
      `instance_uuid=${UNKNOWN}`,
      `chassis_uuid=${UNKNOWN}`,
      'chassis_uuid=x',
      'shard=a,b',
      'sharded=true',
      'sharded=x',
    ],
  ],
  ports: ({ node, nodeName, group, groupName }) => [
    ...LIST_QUERIES,
    ...[
      `node=${node}`,
      `node=${nodeName}`,
      `node=${UNKNOWN}`,
      'node=nowhere',
      'node=a b',
      'node=',
      `node_uuid=${node}`,
    ],
    ...[`node_uuid=${nodeName}`, `node_uuid=${UNKNOWN}`, 'address=x', 'address=52:54:00:00:00:77', 'address='],
    ...['address=52:54:00:AA:BB:CC', `portgroup=${group}`, `portgroup=${groupName}`, `portgroup=${UNKNOWN}`],
    ...['portgroup=nowhere', `node=${node}&portgroup=${group}`, 'shard=a', 'node=nowhere&address=52:54:00:00:00:77'],
  ],
  portgroups: ({ node, nodeName }) => [
    ...LIST_QUERIES,
    ...[
      `node=${node}`,
      `node=${nodeName}`,
      `node=${UNKNOWN}`,
      'node=nowhere',
      'address=x',
      'address=52:54:00:00:00:77',
    ],
  ],
};

/** Patches, right and wrong. */
export const PATCHES: unknown[] = [
  [],
  {},
  null,
  'x',
  [{}],
  ['x'],
  [{ op: 'add', path: '/extra/a', value: 1 }],
  [{ op: 'replace', path: '/extra/a', value: 2 }],
  [{ op: 'replace', path: '/extra/nothing', value: 2 }],
  [{ op: 'remove', path: '/extra/a' }],
  [{ op: 'remove', path: '/extra/nothing' }],
  [{ op: 'remove', path: '/extra' }],
  [{ op: 'add', path: '/extra', value: {} }],
  [{ op: 'add', path: '/extra/a/b', value: 1 }],
  [{ op: 'add', path: '/extra/list', value: [1] }],
  [{ op: 'add', path: '/extra/list/-', value: 2 }],
  [{ op: 'add', path: '/extra/list/9', value: 2 }],
  [{ op: 'add', path: '/extra/list/x', value: 2 }],
  [{ op: 'remove', path: '/extra/list/0' }],
  [{ op: 'add', path: '/extra/b' }],
  [{ op: 'test', path: '/extra/b', value: 1 }],
  [{ op: 'move', from: '/extra/b', path: '/extra/c' }],
  [{ op: 'add', path: 'extra/b', value: 1 }],
  [{ op: 'add', path: '', value: {} }],
  [{ op: 'add', path: '/', value: {} }],
  [{ op: 'add', path: '/extra/', value: 1 }],
  [{ op: 'add', path: '/extra/a.b', value: 1 }],
  [{ op: 'add', path: '/nothing', value: 1 }],
  [{ op: 'remove', path: '/nothing' }],
  [{ op: 'add', path: '/uuid', value: UNKNOWN }],
  [{ op: 'remove', path: '/uuid' }],
  [{ op: 'add', path: '/created_at', value: 'x' }],
  [{ op: 'add', path: '/links', value: [] }],
  [{ op: 'add', path: '/extra/x', value: 1, more: 1 }],
];
