import { randomUUID } from 'node:crypto';

import type { MethodName } from '../../src/contract/methods.js';
import { stringifyJson } from '../../src/json.js';
import { protobufCodec, PROTOBUF_CONTENT_TYPE } from '../../src/messages/protobuf.js';
import { NO_CONTEXT, type RpcRequest } from '../../src/rpc/index.js';
import { samplePort, sampleTask, versioned } from './samples.js';

/** The method of rows that are about no other. */
export const METHOD = 'add_cleaning_network';

export type Message = Record<string, unknown>;

/** A row of the table, and how to send what it is about. */
export interface BadInputRow {
  /** First cell of the row in docs/wire-protocol.md. */
  row: string;
  /** A body as it stands, for what no client would send. */
  raw?: (() => { body: Buffer; contentType?: string; headers?: Message }) | undefined;
  /** The inner message, around which there is a proper envelope. */
  inner?: () => Message;
  /** Where a cast ends: the dead letter's reason, the failed result's class, or null for success. */
  dead?: string;
  failed?: string | null;
  /** What the failed result's message begins with: the argument that is wrong. */
  names?: string;
  /** What a call raises, when it is not what fails the cast. */
  raises?: string;
}

/** Stands for 10,000 objects one in the other, until the message is text: JSON.stringify would run out of stack. */
const NESTED = 'nested-10000';
const NESTED_TEXT = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
/** Stands for what Python writes beside JSON. */
const NAN = 'python-nan';
/** The inner message as text. */
export const toText = (inner: Message): string =>
  stringifyJson(inner).replace(`"${NESTED}"`, NESTED_TEXT).replace(`"${NAN}"`, 'NaN');

const message = (fields: Message): (() => Message) => {
  return () => ({ method: METHOD, version: '1.0', args: { task: sampleTask() }, ...fields });
};
const withArgs = (args: () => unknown): (() => Message) => {
  return () => ({ ...message({})(), args: args() });
};
const withTask = (change: (task: ReturnType<typeof sampleTask>) => unknown): (() => Message) => {
  return withArgs(() => ({ task: change(sampleTask()) }));
};
/** A method of version 1.1, with what it takes beside the task. */
const further = (method: MethodName, args: Message): (() => Message) => {
  return () => ({ method, version: '1.1', args: { task: sampleTask(), ...args } });
};
const VIF = { id: randomUUID(), port_uuid: randomUUID() };
const LONG = 'x'.repeat(300);
const raw = (body: () => string | Buffer, contentType?: string, headers?: Message): BadInputRow['raw'] => {
  return () => ({
    body: Buffer.from(body()),
    ...(contentType !== undefined && { contentType }),
    ...(headers !== undefined && { headers }),
  });
};
/** A call in protobuf, as no client of ours would send it. */
const inProtobuf = (fields: Partial<RpcRequest>): BadInputRow['raw'] => {
  const call = { method: METHOD, version: '1.0', namespace: null, args: { task: sampleTask() }, timeout: null };
  const ids = { uniqueId: randomUUID(), msgId: randomUUID(), replyQ: 'reply_test', context: NO_CONTEXT };
  return raw(() => protobufCodec.encodeRequest({ ...call, ...ids, ...fields }), PROTOBUF_CONTENT_TYPE);
};

/** The rows that need no Neutron. */
export const ROWS: BadInputRow[] = [
  { row: 'not JSON', raw: raw(() => '{"oslo.version": "2.0", '), dead: 'not_json' },
  { row: 'JSON that is no object', raw: raw(() => '[1, 2]'), dead: 'bad_envelope' },
  {
    row: 'wrong envelope version',
    raw: raw(() => JSON.stringify({ 'oslo.version': '3.0', 'oslo.message': JSON.stringify(message({})()) })),
    dead: 'unsupported_envelope',
  },
  {
    row: 'a body over `rpc.max_message_bytes`, such as 10 MB',
    raw: raw(() => JSON.stringify({ ...message({})(), padding: 'x'.repeat(10 * 1024 * 1024) })),
    dead: 'too_large',
  },
  {
    row: 'content type protobuf, but no RpcRequest',
    raw: raw(() => Buffer.from([0xff, 0xff, 0x01, 0x02]), PROTOBUF_CONTENT_TYPE),
    dead: 'not_protobuf',
  },
  { row: 'protobuf with a `reply_q` over 255 bytes', raw: inProtobuf({ replyQ: LONG }), dead: 'bad_request' },
  {
    row: 'not JSON, with headers of 64 kB',
    raw: raw(() => 'no JSON', 'application/json', { big: 'x'.repeat(65_400) }),
    dead: 'not_json',
  },
  { row: 'no method', inner: message({ method: undefined }), dead: 'bad_request', raises: 'InvalidParameterValue' },
  { row: 'args that are no object', inner: withArgs(() => [1]), dead: 'bad_request', raises: 'InvalidParameterValue' },
  { row: 'unknown method', inner: message({ method: 'reboot' }), dead: 'no_such_method', raises: 'NoSuchMethod' },
  {
    row: 'method that starts with an underscore',
    inner: message({ method: '_private' }),
    dead: 'no_such_method',
    raises: 'NoSuchMethod',
  },
  {
    row: 'unsupported version',
    inner: message({ version: '1.9' }),
    dead: 'unsupported_version',
    raises: 'UnsupportedVersion',
  },
  {
    row: 'namespace that is not ours',
    inner: message({ namespace: 'other' }),
    dead: 'unsupported_version',
    raises: 'UnsupportedVersion',
  },
  { row: 'neither task nor node_id', inner: withArgs(() => ({})), failed: 'MissingParameterValue' },
  { row: 'missing node', inner: withTask(({ ports }) => ({ ports })), failed: 'MissingParameterValue' },
  { row: 'wrong types', inner: withTask((task) => ({ ...task, ports: 'two' })), failed: 'InvalidParameterValue' },
  { row: 'a UUID that is none', inner: withArgs(() => ({ node_id: 'node-1' })), failed: 'InvalidParameterValue' },
  {
    row: 'node_id of a node that is not known',
    inner: withArgs(() => ({ node_id: randomUUID() })),
    failed: 'NodeNotFound',
  },
  {
    row: 'JSON nested 10,000 deep in a field',
    inner: withTask((task) => ({ ...task, node: { ...task.node, driver_info: NESTED } })),
    failed: 'InvalidParameterValue',
  },
  {
    row: 'JSON nested 10,000 deep in an unknown key',
    inner: withTask((task) => ({ ...task, unknown: NESTED })),
    failed: null,
  },
  {
    row: 'an `ironic_object.name` of 100 kB',
    inner: withTask((task) => ({ 'ironic_object.name': 'x'.repeat(100_000), 'ironic_object.data': task })),
    failed: 'InvalidParameterValue',
  },
  {
    row: 'a key of 100 kB around a value that is wrong',
    inner: withTask((task) => {
      return { ...task, node: { ...task.node, driver_info: { ['x'.repeat(100_000)]: NESTED } } };
    }),
    failed: 'InvalidParameterValue',
  },
  {
    row: 'a method name of 100 kB',
    inner: message({ method: 'x'.repeat(100_000) }),
    dead: 'bad_request',
    raises: 'InvalidParameterValue',
  },
  {
    row: 'half a surrogate pair in a text',
    inner: withTask((task) => ({
      ...task,
      node: { ...task.node, name: 'x\ud800', driver_info: { '\udfff': '\ud800' } },
    })),
    failed: null,
  },
  {
    row: "Python's NaN or Infinity in a field",
    inner: withTask((task) => ({ ...task, ports: [samplePort({ extra: { load: NAN } })] })),
    failed: 'InvalidParameterValue',
    names: 'task.ports[0].extra.load must be a number that JSON knows',
  },
  {
    row: "Python's NaN or Infinity in an unknown key",
    inner: withTask((task) => ({ ...task, unknown: NAN, node: { ...task.node, extra: { load: NAN } } })),
    failed: null,
  },
  {
    row: 'a whole number of more than 64 bits in a field',
    inner: withTask((task) => ({ ...task, ports: [samplePort({ extra: { wwn: 2n ** 64n } })] })),
    failed: 'InvalidParameterValue',
    names: 'task.ports[0].extra.wwn must be a number',
  },
  {
    row: '`__proto__` keys',
    inner: withTask((task) => {
      return JSON.parse(JSON.stringify(task).replace('{', '{"__proto__": {"ports": [{"uuid": "x"}]}, ')) as unknown;
    }),
    failed: null,
  },
  { row: 'a task without ports, provider `none`', inner: withTask(({ node }) => ({ node })), failed: null },
  {
    row: 'a provider that does not exist',
    inner: withTask((task) => ({ ...task, node: { ...task.node, network_provider: 'acme' } })),
    failed: 'InvalidParameterValue',
  },
  {
    row: 'a method that the provider lacks',
    inner: () => ({ ...further('reattach', {})(), args: { task: sampleTask({ network_provider: 'bare' }) } }),
    failed: 'UnsupportedDriverExtension',
    names: 'network provider bare does not support reattach',
  },
  {
    row: 'an unknown `network_type`',
    inner: further('validate', { network_type: 'storage' }),
    failed: 'InvalidParameterValue',
    names: 'network_type must be one of',
  },
  {
    row: 'no `vif_info`, or one without `id`',
    inner: further('vif_attach', {}),
    failed: 'MissingParameterValue',
    names: 'vif_info is missing',
  },
  {
    row: 'a `vif_info` that is no object, or whose `id` is no name',
    inner: further('vif_attach', { vif_info: VIF.id }),
    failed: 'InvalidParameterValue',
    names: 'vif_info must be an object',
  },
  {
    row: 'a `vif_info` with both `port_uuid` and `portgroup_uuid`',
    inner: further('vif_attach', { vif_info: { ...VIF, portgroup_uuid: randomUUID() } }),
    failed: 'InvalidParameterValue',
    names: 'vif_info names both',
  },
  {
    row: "a `vif_info` with an empty `project_id`, or another project's VIF",
    inner: further('vif_attach', { vif_info: { ...VIF, project_id: '' } }),
    failed: 'InvalidParameterValue',
    names: 'vif_info.project_id is empty',
  },
  { row: 'no `vif_id`', inner: further('vif_detach', {}), failed: 'MissingParameterValue', names: 'vif_id is missing' },
  {
    row: 'an id of 300 characters',
    inner: further('vif_detach', { vif_id: LONG }),
    failed: 'InvalidParameterValue',
    names: 'vif_id must be at most 255 characters',
  },
  {
    row: 'neither `port_uuid` nor `portgroup_uuid`',
    inner: further('get_current_vif', {}),
    failed: 'MissingParameterValue',
    names: 'port_uuid or portgroup_uuid is missing',
  },
  {
    row: 'both `port_uuid` and `portgroup_uuid`',
    inner: further('get_current_vif', { port_uuid: randomUUID(), portgroup_uuid: randomUUID() }),
    failed: 'InvalidParameterValue',
    names: 'port_uuid and portgroup_uuid are both given',
  },
  {
    row: 'no `port_obj` or `portgroup_obj`',
    inner: further('port_changed', {}),
    failed: 'MissingParameterValue',
    names: 'port_obj is missing',
  },
  {
    row: 'a `port_obj` or `portgroup_obj` with a wrong value, or of another class',
    inner: further('port_changed', { port_obj: versioned('Portgroup', samplePort()) }),
    failed: 'InvalidParameterValue',
    names: 'port_obj must be an Ironic Port object',
  },
  {
    row: 'a `port_obj` whose `portgroup_id` is none of the task',
    inner: further('port_changed', { port_obj: versioned('Port', { ...samplePort(), portgroup_id: 7 }) }),
    failed: 'InvalidParameterValue',
    names: 'port_obj.portgroup_id 7',
  },
  {
    row: 'no `options`, or one without `opt_name`',
    inner: further('update_dhcp_options', { options: [{ opt_value: 'x' }] }),
    failed: 'MissingParameterValue',
    names: 'options[0].opt_name is missing',
  },
  {
    row: 'an option whose `ip_version` is neither 4 nor 6',
    inner: further('update_dhcp_options', { options: [{ opt_name: '67', ip_version: 5 }] }),
    failed: 'InvalidParameterValue',
    names: 'options[0].ip_version must be 4 or 6',
  },
  {
    row: 'one option twice, with two values',
    inner: further('update_dhcp_options', {
      options: ['a', 'b'].map((value) => ({ opt_name: '67', opt_value: value })),
    }),
    failed: 'InvalidParameterValue',
    names: 'options[1] has DHCP option "67" of IPv4 with the value "b"',
  },
  {
    row: 'a `fix` that is neither true nor false',
    inner: further('reconcile', { fix: 'yes' }),
    failed: 'InvalidParameterValue',
    names: 'fix must be true or false, not yes',
  },
];
