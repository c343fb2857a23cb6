import { setTimeout as pause } from 'node:timers/promises';

import type { EntityManager } from 'typeorm';

import { copyOf, type StreamEntry } from '../amqp/index.js';
import { replayHeaders, withoutReplay } from '../messages/journal.js';
import { codecOf, type ReadOptions } from '../messages/request.js';
import { loadEnds } from '../state/replay-store.js';
import type { Journal } from './journal-reader.js';
import type { Decision, JournalEntry } from './replay-plan.js';

/** Operations whose ends are read with one query. */
const LOOKED_UP_AT_ONCE = 1000;
/** Messages that may wait for the broker's confirm. */
const UNCONFIRMED = 100;

/** Notes of each entry how its operation ended, as the database has it. @throws the database's errors */
export async function noteEnds(
  entries: readonly JournalEntry[],
  manager: EntityManager,
  onProgress: (done: number, all: number) => void,
): Promise<void> {
  for (let first = 0; first < entries.length; first += LOOKED_UP_AT_ONCE) {
    const some = entries.slice(first, first + LOOKED_UP_AT_ONCE);
    const ends = await loadEnds(
      manager,
      some.flatMap(({ id }) => id ?? []),
    );
    for (const entry of some) entry.ended = (entry.id === null ? undefined : ends.get(entry.id)) ?? null;
    onProgress(first + some.length, entries.length);
  }
}

export interface ReplayOptions extends ReadOptions {
  /** Most messages a second; null: as fast as the broker takes them. */
  rate: number | null;
  /** Aborted: no further message is sent. */
  signal: AbortSignal;
  /** Told after each message how many were dealt with, and of how many. */
  onProgress: (done: number, all: number) => void;
}

export interface Replayed {
  /** Offsets of what the broker has taken. */
  sent: number[];
  /** What was not sent after all, and why. */
  left: { entry: JournalEntry; why: string }[];
  /** Where to go on; null: all is done. */
  next: number | null;
  /** What ended it before its time; null: nothing, or the signal. */
  error: Error | null;
}

/**
 * Sends the messages of the chosen entries to their queues once more, in their order: past the exchange, so that the
 * journal gets no copy. Calls go as casts, since nobody waits for them any more. Never rejects.
 */
export async function replay(journal: Journal, chosen: readonly Decision[], options: ReplayOptions): Promise<Replayed> {
  const run = new Run(journal, options);
  const [first] = chosen;
  if (!first) return run.replayed;
  const begun = performance.now();
  let at = 0;
  try {
    for await (const entry of journal.messages(first.entry.offset)) {
      let decision = chosen[at];
      for (; decision && decision.entry.offset < entry.offset; decision = chosen[++at]) {
        run.leave(decision, 'it is gone from the journal');
      }
      if (!decision) break;
      if (decision.entry.offset > entry.offset) continue;
      if (options.rate !== null) await pauseUntil(begun + (run.count * 1000) / options.rate, options.signal);
      if (options.signal.aborted) break;
      await run.send(decision, entry);
      options.onProgress(++at, chosen.length);
      if (at === chosen.length) break;
    }
    await run.confirm();
  } catch (error) {
    run.replayed.error = error instanceof Error ? error : new Error(String(error));
  }
  run.replayed.next = run.firstUnconfirmed ?? chosen[at]?.entry.offset ?? null;
  return run.replayed;
}

async function pauseUntil(time: number, signal: AbortSignal): Promise<void> {
  const milliseconds = time - performance.now();
  // Rejects when the signal aborts, which the caller looks at.
  if (milliseconds > 0) await pause(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** One replay under way. */
class Run {
  readonly replayed: Replayed = { sent: [], left: [], next: null, error: null };
  /** Nodes that have got something new since the plan was made. */
  readonly #moved = new Set<string>();
  #unconfirmed: { offset: number; confirmed: Promise<void> }[] = [];

  constructor(
    private readonly journal: Journal,
    private readonly options: ReplayOptions,
  ) {}

  get count(): number {
    return this.replayed.sent.length + this.#unconfirmed.length;
  }

  /** Where the first message is that the broker may not have. */
  get firstUnconfirmed(): number | null {
    return this.#unconfirmed[0]?.offset ?? null;
  }

  leave({ entry }: Decision, why: string): void {
    this.replayed.left.push({ entry, why });
  }

  async send(decision: Decision, { message }: StreamEntry): Promise<void> {
    const { offset, queue, node, ended } = decision.entry;
    for (const moved of await this.journal.newcomers()) this.#moved.add(moved);
    if (node !== null && this.#moved.has(node)) {
      this.leave(decision, 'its node has got a newer request meanwhile');
      return;
    }
    const { headers, ...copy } = copyOf(message);
    const again = decision.again ? (ended?.id ?? null) : null;
    const own = { ...copy, headers: withoutReplay(headers) };
    const body = this.#asCast(copy.contentType, message.content);
    if (body === null) {
      this.leave(decision, 'it cannot be written as a cast');
      return;
    }
    const ours = replayHeaders(offset, { again, unless: decision.unless });
    const confirmed = this.journal.publisher.publishCopy(queue ?? '', body, own, ours);
    // It is looked at when the others are.
    confirmed.catch(() => undefined);
    this.#unconfirmed.push({ offset, confirmed });
    if (this.#unconfirmed.length >= UNCONFIRMED) await this.confirm();
  }

  /** Null: it cannot be done, as when it is nested deeper than JSON is written. */
  #asCast(contentType: string | null, body: Buffer): Buffer | null {
    try {
      return codecOf(contentType, this.options.jsonCodec).asCast(body);
    } catch {
      return null;
    }
  }

  /** Waits until the broker has taken what was sent. @throws ConnectionLost, Undeliverable */
  async confirm(): Promise<void> {
    for (let first = this.#unconfirmed[0]; first; first = this.#unconfirmed[0]) {
      await this.journal.taken(first.confirmed);
      this.replayed.sent.push(first.offset);
      this.#unconfirmed.shift();
    }
  }
}
