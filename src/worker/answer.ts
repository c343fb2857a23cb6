import { randomUUID } from 'node:crypto';

import { type Delivery, NoExchange, NotConfirmed, type Publisher } from '../amqp/index.js';
import { RPC_API_VERSION } from '../contract/methods.js';
import { RESULT_METHOD, RESULT_VERSION, resultToJson } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import type { Logger } from '../log/log.js';
import { codecOf, type Operation, operationFieldsOf } from '../messages/request.js';
import {
  type MessageCodec,
  NO_CONTEXT,
  queueName,
  type ReplySender,
  type RpcRequest,
  serializeFailure,
} from '../rpc/index.js';
import type { NodePlace, OwedResult, PastEnd } from '../state/index.js';
import { traceProperties } from '../tracing/tracing.js';
import type { WorkerMetrics } from './metrics.js';
import type { Owed } from './owed.js';

export interface ResultsOptions {
  publisher: Publisher;
  /** Name of the exchange: Ironic's option control_exchange. */
  exchange: string;
  /** `<topic>_results`. A conductor host listens on `<topic>_results.<host>`. */
  resultsTopic: string;
  /** Declares the exchange and its bindings anew, after somebody deleted the exchange. */
  declareAgain: () => void;
}

export interface AnswerOptions extends ResultsOptions {
  replies: ReplySender;
  owed: Pick<Owed, 'delivered'>;
  metrics: WorkerMetrics;
  log: Logger;
}

/**
 * Sends the answer of an operation: the reply to a call, or port_binding_result for a cast. Resolves when the broker
 * has the answer.
 *
 * A caller that is gone, or a conductor that does not listen for results, is not an error: the answer is on the
 * operation's row.
 *
 * A result that the broker does not take in time stays owed and is delivered later: see Owed.
 *
 * @throws ConnectionLost when the connection or the delivery's channel was lost before the broker confirmed
 */
export async function answer(
  operation: Operation,
  { id: endId, result }: Pick<PastEnd, 'id' | 'result'>,
  options: AnswerOptions,
  delivery: Delivery,
): Promise<void> {
  const { request, codec, start } = operation;
  if (request.msgId !== null && request.replyQ !== null) {
    const to = { replyQ: request.replyQ, msgId: request.msgId, fields: operationFieldsOf(start) };
    const content = result.error ? { failure: serializeFailure(result.error) } : { result: resultToJson(result) };
    options.metrics.replied(await options.replies.reply(codec, to, content, delivery.signal));
    return;
  }
  const to = { endId, codec, conductorHost: start.conductorHost, context: request.context };
  try {
    await publishResult(result, to, options, delivery.signal);
  } catch (error) {
    if (delivery.abandoned || !staysOwed(error, operation, options.log)) throw error;
    return;
  }
  options.owed.delivered({ id: start.id, endId });
  options.metrics.published(1, false);
}

/** A cast whose outcome is committed. */
interface EndedCast {
  operation: Operation;
  delivery: Delivery;
  end: Pick<PastEnd, 'id' | 'result'>;
}

/**
 * Sends the answers of many casts, as `answer` does for each.
 *
 * @param signal aborting it ends the wait for the broker's confirms
 * @returns the error of each cast with which `answer` would have rejected; null: the cast is answered
 */
export async function answerCasts(
  casts: readonly EndedCast[],
  options: AnswerOptions,
  signal: AbortSignal | undefined,
): Promise<(Error | null)[]> {
  const { publisher, exchange, owed, metrics, log } = options;
  const messages = casts.map(({ operation: { codec, start, request }, end: { id: endId, result } }) => ({
    routingKey: resultsKey(start.conductorHost, options),
    body: encodeResult(result, { endId, codec, context: request.context }),
    contentType: codec.contentType,
  }));
  const outcomes = await publisher.publishAll(exchange, messages, signal);
  let published = 0;
  const errors = casts.map(({ operation, delivery, end }, index) => {
    const error = outcomes[index] ?? null;
    if (error instanceof NoExchange) options.declareAgain();
    if (error !== null) return delivery.abandoned || !staysOwed(error, operation, log) ? error : null;
    owed.delivered({ id: operation.start.id, endId: end.id });
    published += 1;
    return null;
  });
  metrics.published(published, false);
  return errors;
}

/**
 * Whether a result that was not delivered needs nothing more from its message: it has been owed since the commit, and
 * is delivered later.
 */
function staysOwed(error: unknown, { start }: Operation, log: Logger): boolean {
  if (!(error instanceof NotConfirmed || error instanceof NoExchange)) return false;
  log.warn('RabbitMQ did not accept a result; the result is owed, and will be delivered later', {
    ...operationFieldsOf(start),
    reason: error.message,
  });
  return true;
}

/**
 * Casts port_binding_result. Resolves when the broker has it.
 *
 * @throws ConnectionLost when the broker did not confirm, or the signal aborted before it did
 * @throws NoExchange when the exchange is missing; it is then being declared again
 */
async function publishResult(
  result: OperationResult,
  to: { endId: string; codec: MessageCodec; conductorHost: string | null; context: RpcRequest['context'] },
  options: ResultsOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    await options.publisher.publish(options.exchange, resultsKey(to.conductorHost, options), encodeResult(result, to), {
      contentType: to.codec.contentType,
      signal,
      ...traceProperties(),
    });
  } catch (error) {
    if (error instanceof NoExchange) options.declareAgain();
    throw error;
  }
}

/** Routing key of the results for a conductor host. */
function resultsKey(conductorHost: string | null, { resultsTopic }: ResultsOptions): string {
  return conductorHost === null ? resultsTopic : `${resultsTopic}.${conductorHost}`;
}

/** Encodes a result as the cast port_binding_result. */
function encodeResult(
  result: OperationResult,
  { endId, codec, context }: { endId: string; codec: MessageCodec; context: RpcRequest['context'] },
): Buffer {
  return codec.encodeRequest({
    method: RESULT_METHOD,
    version: RESULT_VERSION,
    namespace: null,
    args: { result: resultToJson(result) },
    // An oslo.messaging server drops a message whose id it has just seen. Repeats of one end have the same id, and
    // different ends have different ids.
    uniqueId: endId,
    msgId: null,
    replyQ: null,
    timeout: null,
    context,
  });
}

/**
 * Casts reconcile for a node to the queue of its conductor host, so that it keeps the node's order and reaches the
 * worker that acts for the host. It bypasses the exchange, so the journal gets no copy: no conductor asked for it.
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

/** Casts an owed result, of an operation that ended earlier. @throws ConnectionLost when the broker did not confirm */
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
