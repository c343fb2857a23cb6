import type { DataSource } from 'typeorm';

import { errorText } from '../async/error-text.js';
import { Loop } from '../async/loop.js';
import type { Logger } from '../log/log.js';
import type { Providers } from '../worker/provider-choice.js';
import { type NodeDifference, notedDifferences } from './differences.js';

export interface ReconcilerOptions {
  /** Milliseconds between two comparisons. */
  interval: number;
  /** Whether differences are repaired. */
  fix: boolean;
  defaultNetworkProvider: string;
}

export interface ReconcilerParts {
  /** The conductor hosts whose nodes this worker looks after now. */
  hosts: () => readonly string[];
  dataSource: DataSource;
  providers: Providers;
  /** Casts reconcile for these nodes to their hosts' queues, so that it keeps their order and reaches their worker. */
  cast: (nodes: readonly NodeDifference[]) => Promise<void>;
  log: Logger;
}

/** How much a pause may differ from the interval, as a fraction. It keeps many workers from asking Neutron at once. */
const JITTER = 0.1;

/** Periodically compares the nodes of this worker's conductor hosts with Neutron, and logs the differences. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #parts: ReconcilerParts;
  readonly #comparisons: Loop;

  constructor(options: ReconcilerOptions, parts: ReconcilerParts) {
    this.#options = options;
    this.#parts = parts;
    const { interval } = options;
    this.#comparisons = new Loop((signal) => this.#compare(signal), {
      first: interval * Math.random(),
      interval: () => interval * (1 + JITTER * (2 * Math.random() - 1)),
      onError: (error) => {
        this.#failed(error);
      },
    });
  }

  /**
   * Starts the periodic comparison. The first one begins at a random moment of the first interval, so that workers that
   * start together do not compare at the same time.
   */
  start(): void {
    this.#comparisons.start();
  }

  /** Stops, even in the middle of a comparison. */
  async stop(): Promise<void> {
    await this.#comparisons.stop();
  }

  #failed(error: unknown): void {
    // A comparison that was broken off by the stop has not failed.
    if (this.#comparisons.signal.aborted) return;
    const reason = errorText(error);
    this.#parts.log.warn('could not compare nodes with Neutron; will try again after reconcile.interval', { reason });
  }

  async #compare(signal: AbortSignal): Promise<void> {
    const { hosts, log, providers } = this.#parts;
    const [away] = providers.away();
    if (away !== undefined) throw new Error(away);
    const { defaultNetworkProvider } = this.#options;
    const parts = { ...this.#parts, defaultNetworkProvider, signal };
    const counts = { nodes: 0, different: 0 };
    const onProgress = ({ done }: { done: number }): void => {
      counts.nodes = done;
    };
    for await (const group of notedDifferences({ hosts: hosts() }, { ...parts, onProgress })) {
      const settled = group.filter(({ moving }) => !moving);
      counts.different += settled.length;
      for (const difference of settled) this.#report(difference);
      // A host may have gone to another worker during the comparison. That worker repairs the host's nodes.
      const own = settled.filter(({ host }) => host !== null && hosts().includes(host));
      if (this.#options.fix && own.length > 0) await this.#parts.cast(own);
    }
    log.info('compared nodes with Neutron', counts);
  }

  #report({ node, host, findings }: NodeDifference): void {
    for (const { kind, neutron_port_id: port, reason } of findings) {
      this.#parts.log.warn('Neutron differs from the record of the node; netprov reconcile --fix repairs it', {
        node,
        host,
        kind,
        port,
        reason,
      });
    }
  }
}
