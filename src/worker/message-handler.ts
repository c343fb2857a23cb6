import { ConnectionLost, type Delivery } from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import {
  decode,
  type DecodeOptions,
  type Operation,
  operationFieldsOf,
  type Ping,
  type RefusedMessage,
} from '../messages/request.js';
import type { ReplySender } from '../rpc/index.js';
import { EpochLost } from '../state/index.js';
import { beginSpan, inSpan } from '../tracing/tracing.js';
import { answer, type AnswerOptions } from './answer.js';
import type { DeadLetters } from './keep-dead-letter.js';
import { Lanes } from './lanes.js';
import { inStage, type MessageMethod, secondsSince, type Stage } from './metrics.js';
import { Abandoned } from './operation-context.js';
import { OperationRunner, type OperationRunnerOptions } from './operation-runner.js';
import type { Tenure } from './ownership/tenure.js';
import { settle, type Settlement } from './settle.js';
import { endOfSpan, type Span, spanOf } from './spans.js';

export interface MessageHandlerOptions extends DecodeOptions, OperationRunnerOptions, AnswerOptions {
  replies: ReplySender;
  deadLetters: DeadLetters;
  log: Logger;
  /** Called when another worker acts for a queue: this worker can do nothing more for the queue's messages. */
  onLost: (queue: string) => void;
}

/**
 * Takes one message through all its steps:
 *
 *     receive -> decode -> lane -> (already done? answer again) -> provider -> commit -> answer -> acknowledge
 *
 * "Already done?" is asked in the lane: only there have all earlier operations of the same node ended.
 */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  readonly #runner: OperationRunner;
  readonly #lanes = new Lanes();

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
    this.#runner = new OperationRunner(options);
  }

  /** How many nodes have operations here, running or waiting. */
  get lanes(): number {
    return this.#lanes.size;
  }

  /** Handles a message from receipt to settlement. Rejects only by a fault of this program. */
  async handle(delivery: Delivery, tenure: Tenure): Promise<void> {
    const { metrics, deadLetters } = this.#options;
    metrics.received(delivery.redelivered);
    const decoded = decode(delivery, this.#options);
    const outcome = await this.#outcomeOf(decoded, delivery, tenure);
    await settle(delivery, outcome, deadLetters);
    metrics.settled(methodOf(decoded), outcome.kind);
  }

  async #outcomeOf(
    decoded: Operation | RefusedMessage | Ping,
    delivery: Delivery,
    tenure: Tenure,
  ): Promise<Settlement> {
    try {
      if (decoded.kind === 'refused') return await this.#refuse(decoded, delivery);
      if (decoded.kind === 'ping') return await this.#pong(decoded, delivery);
      return await this.#operate(decoded, delivery, tenure);
    } catch (error) {
      return this.#afterError(error, decoded, delivery, tenure);
    }
  }

  /** Handles a message that cannot become an operation: its caller gets an error, or it becomes a dead letter. */
  async #refuse({ reply, reason, detail }: RefusedMessage, delivery: Delivery): Promise<Settlement> {
    if (!reply) return { kind: 'dead', reason, detail, end: null };
    await this.#options.replies.reply(reply.codec, reply, { failure: reply.failure }, delivery.signal);
    return { kind: 'answered' };
  }

  async #pong({ request: { replyQ, msgId }, codec }: Ping, delivery: Delivery): Promise<Settlement> {
    if (replyQ !== null && msgId !== null) {
      await this.#options.replies.reply(codec, { replyQ, msgId }, { result: 'pong' }, delivery.signal);
    }
    return { kind: 'answered' };
  }

  #operate(operation: Operation, delivery: Delivery, tenure: Tenure): Promise<Settlement> {
    return inSpan(
      operation.method,
      () => spanOf(operation, delivery),
      (span) => this.#traced(operation, delivery, tenure, span),
    );
  }

  async #traced(operation: Operation, delivery: Delivery, tenure: Tenure, span: Span | null): Promise<Settlement> {
    const { metrics } = this.#options;
    const { codec, request, start } = operation;
    const received = performance.now();
    const endOfWaiting = beginSpan('lane' satisfies Stage);
    const entered = (): void => {
      endOfWaiting();
      metrics.stage('lane', secondsSince(received));
    };
    const { replyQ, msgId, timeout } = request;
    const stopHeartbeats =
      replyQ !== null && msgId !== null
        ? this.#options.replies.startHeartbeats(codec, { replyQ, msgId, timeout, fields: operationFieldsOf(start) })
        : () => undefined;
    try {
      const done = await this.#lanes.run(start.nodeUuid ?? start.id, () =>
        this.#runner.run(operation, delivery, tenure, entered),
      );
      stopHeartbeats();
      if (done === null) return { kind: 'answered' };
      if (span) endOfSpan(span, done.result);
      await inStage(metrics, 'answer', () => answer(operation, done, this.#options, delivery));
      metrics.answered(done.result, secondsSince(received));
      if (!done.deadLetter) return { kind: 'answered' };
      return { kind: 'dead', ...done.deadLetter, end: { id: start.id, endId: done.id } };
    } finally {
      stopHeartbeats();
    }
  }

  #afterError(
    error: unknown,
    decoded: Operation | RefusedMessage | Ping,
    delivery: Delivery,
    tenure: Tenure,
  ): Settlement {
    // If the message's channel has gone already, the error says nothing about the channel that exists now.
    if (error instanceof EpochLost && !delivery.session.aborted) this.#options.onLost(delivery.queue);
    const ours = !delivery.abandoned && !tenure.over.aborted;
    if (!ours || error instanceof Abandoned || error instanceof EpochLost) return { kind: 'abandoned' };
    const fields = decoded.kind === 'operation' ? operationFieldsOf(decoded.start) : { host: delivery.server };
    if (error instanceof ConnectionLost) {
      this.#options.log.warn('RabbitMQ did not confirm an answer; the answer will be sent again', fields);
      return { kind: 'unanswered' };
    }
    this.#options.log.error('could not handle a message; it becomes a dead letter', { ...fields, error });
    const detail = error instanceof Error ? `${error.name}: see the worker log` : 'see the worker log';
    return { kind: 'dead', reason: 'internal_error', detail, end: null };
  }
}

function methodOf(decoded: Operation | RefusedMessage | Ping): MessageMethod {
  if (decoded.kind === 'operation') return decoded.method;
  return decoded.kind === 'ping' ? 'ping' : 'unknown';
}
