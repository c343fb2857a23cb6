import type { Delivery } from '../amqp/index.js';
import { errorText } from '../async/error-text.js';
import { retry } from '../async/retry.js';
import { NetworkError } from '../contract/errors.js';
import { NetprovError } from '../errors.js';
import { type Logger, maskText } from '../log/log.js';
import {
  type EarlierBegins,
  isTransientDatabaseError,
  type OperationBegin,
  type State,
  type VifHolder,
} from '../state/index.js';

/** Milliseconds between two attempts while the database is not available. */
const DATABASE_DELAYS = { initialDelay: 100, maxDelay: 5000 };
/** Milliseconds to keep trying to note that no worker died. A stopping worker waits for this. */
const TAKE_BACK_TIMEOUT = 20_000;
/** Longest text that is noted as the reason for a retry, in characters. */
const MAX_REASON = 2000;
const NEVER = new AbortController().signal;

/** The database refused a statement that can be tried again. The message says what is tried next. */
export class DatabaseRefused extends NetprovError {
  readonly code = 'database_refused';
}

/**
 * Tries until the database has done the work. A database that is not available delays operations and fails none.
 * @throws the reason of the delivery's signal, and every error that is neither transient nor DatabaseRefused
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
      const message = refused ? error.message : `the database is not available; trying again to ${what}`;
      log().warn(message, { error: refused ? errorText(error.cause) : error.message });
    },
  });
}

/** Records in the database how far an operation is. */
export class OperationRecord {
  #begun = false;
  /** Whether the operation may be on record as under way: a begin was sent, but the database's answer was not seen. */
  #doubtful = false;

  constructor(
    private readonly operation: OperationBegin,
    private readonly state: State,
    private readonly delivery: Delivery,
    private readonly log: () => Logger,
  ) {}

  /** Whether the operation is on record as under way. */
  get begun(): boolean {
    return this.#begun;
  }

  /**
   * Notes that the operation is under way. Call it before anything outside is changed.
   * @throws EpochLost, NodeChanged, as untilStored
   */
  async begin(): Promise<void> {
    if (this.#begun) return;
    this.#doubtful = true;
    await untilStored('record an operation', () => this.state.begin(this.operation), this.delivery, this.log);
    this.#begun = true;
    this.#doubtful = false;
  }

  /** Claims the VIF that the operation attaches. Returns the other node that has it, if any. @throws as untilStored */
  claimVif(vif: string): Promise<VifHolder | null> {
    const { id, nodeUuid } = this.operation.start;
    const claim = { vif, node: nodeUuid ?? '', operation: id };
    return untilStored('claim a VIF', () => this.state.claimVif(claim), this.delivery, this.log);
  }

  /** Finds another node for which one of the VIFs is on record as bound. @throws as untilStored */
  vifBoundElsewhere(vifs: readonly string[]): Promise<VifHolder | null> {
    const node = this.operation.start.nodeUuid ?? '';
    return untilStored('look for VIFs', () => this.state.vifBoundElsewhere(vifs, node), this.delivery, this.log);
  }

  /** Notes that the operation cannot begin yet, and why. @throws EpochLost, NodeChanged, as untilStored */
  async waits(reason: string): Promise<void> {
    if (this.#begun) return;
    const waiting = { ...this.operation, waits: true };
    await untilStored('record an operation', () => this.state.begin(waiting), this.delivery, this.log);
    this.fault(reason, false);
  }

  /** Notes why the operation is tried again, or (`tried` false) cannot be tried yet. Never waits, never fails. */
  fault(reason: string, tried = true): void {
    this.state.fault(this.operation.start.id, maskText(reason, MAX_REASON), tried).catch((error: unknown) => {
      this.log().warn('could not record the last error of an operation', { error: errorText(error) });
    });
  }

  /** Notes that the operation is not under way for now, and that no worker died of it. @throws as untilStored */
  async pauses(): Promise<void> {
    if (!this.#begun) return;
    await untilStored('record an operation', () => this.state.abandon(this.operation), this.delivery, this.log);
    this.#begun = false;
  }

  /**
   * Notes that this worker gives the operation up, and that no worker died of it. Never fails. It waits for a database
   * that is not available, but only for TAKE_BACK_TIMEOUT. When it is unsure whether the begin is on record, it tries
   * only once.
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
        log.warn('the database is not available; trying again to record an operation', { error: error.message });
      },
    }).catch((error: unknown) => {
      log.warn('could not record that an operation was given up; a later crash may count against it', {
        error: errorText(error),
      });
    });
  }
}

/**
 * Limits for poison messages. A message that crashes the worker would crash every next worker too. When a worker dies,
 * only the operations that it had begun are suspected, not the messages that it had merely fetched. An operation fails
 * as poison only after deaths at which nothing else ran.
 */
export interface PoisonOptions {
  /** After so many deaths of workers that had begun the operation, perhaps beside others, it is tried alone. */
  suspectAfter: number;
  /** After so many deaths while it was tried alone, it is not tried any more. */
  triesAlone: number;
}

/** Whether an operation must be tried while nothing else runs. */
export function suspected(earlier: EarlierBegins | null, { suspectAfter }: PoisonOptions): boolean {
  return earlier !== null && earlier.begun >= suspectAfter;
}

/** The error of an operation that is not tried any more; null: it may be tried. */
export function poisonOf(earlier: EarlierBegins | null, { triesAlone }: PoisonOptions): NetworkError | null {
  if (earlier === null || earlier.triedAlone < triesAlone) return null;
  return new NetworkError(
    `${earlier.begun} workers died while they ran this operation, ${earlier.triedAlone} of them while nothing else ran; ` +
      'it is not tried again',
  );
}
