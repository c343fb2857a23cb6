import type { EntityManager } from 'typeorm';

import { copyOf, type StreamEntry } from '../amqp/index.js';
import { toError } from '../async/error-text.js';
import { pause } from '../async/pause.js';
import { replayHeaders, withoutReplay } from '../messages/journal.js';
import { codecOf, type ReadOptions } from '../messages/request.js';
import { loadEnds } from '../state/replay-store.js';
import type { Journal } from './journal-reader.js';
import type { Decision, JournalEntry } from './replay-plan.js';

/** How many operations one query looks up. */
const LOOKED_UP_AT_ONCE = 1000;
/** Most messages that wait for the broker's confirm at once. */
const UNCONFIRMED = 100;

/** Sets `ended` of each entry: how its operation ended, as the database has it. @throws the database's errors */
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
  /** When it aborts, no further message is sent. */
  signal: AbortSignal;
  /** Called after each message, with the number of messages done and of all messages. */
  onProgress: (done: number, all: number) => void;
}

export interface Replayed {
  /** Offsets of the messages that the broker has confirmed. */
  sent: number[];
  /** Chosen entries that were not sent after all, and why. */
  left: { entry: JournalEntry; why: string }[];
  /** The offset to continue from; null: everything is done. */
  next: number | null;
  /** The error that ended the replay early; null: it was complete, or the signal ended it. */
  error: Error | null;
}

/**
 * Sends the messages of the chosen entries to their queues again, in order. The messages bypass the exchange, so that
 * the journal gets no copy. Calls become casts, because no caller waits for them any more. Never rejects.
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
        run.leave(decision, 'the journal no longer has it');
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
    run.replayed.error = toError(error);
  }
  run.replayed.next = run.firstUnconfirmed ?? chosen[at]?.entry.offset ?? null;
  return run.replayed;
}

async function pauseUntil(time: number, signal: AbortSignal): Promise<void> {
  const milliseconds = time - performance.now();
  if (milliseconds > 0) await pause(milliseconds, signal);
}

/** One replay in progress. */
class Run {
  readonly replayed: Replayed = { sent: [], left: [], next: null, error: null };
  /** Nodes for which a new request came since the plan was made. */
  readonly #moved = new Set<string>();
  #unconfirmed: { offset: number; confirmed: Promise<void> }[] = [];

  constructor(
    private readonly journal: Journal,
    private readonly options: ReplayOptions,
  ) {}

  get count(): number {
    return this.replayed.sent.length + this.#unconfirmed.length;
  }

  /** Offset of the first message that the broker has not confirmed; null: there is none. */
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
      this.leave(decision, 'its node received a newer request meanwhile');
      return;
    }
    const { headers, ...copy } = copyOf(message);
    const again = decision.again ? (ended?.id ?? null) : null;
    const own = { ...copy, headers: withoutReplay(headers) };
    const body = this.#asCast(copy.contentType, message.content);
    if (body === null) {
      this.leave(decision, 'it cannot be converted to a cast');
      return;
    }
    const ours = replayHeaders(offset, { again, unless: decision.unless });
    const confirmed = this.journal.publisher.publishCopy(queue ?? '', body, own, ours);
    // confirm() handles the error: until then it must not count as an unhandled rejection.
    confirmed.catch(() => undefined);
    this.#unconfirmed.push({ offset, confirmed });
    if (this.#unconfirmed.length >= UNCONFIRMED) await this.confirm();
  }

  /** The body of the message as a cast. Null: it cannot be written, for example because it is nested too deeply. */
  #asCast(contentType: string | null, body: Buffer): Buffer | null {
    try {
      return codecOf(contentType, this.options.jsonCodec).asCast(body);
    } catch {
      return null;
    }
  }

  /** Waits until the broker has confirmed all sent messages. @throws ConnectionLost, Undeliverable */
  async confirm(): Promise<void> {
    for (let first = this.#unconfirmed[0]; first; first = this.#unconfirmed[0]) {
      await this.journal.taken(first.confirmed);
      this.replayed.sent.push(first.offset);
      this.#unconfirmed.shift();
    }
  }
}
