/**
 * The minimum that a consumer in Node.js must do: it takes messages from a queue, parses both layers of JSON, and
 * acknowledges one by one. Prints when it got the first message and acknowledged the last one, in
 * milliseconds since 1970.
 *
 *     NETPROV_TRANSPORT_URL=rabbit://... node amqplib-drain.js QUEUE CASTS
 */

import { type Channel, connect, type ConsumeMessage } from 'amqplib';

import { parseTransportUrl } from '../../src/amqp/index.js';
import { required } from '../../testkit/servers/environment.js';

/** The default of rpc.prefetch, so that the broker treats this consumer like the worker. */
const PREFETCH = 200;

interface Envelope {
  'oslo.message': string;
}

async function drain(channel: Channel, queue: string, casts: number): Promise<{ begin: number; end: number }> {
  let handled = 0;
  let begin = 0;
  await channel.prefetch(PREFETCH);
  return new Promise((resolve, reject) => {
    const handle = (message: ConsumeMessage): void => {
      if (handled === 0) begin = now();
      const { method } = JSON.parse((JSON.parse(message.content.toString()) as Envelope)['oslo.message']) as {
        method?: string;
      };
      if (!method) throw new Error('a message without a method');
      channel.ack(message);
      handled += 1;
      if (handled === casts) resolve({ begin, end: now() });
    };
    channel
      .consume(queue, (message) => {
        if (message) handle(message);
      })
      .catch(reject);
  });
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

const { hosts, virtualHost: vhost } = parseTransportUrl(required('NETPROV_TRANSPORT_URL'));
const [queue = '', casts = ''] = process.argv.slice(2);
// As the worker does: without noDelay, small frames wait for the acknowledgement of the ones before.
const model = await connect({ ...hosts[0], vhost }, { noDelay: true });
const channel = await model.createChannel();
console.log(JSON.stringify(await drain(channel, queue, Number(casts))));
// Runs until it is killed: its peak memory is still to be read, and RabbitMQ must handle the acknowledgements.
process.stdin.resume();
