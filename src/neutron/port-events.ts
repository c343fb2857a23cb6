import { LRUCache } from 'lru-cache';

import type { Logger } from '../log/log.js';
import type { PortEvent } from './events.js';

/** Ports of which the last event is remembered, and milliseconds for how long. */
const MOST_PORTS = 10_000;
const MEMORY = 600_000;

/** Told of each port that is heard of. */
type Listener = (port: string) => void;

/**
 * What Neutron's events said lately, by port, and who waits for one. An event is a hint to look: it may come late, twice,
 * or never, and then a look more or less is all that it costs.
 */
export class PortEvents {
  /** Port id -> when it was last heard of, by performance.now(). */
  readonly #heard = new LRUCache<string, number>({ max: MOST_PORTS, ttl: MEMORY });
  readonly #listeners = new Set<Listener>();
  readonly #log: Logger;
  #expected = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Whether an event can be expected of each change: from the first that came, until one was missed. */
  get expected(): boolean {
    return this.#expected;
  }

  /** An event has come. */
  hear({ event, port_id: port, status }: PortEvent): void {
    this.#log.debug('Neutron says', { event, port, status });
    if (!this.#expected) this.#log.info("Neutron's events arrive: ports that are being bound are polled less often");
    this.#expected = true;
    this.#heard.set(port, performance.now());
    for (const listener of [...this.#listeners]) listener(port);
  }

  /** A port is bound, and no event told of it. */
  missed(port: string): void {
    if (!this.#expected) return;
    this.#expected = false;
    this.#log.warn(
      "a Neutron port was bound and no event told of it: ports are polled as without events, until the next one comes. See Neutron's log for what became of the event",
      { port },
    );
  }

  /** Whether the port was heard of since then. @param since as performance.now() has it */
  has(port: string, since: number): boolean {
    return (this.#heard.get(port) ?? -Infinity) >= since;
  }

  /**
   * Resolves when every one of the ports was heard of since then; where only some were, so many milliseconds after the
   * last event of one of them; or when the signal aborts.
   */
  heardOf(ports: readonly string[], since: number, timeout: number, signal: AbortSignal): Promise<void> {
    const missing = new Set(ports.filter((port) => !this.has(port, since)));
    if (missing.size === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const waitForRest = (): void => {
        clearTimeout(timer);
        timer = setTimeout(done, timeout);
      };
      const listener: Listener = (port) => {
        if (!ports.includes(port)) return;
        missing.delete(port);
        if (missing.size === 0) done();
        else waitForRest();
      };
      this.#listeners.add(listener);
      signal.addEventListener('abort', done, { once: true });
      if (missing.size < ports.length) waitForRest();
    });
  }
}
