import { RESULT_METHOD, RESULT_VERSION, resultToJson } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import { serializeFailure, type Delivery, type Publisher, type ReplySender } from '../rpc/index.js';
import type { Operation } from './decode.js';

export interface AnswerOptions {
  replies: ReplySender;
  publisher: Publisher;
  /** control_exchange. */
  exchange: string;
  /** <topic>_results: a conductor host listens on it with its own name behind a dot. */
  resultsTopic: string;
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
    const to = { replyQ: request.replyQ, msgId: request.msgId };
    const content = result.error ? { failure: serializeFailure(result.error) } : { result: resultToJson(result) };
    await options.replies.reply(codec, to, content, delivery.signal);
    return;
  }
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
    context: request.context,
  });
  const { resultsTopic, exchange, publisher } = options;
  const routingKey = start.conductorHost === null ? resultsTopic : `${resultsTopic}.${start.conductorHost}`;
  await publisher.publish(exchange, routingKey, body, { contentType: codec.contentType });
}
