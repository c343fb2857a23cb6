import { type ChannelModel, connect } from 'amqplib';

import { silentLogger } from '../../src/log/log.js';
import { declareTopology } from '../../src/rpc/index.js';
import type { TestBroker } from '../../testkit/servers/broker.js';

/** Exchange and topic of the casts, as in config/default.yaml. */
export const EXCHANGE = 'ironic';
export const TOPIC = 'ironic.network_provider';
/** The conductor host whose queue is drained. */
export const HOST = 'bench';
export const HOST_QUEUE = hostQueue(HOST);
export const RESULTS_QUEUE = resultsQueue(HOST);

export function hostQueue(host: string): string {
  return `${TOPIC}.${host}`;
}

export function resultsQueue(host: string): string {
  return `${TOPIC}_results.${host}`;
}

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

/** Declares the hosts' queues as a worker does: durable, quorum, single active consumer. */
export function declareHostQueues(broker: TestBroker, hosts: readonly string[] = [HOST]): Promise<void> {
  const common = { exchange: EXCHANGE, exchangeDurable: false, servers: hosts, fanout: false, anyServer: false };
  return connected(broker, async (model) => {
    await declareTopology(model, { ...common, topic: TOPIC, queueType: 'quorum' }, silentLogger());
  });
}

/** Declares the queues of results as a conductor's RPC server in Python does: classic, not durable. */
export function declareResultsQueues(broker: TestBroker, hosts: readonly string[] = [HOST]): Promise<void> {
  return connected(broker, async (model) => {
    const channel = await model.createChannel();
    await channel.assertExchange(EXCHANGE, 'topic', { durable: false });
    for (const queue of hosts.map(resultsQueue)) {
      await channel.assertQueue(queue, { durable: false });
      await channel.bindQueue(queue, EXCHANGE, queue);
    }
  });
}
