import { ConnectionLost, type Delivery } from '../amqp/index.js';
import { RESULT_QUESTION, resultToJson } from '../contract/result.js';
import type { Logger } from '../log/log.js';
import {
  decode,
  type Decoded,
  type DecodeOptions,
  type Operation,
  operationFieldsOf,
  type Ping,
  type RefusedMessage,
  type ResultQuestion,
} from '../messages/request.js';
import type { ReplySender } from '../rpc/index.js';
import { EpochLost, type LookUpResult } from '../state/index.js';
import { beginSpan, inSpan } from '../tracing/tracing.js';
import { answer } from './answer.js';
import { Batches, type BatchesOptions, isPlain, type OperationMessage } from './batches.js';
import type { DeadLetters } from './keep-dead-letter.js';
import { Lanes } from './lanes.js';
import { inStage, type MessageMethod, secondsSince, type Stage } from './metrics.js';
import { Abandoned, assertOurs } from './operation-context.js';
import { untilStored } from './operation-record.js';
import { OperationRunner } from './operation-runner.js';
import type { Tenure } from './ownership/tenure.js';
import { settle, type Settlement } from './settle.js';
import { endOfSpan, type Span, spanOf } from './spans.js';

export interface MessageHandlerOptions extends DecodeOptions, BatchesOptions {
  replies: ReplySender;
  deadLetters: DeadLetters;
  log: Logger;
  /** Whether every operation is done step by step, in no batch. */
  stepByStep: boolean;
  /** Called when another worker acts for a queue: this worker can do nothing more for the queue's messages. */
  onLost: (queue: string) => void;
  /** Called when a message is settled, or left to its queue. */
  onDone: (delivery: Delivery, tenure: Tenure) => void;
}

/** Whether an operation has its lane already, or has to wait for its turn. */
type LaneRun = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Takes messages through all their steps:
 *
 *     receive -> decode -> lane -> (already done? answer again) -> provider -> commit -> answer -> acknowledge
 *
 * "Already done?" is asked in the lane: only there have all earlier operations of the same node ended. From the lane on
 * there are two ways: Batches does plain operations of many nodes together, and OperationRunner does one step by step.
 */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  readonly #runner: OperationRunner;
  readonly #batches: Batches;
  readonly #lanes = new Lanes();
  /** Received messages that are not decoded yet, oldest first. */
  #received: Omit<OperationMessage, 'operation'>[] = [];

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
    this.#runner = new OperationRunner(options);
    this.#batches = new Batches(options, {
      onCare: (message, known) => {
        this.#operateInLane(message, known);
      },
      onLaneFree: ({ operation }) => {
        this.#lanes.leave(laneOf(operation));
      },
      onAnswered: (message) => {
        this.#settle(message, { kind: 'answered' });
      },
      onUnanswered: (message, error) => {
        this.#settle(message, this.#afterError(error, message.operation, message.delivery, message.tenure));
      },
      onLeft: (message) => {
        this.#settle(message, { kind: 'abandoned' });
      },
    });
  }

  /** How many nodes have operations here, running or waiting. */
  get lanes(): number {
    return this.#lanes.size;
  }

  /** Handles a message from receipt to settlement, and then calls onDone. Returns at once. */
  receive(delivery: Delivery, tenure: Tenure): void {
    this.#options.metrics.received(delivery.redelivered);
    if (this.#received.push({ delivery, tenure, received: performance.now() }) > 1) return;
    setImmediate(() => {
      this.#decode();
    });
  }

  /**
   * Decodes one group of messages in each turn of the event loop, so that a thousand prefetched messages do not hold up
   * the group that is under way.
   */
  #decode(): void {
    const group = this.#received.splice(0, this.#options.groupSize);
    if (this.#received.length > 0)
      setImmediate(() => {
        this.#decode();
      });
    for (const { delivery, tenure, received } of group) {
      this.#begin(decode(delivery, this.#options), delivery, tenure, received);
    }
  }

  #begin(decoded: Decoded, delivery: Delivery, tenure: Tenure, received: number): void {
    if (decoded.kind === 'refused') {
      this.#finish(decoded, delivery, tenure, () => this.#refuse(decoded, delivery));
    } else if (decoded.kind === 'ping') {
      this.#finish(decoded, delivery, tenure, () => this.#pong(decoded, delivery));
    } else if (decoded.kind === 'question') {
      // In the node's lane: there, what the node was asked before has ended.
      this.#finish(decoded, delivery, tenure, () =>
        this.#lanes.run(decoded.which.nodeUuid, () => this.#tell(decoded, delivery, tenure)),
      );
    } else {
      const message = { operation: decoded, delivery, tenure, received };
      const lane = laneOf(decoded);
      if (this.#options.stepByStep || !isPlain(decoded, delivery)) {
        this.#operate(message, (work) => this.#lanes.run(lane, work), null);
      } else {
        this.#lanes.enter(lane, () => {
          this.#batches.add(message);
        });
      }
    }
  }

  /** Does the work of a message, and settles the message by its outcome. */
  #finish(decoded: Decoded, delivery: Delivery, tenure: Tenure, work: () => Promise<Settlement>): void {
    void work()
      .catch((error: unknown) => this.#afterError(error, decoded, delivery, tenure))
      .then((outcome) => this.#settled(decoded, delivery, tenure, outcome));
  }

  async #settled(decoded: Decoded, delivery: Delivery, tenure: Tenure, outcome: Settlement): Promise<void> {
    const { deadLetters, metrics, log, onDone } = this.#options;
    try {
      await settle(delivery, outcome, deadLetters);
      metrics.settled(methodOf(decoded), outcome.kind);
    } catch (error) {
      // The message stays unsettled, so the broker delivers it again.
      log.error('a bug in netprov: could not settle a message; it stays in its queue', {
        host: delivery.server,
        error,
      });
    } finally {
      onDone(delivery, tenure);
    }
  }

  #settle({ operation, delivery, tenure }: OperationMessage, outcome: Settlement): void {
    void this.#settled(operation, delivery, tenure, outcome);
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

  /**
   * Answers with the result of an earlier request, without doing anything.
   * @throws Abandoned when the request may still be done elsewhere: the question then stays in the queue behind it
   */
  async #tell({ request, codec, which }: ResultQuestion, delivery: Delivery, tenure: Tenure): Promise<Settlement> {
    const { state, replies, log } = this.#options;
    assertOurs(delivery, tenure);
    const found = await untilStored(
      'read the result of a request',
      () => state.resultOf(which),
      delivery,
      () => log,
    );
    assertOurs(delivery, tenure);
    const { replyQ, msgId } = request;
    if (replyQ !== null && msgId !== null) {
      const result = found === null ? null : resultToJson(found);
      await replies.reply(codec, { replyQ, msgId }, { result }, delivery.signal);
    }
    return { kind: 'answered' };
  }

  /** Does an operation step by step that has its lane already. */
  #operateInLane(message: OperationMessage, known: LookUpResult | null): void {
    const inLane: LaneRun = async (work) => {
      try {
        return await work();
      } finally {
        this.#lanes.leave(laneOf(message.operation));
      }
    };
    this.#operate(message, inLane, known);
  }

  #operate(message: OperationMessage, inLane: LaneRun, known: LookUpResult | null): void {
    const { operation, delivery, tenure } = message;
    this.#finish(operation, delivery, tenure, () =>
      inSpan(
        operation.method,
        () => spanOf(operation, delivery),
        (span) => this.#traced(message, span, inLane, known),
      ),
    );
  }

  async #traced(
    { operation, delivery, tenure, received }: OperationMessage,
    span: Span | null,
    inLane: LaneRun,
    known: LookUpResult | null,
  ): Promise<Settlement> {
    const { metrics } = this.#options;
    const { codec, request, start } = operation;
    const endOfWaiting = beginSpan('lane' satisfies Stage);
    const entered = (): void => {
      endOfWaiting();
      if (known === null) metrics.stage('lane', secondsSince(received));
    };
    const { replyQ, msgId, timeout } = request;
    const stopHeartbeats =
      replyQ !== null && msgId !== null
        ? this.#options.replies.startHeartbeats(codec, { replyQ, msgId, timeout, fields: operationFieldsOf(start) })
        : () => undefined;
    try {
      const done = await inLane(() => this.#runner.run(operation, delivery, tenure, entered, known));
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

  #afterError(error: unknown, decoded: Decoded, delivery: Delivery, tenure: Tenure): Settlement {
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

/** The lane of an operation: its node's, or its own if its node is not known. */
function laneOf({ start }: Operation): string {
  return start.nodeUuid ?? start.id;
}

function methodOf(decoded: Decoded): MessageMethod {
  if (decoded.kind === 'operation') return decoded.method;
  if (decoded.kind === 'question') return RESULT_QUESTION;
  return decoded.kind === 'ping' ? 'ping' : 'unknown';
}
