import { setTimeout as sleep } from 'node:timers/promises';

import type { DataSource } from 'typeorm';

import type { Logger } from '../log/log.js';
import type { Providers } from '../worker/provider-choice.js';
import { differences, type NodeDifference } from './differences.js';

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
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReconcilerOptions, parts: ReconcilerParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * Starts the periodic comparison. The first one begins at a random moment of the first interval, so that workers that
   * start together do not compare at the same time.
   */
  start(): void {
    this.#running = this.#run();
  }

  /** Stops, even in the middle of a comparison. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { interval } = this.#options;
    const { signal } = this.#stopping;
    let pause = interval * Math.random();
    for (;;) {
      try {
        await sleep(pause, undefined, { signal, ref: false });
        await this.#compare();
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        this.#parts.log.warn('nodes could not be compared with Neutron; the next try is in an interval', { reason });
      }
      pause = interval * (1 + JITTER * (2 * Math.random() - 1));
    }
  }

  async #compare(): Promise<void> {
    const { hosts, log, providers } = this.#parts;
    const [away] = providers.away();
    if (away !== undefined) throw new Error(away);
    const { defaultNetworkProvider } = this.#options;
    const parts = { ...this.#parts, defaultNetworkProvider, signal: this.#stopping.signal };
    const counts = { nodes: 0, different: 0 };
    const onProgress = ({ done }: { done: number }): void => {
      counts.nodes = done;
    };
    for await (const group of differences({ hosts: hosts() }, { ...parts, onProgress })) {
      const settled = group.filter(({ moving }) => !moving);
      counts.different += settled.length;
      for (const difference of settled) this.#report(difference);
      // A host may have gone to another worker during the comparison. That worker repairs the host's nodes.
      const own = settled.filter(({ host }) => host !== null && hosts().includes(host));
      if (this.#options.fix && own.length > 0) await this.#parts.cast(own);
    }
    log.info('nodes compared with Neutron', counts);
  }

  #report({ node, host, findings }: NodeDifference): void {
    for (const { kind, neutron_port_id: port, reason } of findings) {
      this.#parts.log.warn('the node differs from its record', { node, host, kind, port, reason });
    }
  }
}
