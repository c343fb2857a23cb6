import { randomUUID } from 'node:crypto';

import { RPC_API_VERSION } from '../contract/methods.js';
import { NO_CONTEXT, queueName, type MessageCodec, type Publisher } from '../rpc/index.js';
import type { NodePlace, OwedResult } from '../state/index.js';
import { publishResult, type ResultsOptions } from './answer.js';
import { codecOf } from './describe.js';

/**
 * Casts reconcile of a node to the queue of its conductor host: there it is in the node's order, and finds who acts for
 * it. It goes to the queue itself, and so not into the journal: nobody asked for it.
 *
 * @throws ConnectionLost when the broker did not confirm
 */
export async function castReconcile(
  { uuid, conductorHost }: NodePlace,
  { topic, codec, publisher }: { topic: string; codec: MessageCodec; publisher: Publisher },
  signal: AbortSignal,
): Promise<void> {
  const body = codec.encodeRequest({
    method: 'reconcile',
    version: RPC_API_VERSION,
    namespace: null,
    args: { node_id: uuid, fix: true },
    uniqueId: randomUUID().replaceAll('-', ''),
    msgId: null,
    replyQ: null,
    timeout: null,
    context: NO_CONTEXT,
  });
  await publisher.publish('', queueName(topic, conductorHost), body, { contentType: codec.contentType, signal });
}

/** Casts the result of an operation that ended before. @throws ConnectionLost when the broker did not confirm */
export async function deliverOwed(
  owed: OwedResult,
  jsonCodec: MessageCodec,
  results: ResultsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { result, endId, conductorHost, requestId, contentType } = owed;
  const context = { request_id: requestId, global_request_id: null };
  await publishResult(
    result,
    { endId, codec: codecOf(contentType, jsonCodec), conductorHost, context },
    results,
    signal,
  );
}
