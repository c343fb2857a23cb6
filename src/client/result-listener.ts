import { randomUUID } from 'node:crypto';

import type { ChannelModel } from 'amqplib';

import { QueueConsumer } from '../amqp/consumer.js';
import { Exchanges } from '../amqp/exchanges.js';
import { type Delivery, type ExchangeOptions, onChannel, type QueueType, type RpcConnection } from '../amqp/index.js';
import { errorText } from '../async/error-text.js';
import { readResult, RESULT_METHOD } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import type { Logger } from '../log/log.js';
import { protobufCodec } from '../messages/protobuf.js';
import { type MessageCodec, RpcServer } from '../rpc/index.js';
import { queueName } from '../rpc/topology.js';

/** Handles each result. The result counts as handled when the promise is fulfilled. */
export type ResultHandler = (result: OperationResult) => void | Promise<void>;

export interface ResultListenerOptions extends ExchangeOptions {
  connection: RpcConnection;
  /** Topic of the requests. Results have the topic `<topic>_results`. */
  topic: string;
  /** The conductor host that gets the results. */
  host: string;
  /** Type of the host's queue of results. */
  queueType: QueueType;
  /** Decodes results in JSON. */
  jsonCodec: MessageCodec;
  handler: ResultHandler;
  log: Logger;
}

export interface ResultListener {
  close(): Promise<void>;
}

/** Most results that are handled at the same time. */
const PREFETCH = 20;

/**
 * Takes results from the host's own queue, which remains when this program ends. Programs that listen for the same host
 * share the results in the queue.
 * @throws TopologyMismatch when the queue exists with other properties
 */
export async function listenForResults(options: ResultListenerOptions): Promise<ResultListener> {
  const server = new RpcServer({
    ...options,
    ...consuming(options),
    topic: resultsTopic(options.topic),
    servers: [options.host],
    fanout: false,
    anyServer: false,
  });
  await server.start();
  return server;
}

/** Takes a copy of every result from now on. It uses a queue of its own, so other listeners miss no result. */
export async function copyResults(options: ResultListenerOptions): Promise<ResultListener> {
  const exchanges = new Exchanges(options, options.log);
  const key = queueName(resultsTopic(options.topic), options.host);
  const queue = `${key}.copy.${randomUUID()}`;
  const declare = async (model: ChannelModel): Promise<void> => {
    const exchange = await exchanges.topic(model);
    await onChannel(model, async (channel) => {
      await channel.assertQueue(queue, { durable: false, exclusive: true, autoDelete: true });
      await channel.bindQueue(queue, exchange, key);
    });
  };
  const { connection, host, log } = options;
  const consumer = new QueueConsumer({ connection, log, ...consuming(options), queue, server: host, declare });
  try {
    await consumer.ready;
  } catch (error) {
    await consumer.close();
    throw error;
  }
  return consumer;
}

function resultsTopic(topic: string): string {
  return `${topic}_results`;
}

function consuming(options: ResultListenerOptions): { prefetch: number; onDelivery: (delivery: Delivery) => void } {
  return { prefetch: PREFETCH, onDelivery: (delivery) => void receive(delivery, options) };
}

/** Handles a result and acknowledges it. If the handler fails, the result comes again, but only once. */
async function receive(delivery: Delivery, { jsonCodec, handler, log }: ResultListenerOptions): Promise<void> {
  let result: OperationResult;
  try {
    const codec = delivery.contentType === protobufCodec.contentType ? protobufCodec : jsonCodec;
    const { method, args } = codec.decodeRequest(delivery.body);
    if (method !== RESULT_METHOD) throw new Error(`its method is ${method}, not ${RESULT_METHOD}`);
    result = readResult(args['result']);
  } catch (error) {
    log.warn('dropped a message that is not a result', { queue: delivery.queue, reason: errorText(error) });
    delivery.ack();
    return;
  }
  try {
    await handler(result);
    delivery.ack();
  } catch (error) {
    const again = !delivery.redelivered;
    log.error('the handler of a result failed', { operation: result.operation_id, again, reason: errorText(error) });
    if (again) delivery.requeue();
    else delivery.ack();
  }
}
