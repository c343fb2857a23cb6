import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

import { within } from '../async/within.js';
import { version } from '../version.js';

export type { Registry } from 'prom-client';

/** Creates the registry of this process, with the default metrics of Node.js. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  gauge(registry, 'netprov_build_info', 'Always 1; the label has the version of netprov.', ['version'], (info) => {
    info.set({ version }, 1);
  });
  return registry;
}

/** Adds a gauge that is computed at each scrape. It then has only the values that `read` sets. */
export function gauge<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
  read: (gauge: Gauge<L>) => void | Promise<void>,
): void {
  new Gauge<L>({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      this.reset();
      await read(this);
    },
  });
}

/** Adds a gauge of a single number. It has no value while `read` returns null. */
export function number(
  registry: Registry,
  name: string,
  help: string,
  read: () => number | boolean | null | Promise<number | boolean | null>,
): void {
  gauge(registry, name, help, [], async (one) => {
    const value = await read();
    if (value === null) one.remove();
    else one.set(Number(value));
  });
}

/** Faults that no code caught. */
const FAULT_KINDS = ['unhandled_rejection', 'uncaught_exception'] as const;
type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * Adds a counter of the faults of this program itself.
 *
 * @returns a function that counts a fault
 */
export function faultMetrics(registry: Registry): (kind: FaultKind) => void {
  const faults = new Counter({
    name: 'netprov_faults_total',
    help: 'Uncaught errors: bugs in netprov or in a plug-in.',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (const kind of FAULT_KINDS) faults.inc({ kind }, 0);
  return (kind) => {
    faults.inc({ kind });
  };
}

/**
 * A value that must be fetched from elsewhere, and that is kept for some time. A reader does not wait long for a server
 * that does not answer, and there is never more than one fetch under way.
 */
export class Sample<T> {
  #taking: Promise<T | null> | null = null;
  #value: T | null = null;
  #takenAt = -Infinity;

  /**
   * @param maxAge milliseconds for which a value is not fetched again
   * @param timeout milliseconds that a reader waits at most
   */
  constructor(
    private readonly take: () => Promise<T>,
    private readonly maxAge = 3000,
    private readonly timeout = 1500,
  ) {}

  /** The value; null: it is not available now. */
  async read(): Promise<T | null> {
    if (performance.now() - this.#takenAt < this.maxAge) return this.#value;
    this.#taking ??= this.#takeOnce();
    return within(this.timeout, this.#taking, () => null);
  }

  async #takeOnce(): Promise<T | null> {
    try {
      this.#value = await this.take();
    } catch {
      this.#value = null;
    }
    this.#takenAt = performance.now();
    this.#taking = null;
    return this.#value;
  }
}
