import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

import { version } from '../version.js';

export type { Registry } from 'prom-client';

/** A registry of its own for this process, with what every process of Node.js has to tell. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  gauge(registry, 'netprov_build_info', 'Always 1; the version of this program.', ['version'], (info) => {
    info.set({ version }, 1);
  });
  return registry;
}

/** Adds a gauge that is asked for at each scrape, and then has nothing but what `read` sets. */
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

/** The same of one number. It is absent while it cannot be told: null. */
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
