import { randomUUID } from 'node:crypto';

import { type ChannelModel, connect } from 'amqplib';

import { silentLogger } from '../../src/log/log.js';
import { declareTopology } from '../../src/rpc/index.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import type { TestBroker } from '../../testkit/servers/broker.js';

/** Exchange and topic of the casts, as in config/default.yaml. */
export const EXCHANGE = 'ironic';
export const TOPIC = 'ironic.network_provider';
/** The conductor host whose queue is drained. */
export const HOST = 'bench';
export const HOST_QUEUE = `${TOPIC}.${HOST}`;
export const RESULTS_QUEUE = `${TOPIC}_results.${HOST}`;

const METHOD = 'add_provisioning_network';
const NODES = 1000;
/** Number of casts between two waits for the broker's confirms. */
const BATCH = 1000;

/** Runs some work with a connection to the broker. */
export async function connected<T>(broker: TestBroker, work: (model: ChannelModel) => Promise<T>): Promise<T> {
  const { hostname, port, username, password } = broker.host;
  const model = await connect({ hostname, port, username, password, vhost: broker.vhost });
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}

/** Declares the host's queue as a worker does: durable, quorum, single active consumer. */
export function declareHostQueue(broker: TestBroker): Promise<void> {
  const common = { exchange: EXCHANGE, exchangeDurable: false, servers: [HOST], fanout: false, anyServer: false };
  return connected(broker, async (model) => {
    await declareTopology(model, { ...common, topic: TOPIC, queueType: 'quorum' }, silentLogger());
  });
}

/** Declares the queue of results as a conductor's RPC server in Python does: classic, not durable. */
export function declareResultsQueue(broker: TestBroker): Promise<void> {
  return connected(broker, async (model) => {
    const channel = await model.createChannel();
    await channel.assertExchange(EXCHANGE, 'topic', { durable: false });
    await channel.assertQueue(RESULTS_QUEUE, { durable: false });
    await channel.bindQueue(RESULTS_QUEUE, EXCHANGE, RESULTS_QUEUE);
  });
}

/** Puts casts into the host's queue, which must exist. Resolves when the broker has confirmed all of them. */
export function fill(broker: TestBroker, casts: number, signal: AbortSignal): Promise<void> {
  const tasks = Array.from({ length: NODES }, (_, index) => task(index));
  return connected(broker, async (model) => {
    const channel = await model.createConfirmChannel();
    for (let cast = 0; cast < casts; cast++) {
      const body = envelope(tasks[cast % NODES] ?? {});
      channel.publish(EXCHANGE, HOST_QUEUE, body, PROPERTIES);
      if ((cast + 1) % BATCH === 0) {
        await channel.waitForConfirms();
        signal.throwIfAborted();
      }
    }
    await channel.waitForConfirms();
    const { messageCount } = await channel.checkQueue(HOST_QUEUE);
    if (messageCount !== casts) throw new Error(`${messageCount} of ${casts} casts are in ${HOST_QUEUE}`);
  });
}

/** The properties of each message of oslo.messaging. Source: oslo_messaging/_drivers/impl_rabbit.py. */
const PROPERTIES = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2, priority: 0 };

/** A node with two NICs, 1.4 kB of JSON. */
function task(index: number): object {
  const sample = sampleTask({
    name: `node-${index}`,
    network_provider: 'none',
    instance_uuid: randomUUID(),
    driver_info: {
      deploy_kernel: `http://images.example.org/${randomUUID()}/kernel`,
      deploy_ramdisk: `http://images.example.org/${randomUUID()}/ramdisk`,
      provisioning_network: randomUUID(),
      cleaning_network: randomUUID(),
    },
    instance_info: {
      image_source: randomUUID(),
      root_gb: 40,
      display_name: `instance-${index}`,
      capabilities: { boot_option: 'local', boot_mode: 'uefi' },
    },
  });
  const ports = sample.ports.map((port) => ({
    ...port,
    portgroup_uuid: null,
    is_smartnic: false,
    internal_info: { tenant_vif_port_id: randomUUID() },
  }));
  return { ...sample, ports };
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
