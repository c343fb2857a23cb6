import { signal } from '@preact/signals';

import { follow, type OperationEvent } from '../api/live.js';
import { ask, pathOf } from '../api/request.js';
import type { Whereabouts, WhereaboutsPage } from '../api/types.js';
import { type FleetNode, fleetNode } from './fleet-node.js';
import { NetworkNames } from './network-names.js';

const WHEREABOUTS = '/v1/whereabouts';

/** Methods that ask and change nothing: a node does not move because of them. */
const ASKS = new Set([
  'validate',
  'vif_list',
  'get_current_vif',
  'need_power_on',
  'get_node_network_data',
  'reconcile',
]);

/** Milliseconds over which changes are collected before the page shows them, and before new nodes are read. */
const SHOW_AFTER = 50;
const READ_AFTER = 400;
/** Nodes that one request reads, at most. */
const READ_AT_ONCE = 100;
/** Milliseconds between two readings of everything: for callers who get no events, and for what events do not say. */
const READ_ALL_EVERY = 60_000;

/** All nodes that the caller may see, kept up to date while the page is open. */
export class Fleet {
  readonly nodes = new Map<string, FleetNode>();
  /** Counts what changed since the page was opened. */
  readonly changes = signal(0);
  readonly loaded = signal(false);
  readonly fault = signal<unknown>(null);
  readonly #stale = new Set<string>();
  readonly #over = new AbortController();
  readonly #names = new NetworkNames();
  #shown: number | undefined;
  #reading: number | undefined;
  #readingAll = false;

  /** @returns what stops it */
  start(): () => void {
    const unfollow = follow({
      onEvent: (event) => {
        this.#apply(event);
      },
      onReset: () => void this.readAll(),
    });
    void this.readAll();
    const timer = window.setInterval(() => void this.readAll(), READ_ALL_EVERY);
    return () => {
      unfollow();
      window.clearInterval(timer);
      window.clearTimeout(this.#shown);
      window.clearTimeout(this.#reading);
      this.#over.abort();
      this.#names.stop();
    };
  }

  async readAll(): Promise<void> {
    if (this.#readingAll) return;
    this.#readingAll = true;
    const found = new Set<string>();
    try {
      for (let path: string | null = WHEREABOUTS; path !== null;) {
        const page: WhereaboutsPage = await ask<WhereaboutsPage>('GET', path, undefined, this.#over.signal);
        for (const place of page.whereabouts) {
          found.add(place.node_uuid);
          this.#put(place);
        }
        path = page.next === undefined ? null : pathOf(page.next);
      }
      for (const id of this.nodes.keys()) if (!found.has(id)) this.nodes.delete(id);
      this.fault.value = null;
      this.loaded.value = true;
      this.#show();
    } catch (error) {
      if (!this.#over.signal.aborted) this.fault.value = error;
    } finally {
      this.#readingAll = false;
    }
  }

  /** Shows what an event says of its node. A node that was not known before is read. */
  #apply({ operation, place }: OperationEvent): void {
    const { node_uuid: id, method } = operation;
    if (id === null) return;
    const known = this.nodes.get(id);
    if (known === undefined) {
      this.#readAgain(id);
      return;
    }
    const { latest } = known.place;
    const isOlder = latest !== null && latest.id !== operation.id && operation.started_at < latest.started_at;
    this.#put({ ...known.place, ...place, latest: ASKS.has(method) || isOlder ? latest : operation });
  }

  #put(place: Whereabouts): void {
    if (place.network_type === 'tenant') this.#names.need(place.network_ids);
    this.nodes.set(place.node_uuid, fleetNode(place));
    this.#show();
  }

  #show(): void {
    this.#shown ??= window.setTimeout(() => {
      this.#shown = undefined;
      this.changes.value += 1;
    }, SHOW_AFTER);
  }

  #readAgain(id: string): void {
    this.#stale.add(id);
    this.#reading ??= window.setTimeout(() => {
      this.#reading = undefined;
      void this.#readStale();
    }, READ_AFTER);
  }

  async #readStale(): Promise<void> {
    const ids = [...this.#stale];
    this.#stale.clear();
    for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
      const some = ids.slice(at, at + READ_AT_ONCE).join(',');
      try {
        const path = `${WHEREABOUTS}?nodes=${some}`;
        const { whereabouts } = await ask<WhereaboutsPage>('GET', path, undefined, this.#over.signal);
        for (const place of whereabouts) this.#put(place);
      } catch (error) {
        if (!this.#over.signal.aborted) this.fault.value = error;
      }
    }
  }
}
