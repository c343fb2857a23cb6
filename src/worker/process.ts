import { bulkhead } from 'cockatiel';

import type { OperationResult } from '../contract/types.js';
import type { Logger } from '../log.js';
import type { Delivery, ReplySender } from '../rpc/index.js';
import { isTransientDatabaseError, type State } from '../state/index.js';
import { answer, type AnswerOptions } from './answer.js';
import { endOf } from './end.js';
import type { DeadLetters } from './dead-letters.js';
import { decode, type DecodeOptions, type Operation, type Ping, type Refused } from './decode.js';
import { Lanes } from './lanes.js';
import { persist } from './persist.js';
import { provide, type Provided, type ProvideOptions } from './provide.js';
import { settle, type Outcome } from './settle.js';

export interface ProcessOptions extends DecodeOptions, Omit<ProvideOptions, 'turns'>, AnswerOptions {
  /** Most operations that are with their provider at once. */
  maxOperations: number;
  state: State;
  replies: ReplySender;
  deadLetters: DeadLetters;
  log: Logger;
}

/** Milliseconds between two attempts at a database that is away. */
const DATABASE_DELAYS = { initialDelay: 100, maxDelay: 5000 };

/** What a lane answers with. */
interface Done {
  result: OperationResult;
  deadLetter: Provided['deadLetter'];
}

/**
 * The way of one message:
 *
 *     receive -> decode -> lane -> (already done? answer again) -> provider -> commit -> answer -> acknowledge
 *
 * Whether it is done already is asked in the lane: there, what came before for the same node has ended.
 */
export class Process {
  readonly #options: ProcessOptions & ProvideOptions;
  readonly #lanes = new Lanes();
  #draining = false;

  constructor(options: ProcessOptions) {
    this.#options = { ...options, turns: bulkhead(options.maxOperations, Infinity) };
  }

  /** How many nodes have operations here, running or waiting. */
  get lanes(): number {
    return this.#lanes.size;
  }

  /** From now on nothing new is begun: what waits in a lane is abandoned to the queue. */
  drain(): void {
    this.#draining = true;
  }

  /** Takes a message all the way. Never rejects. */
  async handle(delivery: Delivery): Promise<void> {
    const outcome = await this.#outcomeOf(delivery);
    await settle(delivery, outcome, this.#options.deadLetters);
  }

  async #outcomeOf(delivery: Delivery): Promise<Outcome> {
    const decoded = decode(delivery, this.#options);
    try {
      if (decoded.kind === 'refused') return await this.#refuse(decoded, delivery);
      if (decoded.kind === 'ping') return await this.#pong(decoded, delivery);
      return await this.#operate(decoded, delivery);
    } catch (error) {
      return this.#afterError(error, decoded, delivery);
    }
  }

  /** A message that cannot become an operation: its caller is told, or it is kept as a dead letter. */
  async #refuse({ reply, reason, detail }: Refused, delivery: Delivery): Promise<Outcome> {
    if (!reply) return { kind: 'dead', reason, detail };
    await this.#options.replies.reply(reply.codec, reply, { failure: reply.failure }, delivery.signal);
    return { kind: 'answered' };
  }

  async #pong({ request: { replyQ, msgId }, codec }: Ping, delivery: Delivery): Promise<Outcome> {
    if (replyQ !== null && msgId !== null) {
      await this.#options.replies.reply(codec, { replyQ, msgId }, { result: 'pong' }, delivery.signal);
    }
    return { kind: 'answered' };
  }

  async #operate(operation: Operation, delivery: Delivery): Promise<Outcome> {
    const { codec, request, start } = operation;
    const { replyQ, msgId, timeout } = request;
    const stopHeartbeats =
      replyQ !== null && msgId !== null
        ? this.#options.replies.startHeartbeats(codec, { replyQ, msgId, timeout })
        : () => undefined;
    try {
      const done = await this.#lanes.run(start.nodeUuid ?? start.id, () => this.#perform(operation, delivery));
      stopHeartbeats();
      await answer(operation, done.result, this.#options, delivery);
      return done.deadLetter ? { kind: 'dead', ...done.deadLetter } : { kind: 'answered' };
    } finally {
      stopHeartbeats();
    }
  }

  /** The part that has to be alone in its node's lane. */
  async #perform(operation: Operation, delivery: Delivery): Promise<Done> {
    if (this.#draining || delivery.abandoned) throw new Abandoned();
    const { state } = this.#options;
    const { start, request } = operation;
    const fields = {
      operation: start.id,
      node: start.nodeUuid,
      host: start.conductorHost,
      request_id: request.context.request_id,
    };
    const log = (): Logger => this.#options.log.child(fields);

    const known = await this.#untilStored('look up an operation', () => state.lookUp(start), delivery, log);
    if (known.result) {
      log().info('repeat of an operation that has ended; answering again', { method: start.method });
      return { result: known.result, deadLetter: null };
    }

    const provided = await provide(operation, known.node, this.#options, delivery, log, {
      begin: () => this.#untilStored('note an operation', () => state.begin(start), delivery, log),
      fault: (reason) => {
        state.fault(start.id, reason).catch((error: unknown) => {
          log().warn('a fault could not be noted on the row of its operation', { error: String(error) });
        });
      },
    });
    const end = endOf(operation, known.node, provided);
    await this.#untilStored('commit an operation', () => state.end(end), delivery, log);

    const { status, network_provider, bindings, failures, warnings } = end.result;
    const level = status === 'succeeded' && warnings.length === 0 ? 'info' : 'warn';
    this.#options.log.log(level, `${start.method} ${status}`, {
      ...fields,
      network_provider,
      bindings: bindings.length,
      failures: failures.length,
      ...(warnings.length > 0 ? { warnings: warnings.map(({ reason }) => reason) } : {}),
      error: end.result.error?.message,
      duration_ms: Date.now() - start.startedAt.getTime(),
    });
    return { result: end.result, deadLetter: provided.deadLetter };
  }

  /** Tries until the database has taken it: a database that is away holds operations up, it does not fail them. */
  #untilStored<T>(what: string, work: () => Promise<T>, delivery: Delivery, log: () => Logger): Promise<T> {
    return persist(work, {
      ...DATABASE_DELAYS,
      isTransient: isTransientDatabaseError,
      signal: () => delivery.signal,
      onFault: (error) => {
        log().warn(`the database is not available, trying to ${what} again`, { error: error.message });
      },
    });
  }

  #afterError(error: unknown, decoded: Operation | Refused | Ping, delivery: Delivery): Outcome {
    if (delivery.abandoned || error instanceof Abandoned) return { kind: 'abandoned' };
    const operation = decoded.kind === 'refused' ? undefined : decoded.request.uniqueId;
    if (isConnectionLost(error)) {
      this.#options.log.warn('RabbitMQ did not confirm an answer; it will be given again', { operation });
      return { kind: 'unanswered' };
    }
    this.#options.log.error('a message could not be handled', { operation, error });
    const detail = error instanceof Error ? `${error.name}: see the worker log` : 'see the worker log';
    return { kind: 'dead', reason: 'internal_error', detail };
  }
}

/** Thrown in a lane when the worker stops before the operation has begun. */
class Abandoned extends Error {}

function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'connection_lost';
}
