/**
 * The minimum that a consumer in Node.js must do: it takes messages from a queue, parses both layers of JSON, and
 * acknowledges one by one. Prints the seconds from the first message to the last one.
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

async function drain(channel: Channel, queue: string, casts: number): Promise<number> {
  let handled = 0;
  let begin = 0;
  await channel.prefetch(PREFETCH);
  return new Promise((resolve, reject) => {
    const handle = (message: ConsumeMessage): void => {
      if (handled === 0) begin = performance.now();
      const { method } = JSON.parse((JSON.parse(message.content.toString()) as Envelope)['oslo.message']) as {
        method?: string;
      };
      if (!method) throw new Error('a message without a method');
      channel.ack(message);
      handled += 1;
      if (handled === casts) resolve((performance.now() - begin) / 1000);
    };
    channel
      .consume(queue, (message) => {
        if (message) handle(message);
      })
      .catch(reject);
  });
}

const { hosts, virtualHost: vhost } = parseTransportUrl(required('NETPROV_TRANSPORT_URL'));
const [queue = '', casts = ''] = process.argv.slice(2);
const model = await connect({ ...hosts[0], vhost });
const channel = await model.createChannel();
const seconds = await drain(channel, queue, Number(casts));
console.log(JSON.stringify({ seconds }));
// Runs until it is killed: its peak memory is still to be read, and RabbitMQ must handle the acknowledgements.
process.stdin.resume();
