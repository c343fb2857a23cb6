import type { Delivery } from '../amqp/index.js';
import { retry } from '../async/retry.js';
import { NetworkError } from '../contract/errors.js';
import { type Logger, maskText } from '../log/log.js';
import {
  type EarlierBegins,
  isTransientDatabaseError,
  type OperationBegin,
  type State,
  type VifHolder,
} from '../state/index.js';

/** Milliseconds between two attempts at a database that is away. */
const DATABASE_DELAYS = { initialDelay: 100, maxDelay: 5000 };
/** Milliseconds for which it is tried to note that no worker died: a worker that is to stop waits for it. */
const TAKE_BACK_TIMEOUT = 20_000;
/** Longest text that is noted as the reason for another try, in characters. */
const MAX_REASON = 2000;
const NEVER = new AbortController().signal;

/** The database refused something, and that can be tried again. The message says what is tried. */
export class DatabaseRefused extends Error {}

/**
 * Tries until the database has taken it: a database that is away holds operations up, it does not fail them.
 * @throws the reason of the delivery's signal, and what is neither a fault of the database nor DatabaseRefused
 */
export function untilStored<T>(
  what: string,
  work: () => Promise<T>,
  delivery: Delivery,
  log: () => Logger,
): Promise<T> {
  return retry(work, {
    ...DATABASE_DELAYS,
    isTransient: (error) => error instanceof DatabaseRefused || isTransientDatabaseError(error),
    signal: () => delivery.signal,
    onFault: (error) => {
      const refused = error instanceof DatabaseRefused;
      const message = refused ? error.message : `the database is not available, trying to ${what} again`;
      log().warn(message, { error: refused ? String(error.cause) : error.message });
    },
  });
}

/** Puts on record how far an operation is. */
export class OperationRecord {
  #begun = false;
  /** Whether it may be on record as under way: it was tried to note that, and the database's answer was not seen. */
  #doubtful = false;

  constructor(
    private readonly operation: OperationBegin,
    private readonly state: State,
    private readonly delivery: Delivery,
    private readonly log: () => Logger,
  ) {}

  /** Whether it is on record as under way. */
  get begun(): boolean {
    return this.#begun;
  }

  /** It is under way. To be asked for before anything outside may be changed. @throws EpochLost, NodeChanged, as untilStored */
  async begin(): Promise<void> {
    if (this.#begun) return;
    this.#doubtful = true;
    await untilStored('note an operation', () => this.state.begin(this.operation), this.delivery, this.log);
    this.#begun = true;
    this.#doubtful = false;
  }

  /** Claims a VIF that it attaches; answers with the other node that has it. @throws as untilStored */
  claimVif(vif: string): Promise<VifHolder | null> {
    const { id, nodeUuid } = this.operation.start;
    const claim = { vif, node: nodeUuid ?? '', operation: id };
    return untilStored('claim a VIF', () => this.state.claimVif(claim), this.delivery, this.log);
  }

  /** The other node for which one of the VIFs is on record as bound. @throws as untilStored */
  vifBoundElsewhere(vifs: readonly string[]): Promise<VifHolder | null> {
    const node = this.operation.start.nodeUuid ?? '';
    return untilStored('look for VIFs', () => this.state.vifBoundElsewhere(vifs, node), this.delivery, this.log);
  }

  /** It cannot be begun yet, and why. @throws EpochLost, NodeChanged, as untilStored */
  async waits(reason: string): Promise<void> {
    if (this.#begun) return;
    const waiting = { ...this.operation, waits: true };
    await untilStored('note an operation', () => this.state.begin(waiting), this.delivery, this.log);
    this.fault(reason, false);
  }

  /** It has to be tried again, and why. Does not wait, and does not fail. */
  fault(reason: string, tried = true): void {
    this.state.fault(this.operation.start.id, maskText(reason, MAX_REASON), tried).catch((error: unknown) => {
      this.log().warn('a fault could not be noted on the row of its operation', { error: String(error) });
    });
  }

  /** It is not under way for now, and no worker died of it. @throws as untilStored */
  async pauses(): Promise<void> {
    if (!this.#begun) return;
    await untilStored('note an operation', () => this.state.abandon(this.operation), this.delivery, this.log);
    this.#begun = false;
  }

  /**
   * It is not gone on with, and no worker died of it. Does not fail; waits for a database that is away, but not for ever,
   * and not where it is doubtful that there is something to take back.
   */
  async abandoned(): Promise<void> {
    if (!this.#begun && !this.#doubtful) return;
    const log = this.log();
    await retry(() => this.state.abandon(this.operation), {
      ...DATABASE_DELAYS,
      deadline: performance.now() + (this.#begun ? TAKE_BACK_TIMEOUT : 0),
      isTransient: isTransientDatabaseError,
      signal: () => NEVER,
      onFault: (error) => {
        log.warn('the database is not available, trying to note an operation again', { error: error.message });
      },
    }).catch((error: unknown) => {
      log.warn('it could not be noted that no worker died of an operation', { error: String(error) });
    });
  }
}

/**
 * A message that takes down whoever works on it would do so for ever. Those that were only fetched when a worker died
 * are not suspects, only those that it had begun; and one is convicted only of deaths at which nothing else ran.
 */
export interface PoisonOptions {
  /** Deaths of workers that had begun an operation, among others, after which it is tried alone. */
  suspectAfter: number;
  /** Deaths while it was tried alone, after which it is not tried any more. */
  triesAlone: number;
}

/** Whether an operation is to be tried while nothing else runs. */
export function suspected(earlier: EarlierBegins | null, { suspectAfter }: PoisonOptions): boolean {
  return earlier !== null && earlier.begun >= suspectAfter;
}

/** Why an operation is not tried any more; null: it is. */
export function poisonOf(earlier: EarlierBegins | null, { triesAlone }: PoisonOptions): NetworkError | null {
  if (earlier === null || earlier.triedAlone < triesAlone) return null;
  return new NetworkError(
    `${earlier.begun} workers died while they ran this operation, ${earlier.triedAlone} of them while nothing else ran; ` +
      'it is not tried again',
  );
}
