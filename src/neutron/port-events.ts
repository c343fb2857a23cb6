import { LRUCache } from 'lru-cache';

import type { Logger } from '../log/log.js';
import type { PortEvent } from './events.js';

/** The most ports whose last event is remembered, and for how many milliseconds. */
const MOST_PORTS = 10_000;
const MEMORY = 600_000;

/** Called with the port of each event. */
type Listener = (port: string) => void;

/**
 * Remembers what Neutron's events said lately, and wakes operations that wait for one. An event may come late, twice, or
 * never. So in general it is only a hint to look at the port, and a missing one costs at most a later poll.
 */
export class PortEvents {
  /** Port id -> its last event, and when that came, by performance.now(). */
  readonly #heard = new LRUCache<string, { event: PortEvent; at: number }>({ max: MOST_PORTS, ttl: MEMORY });
  readonly #listeners = new Set<Listener>();
  readonly #log: Logger;
  #expected = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Whether we can expect an event for each change: from the first event that came until one was missed. */
  get expected(): boolean {
    return this.#expected;
  }

  /** Call this when an event has come. */
  hear(event: PortEvent): void {
    const { port_id: port, status } = event;
    this.#log.debug('Neutron says', { event: event.event, port, status });
    if (!this.#expected) this.#log.info("Neutron's events arrive: polling ports less often");
    this.#expected = true;
    this.#heard.set(port, { event, at: performance.now() });
    for (const listener of [...this.#listeners]) listener(port);
  }

  /** Call this when a port is bound but no event came for it. */
  missed(port: string): void {
    if (!this.#expected) return;
    this.#expected = false;
    this.#log.warn(
      "a Neutron port was bound, but no event arrived: polling ports as without events until the next event arrives. Check Neutron's log for the missing event",
      { port },
    );
  }

  /** Whether an event about the port came at or after `since`. @param since a time of performance.now() */
  has(port: string, since: number): boolean {
    return this.last(port, since) !== null;
  }

  /** The last event about the port, if it came at or after `since`, else null. @param since as for has() */
  last(port: string, since: number): PortEvent | null {
    const heard = this.#heard.get(port);
    return heard !== undefined && heard.at >= since ? heard.event : null;
  }

  /**
   * Waits for events about the ports. Resolves when an event about every port has come since `since`. If events about
   * only some of them came, it resolves `timeout` milliseconds after the last of these. It also resolves when the
   * signal aborts.
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
