import { signal } from '@preact/signals';

import { ask, pathOf } from '../api/request.js';
import type { NetworkPage } from '../api/types.js';

const NETWORKS = '/v1/networks';
/** Milliseconds from the first network without a name until names are read, and between two readings. */
const READ_AFTER = 500;
const READ_AGAIN_AFTER = 30_000;
/** Most pages of networks that are read. */
const PAGES = 5;

/** The names of networks by their UUIDs. Networks whose names are not known are not in it. */
export const networkNames = signal<ReadonlyMap<string, string>>(new Map());

/** Reads the names of networks when one has none. Without an answer, the board shows UUIDs. */
export class NetworkNames {
  readonly #over = new AbortController();
  #timer: number | undefined;
  #readAt = -Infinity;

  stop(): void {
    this.#over.abort();
    window.clearTimeout(this.#timer);
  }

  /** These networks are on the board. */
  need(ids: readonly string[]): void {
    if (this.#timer !== undefined || ids.every((id) => networkNames.peek().has(id))) return;
    const wait = Math.max(READ_AFTER, this.#readAt + READ_AGAIN_AFTER - performance.now());
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      this.#readAt = performance.now();
      void this.#read();
    }, wait);
  }

  async #read(): Promise<void> {
    const found = new Map(networkNames.peek());
    let path: string | null = NETWORKS;
    try {
      for (let page = 0; page < PAGES && path !== null; page++) {
        const { networks, next }: NetworkPage = await ask<NetworkPage>('GET', path, undefined, this.#over.signal);
        for (const { id, name } of networks) if (name !== null && name !== '') found.set(id, name);
        path = next === undefined ? null : pathOf(next);
      }
      networkNames.value = found;
    } catch {
      // The names are no reason to disturb: the next network without a name has them read again.
    }
  }
}
