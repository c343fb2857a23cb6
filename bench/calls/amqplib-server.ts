/**
 * The minimum that a server of calls in Node.js must do with the worker's own queue: it parses a call, answers it, and
 * acknowledges it. What it takes is what the queue takes. Runs until it is killed.
 *
 *     NETPROV_TRANSPORT_URL=rabbit://... node amqplib-server.js QUEUE
 */

import { randomUUID } from 'node:crypto';

import { connect } from 'amqplib';

import { parseTransportUrl } from '../../src/amqp/index.js';
import { jsonCodec } from '../../src/rpc/index.js';
import { required } from '../../testkit/servers/environment.js';

/** A result as the worker makes it for provider `none`. */
function resultOf(operationId: string, { node }: { node?: { uuid?: string } } = {}): object {
  return {
    operation_id: operationId,
    node_uuid: node?.uuid,
    method: 'add_provisioning_network',
    network_provider: 'none',
    network_type: 'provisioning',
    status: 'succeeded',
    bindings: [],
    failures: [],
    warnings: [],
    error: null,
  };
}

const { hosts, virtualHost: vhost } = parseTransportUrl(required('NETPROV_TRANSPORT_URL'));
const [queue = ''] = process.argv.slice(2);
// As the worker does: without noDelay, small frames wait for the acknowledgement of the ones before.
const model = await connect({ ...hosts[0], vhost }, { noDelay: true });
const channel = await model.createChannel();
await channel.consume(queue, (message) => {
  if (message === null) return;
  const { uniqueId, msgId, replyQ, args } = jsonCodec.decodeRequest(message.content);
  if (msgId === null || replyQ === null) throw new Error('a cast where a call was expected');
  const result = resultOf(uniqueId, args['task'] as { node?: { uuid?: string } });
  const reply = { result, failure: null, ending: true, msgId, uniqueId: randomUUID().replaceAll('-', '') };
  channel.sendToQueue(replyQ, jsonCodec.encodeReply(reply), { contentType: jsonCodec.contentType });
  channel.ack(message);
});
