import { bulkhead, isBulkheadRejectedError } from 'cockatiel';

import { ApiError } from '../api/http/errors.js';
import type { LetterFilter, LettersDone, LetterTools, ListedLetter } from '../api/operators/tools.js';
import type { Config } from '../config/load.js';
import type { Logger } from '../log/log.js';
import type { Letter } from '../messages/dead-letter-details.js';
import { DeadLetterQueue, type HeldLetter, NoDeadLetterQueue } from '../recovery/dead-letter-queue.js';
import { letterToJson } from '../recovery/letter-json.js';
import { createJsonCodec, queueName } from '../rpc/index.js';
import { connectionOptions } from './connect.js';

/** Most callers that wait for their turn. */
const WAITING = 50;

/** Opens the dead-letter queue anew for each call, so that letters are held only as long as a call takes. */
export class LetterAccess implements LetterTools {
  /** While one reader holds the letters, others see none. */
  readonly #turns = bulkhead(1, WAITING);

  constructor(
    private readonly config: Config,
    private readonly log: Logger,
  ) {}

  async list(filter: LetterFilter, limit: number): Promise<{ letters: ListedLetter[]; more: boolean }> {
    return this.#with<{ letters: ListedLetter[]; more: boolean }>({ letters: [], more: false }, async (queue) => {
      const { letters, more } = await queue.choose({ filter: this.#filterOf(filter), bodies: false, limit });
      return { letters: letters.map(({ letter }) => letter), more };
    });
  }

  async show(id: string): Promise<object[]> {
    return this.#with<object[]>([], async (queue) => {
      const { letters } = await queue.choose({ filter: (letter) => letter.id === id, bodies: true });
      return letters.map((held) => letterToJson(held.letter, queue.describe(held)));
    });
  }

  async requeue(ids: readonly string[], force: boolean): Promise<LettersDone> {
    return this.#change(ids, true, (queue, letters) => queue.requeue(letters, { force }));
  }

  async drop(ids: readonly string[]): Promise<LettersDone> {
    return this.#change(ids, false, async (queue, letters) => {
      await queue.drop(letters);
      return [];
    });
  }

  #change(
    ids: readonly string[],
    bodies: boolean,
    work: (queue: DeadLetterQueue, letters: HeldLetter[]) => Promise<{ letter: Letter; why: string }[]>,
  ): Promise<LettersDone> {
    return this.#with<LettersDone>({ done: [], stayed: [] }, async (queue) => {
      const { letters } = await queue.choose({ filter: this.#filterOf({ ids }), bodies });
      const stay = await work(queue, letters);
      const staying = new Set(stay.map(({ letter }) => letter));
      return {
        done: letters.filter(({ letter }) => !staying.has(letter)).map(({ letter }) => letter.id),
        stayed: stay.map(({ letter: { id }, why }) => ({ id, why })),
      };
    });
  }

  /** @param nothing the answer if there is no such queue, because no worker has run yet */
  async #with<T>(nothing: T, work: (queue: DeadLetterQueue) => Promise<T>): Promise<T> {
    try {
      return await this.#turns.execute(() => this.#opened(nothing, work));
    } catch (error) {
      if (!isBulkheadRejectedError(error)) throw error;
      throw new ApiError(429, 'Too many callers wait for the dead letters.', { 'retry-after': '5' });
    }
  }

  async #opened<T>(nothing: T, work: (queue: DeadLetterQueue) => Promise<T>): Promise<T> {
    const { rpc } = this.config;
    let queue: DeadLetterQueue;
    try {
      queue = await DeadLetterQueue.open({
        topic: rpc.topic,
        queueType: rpc.queue_type,
        connection: connectionOptions(this.config, 'netprov api dead letters', this.log),
        jsonCodec: createJsonCodec({ maxBytes: rpc.max_message_bytes }),
        maxMessageBytes: rpc.max_message_bytes,
      });
    } catch (error) {
      if (error instanceof NoDeadLetterQueue) return nothing;
      throw error;
    }
    try {
      return await work(queue);
    } finally {
      await queue.close();
    }
  }

  #filterOf({ ids, reason, conductor, node, method }: LetterFilter): (letter: Letter) => boolean {
    const queue = conductor === undefined ? undefined : queueName(this.config.rpc.topic, conductor);
    const is = (wanted: string | undefined, value: string | null): boolean => wanted === undefined || wanted === value;
    const among = ids === undefined ? null : new Set(ids);
    return (letter) =>
      (among?.has(letter.id) ?? true) &&
      is(reason, letter.reason) &&
      is(queue, letter.queue) &&
      is(node, letter.node) &&
      is(method, letter.method);
  }
}
