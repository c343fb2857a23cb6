import { randomUUID } from 'node:crypto';

import type { TaskInput } from '../../src/index.js';
import { PROTOBUF_CONTENT_TYPE, protobufCodec } from '../../src/messages/protobuf.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import type { TestBroker } from '../../testkit/servers/broker.js';
import { progress } from '../comparison/progress.js';
import { connected, EXCHANGE, HOST, hostQueue } from './queues.js';

const METHOD = 'add_provisioning_network';
export const NODES = 1000;
/** Number of casts between two waits for the broker's confirms. */
const BATCH = 1000;

/** What the casts are like. */
export interface CastShape {
  /** Whether each cast of a node brings another task, as a conductor's do, or always the same. */
  tasks: 'repeated' | 'varied';
  encoding: 'json' | 'protobuf';
  /** UUIDs of the nodes. Default: new ones. */
  nodes?: readonly string[];
}

export const USUAL_CASTS: CastShape = { tasks: 'repeated', encoding: 'json' };

/** Puts casts into a host's queue, which must exist. Resolves when the broker has confirmed all of them. */
export function fill(
  broker: TestBroker,
  casts: number,
  signal: AbortSignal,
  { tasks, encoding, nodes: uuids = [] }: CastShape = USUAL_CASTS,
  host = HOST,
): Promise<void> {
  const queue = hostQueue(host);
  const nodes = Array.from({ length: NODES }, (_, index) => sampleNode(index, uuids[index] ?? randomUUID()));
  const encode = encoding === 'json' ? envelope : protobuf;
  const properties = { ...PROPERTIES, contentType: encoding === 'json' ? 'application/json' : PROTOBUF_CONTENT_TYPE };
  const tell = progress('casts are in the queue', casts);
  return connected(broker, async (model) => {
    const channel = await model.createConfirmChannel();
    for (let cast = 0; cast < casts; cast++) {
      const node = nodes[cast % NODES] ?? {};
      channel.publish(EXCHANGE, queue, encode(tasks === 'repeated' ? node : varied(node)), properties);
      if ((cast + 1) % BATCH === 0) {
        await channel.waitForConfirms();
        tell(cast + 1);
        signal.throwIfAborted();
      }
    }
    await channel.waitForConfirms();
    const { messageCount } = await channel.checkQueue(queue);
    if (messageCount !== casts) throw new Error(`${messageCount} of ${casts} casts are in ${queue}`);
  });
}

/** The properties of each message of oslo.messaging. Source: oslo_messaging/_drivers/impl_rabbit.py. */
const PROPERTIES = { contentEncoding: 'utf-8', deliveryMode: 2, priority: 0 };

type Task = Partial<ReturnType<typeof sampleTask>>;

/** A node with two NICs, 1.4 kB of JSON. */
function sampleNode(index: number, uuid: string): Task {
  const sample = sampleTask({
    uuid,
    name: `node-${index}`,
    network_provider: 'none',
    driver_info: {
      deploy_kernel: `http://images.example.org/${randomUUID()}/kernel`,
      deploy_ramdisk: `http://images.example.org/${randomUUID()}/ramdisk`,
      provisioning_network: randomUUID(),
      cleaning_network: randomUUID(),
    },
    ...instance(),
  });
  const ports = sample.ports.map((port) => ({ ...port, portgroup_uuid: null, is_smartnic: false }));
  return attached({ ...sample, ports });
}

/** A task for a client of ours: one of these nodes, without portgroups. */
export function sampleTaskInput(): TaskInput {
  const { node, ports } = sampleTask({ network_provider: 'none', ...instance() });
  return { node, ports, portgroups: [] };
}

/** The same node with another instance on it, as after the next deployment. */
function varied({ node, ...task }: Task): Task {
  return attached({ ...task, ...(node && { node: { ...node, ...instance() } }) });
}

function instance(): Record<string, unknown> {
  return {
    instance_uuid: randomUUID(),
    instance_info: {
      image_source: randomUUID(),
      root_gb: 40,
      display_name: `instance-${randomUUID().slice(0, 8)}`,
      capabilities: { boot_option: 'local', boot_mode: 'uefi' },
    },
  };
}

/** The task with a tenant's VIF on each port. */
function attached({ ports = [], ...task }: Task): Task {
  return { ...task, ports: ports.map((port) => ({ ...port, internal_info: { tenant_vif_port_id: randomUUID() } })) };
}

/** A cast with all fields of oslo.messaging's Python client, and with the whole context of a conductor's request. */
function envelope(task: object): Buffer {
  const message = JSON.stringify({
    method: METHOD,
    args: { task },
    version: '1.0',
    _unique_id: randomUUID().replaceAll('-', ''),
    ...CONTEXT,
    _context_request_id: `req-${randomUUID()}`,
  });
  return Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': message }));
}

/** The same cast as a protobuf message. Of the context it has what the contract knows: the ids of the request. */
function protobuf(task: object): Buffer {
  return protobufCodec.encodeRequest({
    method: METHOD,
    args: { task },
    version: '1.0',
    namespace: null,
    context: { request_id: `req-${randomUUID()}`, global_request_id: null },
    uniqueId: randomUUID().replaceAll('-', ''),
    msgId: null,
    replyQ: null,
    timeout: null,
  });
}

/** The result of oslo.context's RequestContext.to_dict. */
const CONTEXT = {
  _context_user: randomUUID(),
  _context_project_id: randomUUID(),
  _context_system_scope: null,
  _context_project: randomUUID(),
  _context_domain: null,
  _context_user_domain: 'default',
  _context_project_domain: 'default',
  _context_is_admin: true,
  _context_read_only: false,
  _context_show_deleted: false,
  _context_auth_token: null,
  _context_global_request_id: null,
  _context_resource_uuid: null,
  _context_roles: ['admin', 'member', 'reader'],
  _context_user_identity: '- - - - -',
  _context_is_admin_project: true,
};
