import { RESULT_METHOD, RESULT_VERSION, resultToJson } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import {
  serializeFailure,
  type Delivery,
  type MessageCodec,
  type Publisher,
  type ReplySender,
  type RpcRequest,
} from '../rpc/index.js';
import { traceProperties } from '../tracing.js';
import type { Operation } from './decode.js';
import { fieldsOf } from './fields.js';
import type { WorkerMetrics } from './metrics.js';
import type { Owed } from './owed.js';

export interface ResultsOptions {
  publisher: Publisher;
  /** control_exchange. */
  exchange: string;
  /** <topic>_results: a conductor host listens on it with its own name behind a dot. */
  resultsTopic: string;
}

export interface AnswerOptions extends ResultsOptions {
  replies: ReplySender;
  owed: Pick<Owed, 'delivered'>;
  metrics: WorkerMetrics;
}

/**
 * Tells whoever asked: the reply to a call, or port_binding_result for a cast. Resolves when the broker has it.
 *
 * A caller that is gone, or a conductor that does not listen for results, is not an error: the answer is on the
 * operation's row.
 *
 * @throws ConnectionLost when the broker did not confirm.
 */
export async function answer(
  operation: Operation,
  result: OperationResult,
  options: AnswerOptions,
  delivery: Delivery,
): Promise<void> {
  const { request, codec, start } = operation;
  if (request.msgId !== null && request.replyQ !== null) {
    const to = { replyQ: request.replyQ, msgId: request.msgId, fields: fieldsOf(start) };
    const content = result.error ? { failure: serializeFailure(result.error) } : { result: resultToJson(result) };
    options.metrics.replied(await options.replies.reply(codec, to, content, delivery.signal));
    return;
  }
  await publishResult(result, { codec, conductorHost: start.conductorHost, context: request.context }, options);
  options.owed.delivered(result.operation_id);
  options.metrics.published(1, false);
}

/** Casts port_binding_result. Resolves when the broker has it. @throws ConnectionLost when it did not confirm. */
export async function publishResult(
  result: OperationResult,
  to: { codec: MessageCodec; conductorHost: string | null; context: RpcRequest['context'] },
  { publisher, exchange, resultsTopic }: ResultsOptions,
): Promise<void> {
  const { codec, conductorHost, context } = to;
  const body = codec.encodeRequest({
    method: RESULT_METHOD,
    version: RESULT_VERSION,
    namespace: null,
    args: { result: resultToJson(result) },
    // The same for every repeat of the answer: an oslo.messaging server drops a message whose id it has just seen.
    uniqueId: result.operation_id,
    msgId: null,
    replyQ: null,
    timeout: null,
    context,
  });
  const routingKey = conductorHost === null ? resultsTopic : `${resultsTopic}.${conductorHost}`;
  await publisher.publish(exchange, routingKey, body, { contentType: codec.contentType, ...traceProperties() });
}
