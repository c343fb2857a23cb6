import { errorText } from '../async/error-text.js';
import { Loop } from '../async/loop.js';
import { pause } from '../async/pause.js';
import type { Logger } from '../log/log.js';
import type { NodePlace, State } from '../state/index.js';
import { type Owed, Reminders } from './owed.js';
import type { Spread } from './ownership/spread.js';

/** Most milliseconds between two rounds. The interval is shorter when owedAfter is shorter. */
const INTERVAL = 10_000;
/** Most operations to forget in one statement, and milliseconds between two statements, so that others get through. */
const GROUP = 1000;
const BREATH = 50;
/**
 * Milliseconds after which reconcile is cast again for a node that still needs it, at first and at most. Each cast adds
 * a row to the table of operations.
 */
const ASK_AGAIN = 300_000;
const ASK_AGAIN_MOST = 86_400_000;

export interface HousekeepingOptions {
  state: State;
  spread: Spread;
  owed: Owed;
  /** Seconds after which an owed result is delivered: see Owed. */
  owedAfter: number;
  /** Conductor hosts whose queues are this worker's share. */
  hosts: () => readonly string[];
  /** Has the node reconciled once more, in its lane, by the worker that acts for its conductor host. */
  lookAgain: (node: NodePlace, signal: AbortSignal) => Promise<void>;
  /** Seconds for which the records of ended operations are kept; null: for ever. */
  keepOperations: number | null;
  log: Logger;
}

/** Delivers owed results, reconciles marked nodes and forgets old operations: one of the workers does each of these. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #rounds: Loop;
  /** The nodes for which reconcile was cast, by UUID. */
  readonly #asked = new Reminders(ASK_AGAIN, ASK_AGAIN_MOST);

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    const interval = Math.min(INTERVAL, options.owedAfter * 1000);
    this.#rounds = new Loop((signal) => this.#round(signal), {
      first: interval,
      interval,
      onError: (error) => {
        options.log.warn('housekeeping failed; will try again', { error: errorText(error) });
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { state, spread, owed, keepOperations, log } = this.#options;
    await owed.settle(spread.mine(), signal);
    await this.#lookAgain(signal);
    if (keepOperations === null || !spread.first) return;
    let forgotten = 0;
    for (let count = GROUP; count === GROUP && !signal.aborted;) {
      count = await state.prune(keepOperations, GROUP);
      forgotten += count;
      await pause(BREATH);
    }
    if (forgotten > 0) log.info('deleted the records of old operations', { operations: forgotten });
  }

  /**
   * Casts reconcile for each node whose unanswered requests can take effect no more (see needsRepair). Every such node
   * gets its turn, however many others fail again and again.
   */
  async #lookAgain(signal: AbortSignal): Promise<void> {
    const { state, hosts, lookAgain } = this.#options;
    const now = performance.now();
    this.#asked.forget(now);
    let nodes: NodePlace[] = [];
    do {
      nodes = await state.late(hosts(), nodes.at(-1)?.uuid ?? '', GROUP);
      for (const node of nodes) if (this.#asked.due(node.uuid, now)) await lookAgain(node, signal);
    } while (nodes.length === GROUP && !signal.aborted);
  }
}
