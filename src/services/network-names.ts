import { bulkhead } from 'cockatiel';
import { LRUCache } from 'lru-cache';

import { errorText } from '../async/error-text.js';
import { within } from '../async/within.js';
import type { Logger } from '../log/log.js';
import type { NeutronClient } from '../neutron/client.js';

interface Limits {
  /** Milliseconds for which a name is kept, and the answer that there is no such network. */
  keep: number;
  /** Milliseconds for which Neutron is not asked again after it did not answer. */
  rest: number;
  /** Milliseconds within which Neutron must answer: somebody waits. */
  answer: number;
  /** Most names that are kept. */
  most: number;
}

const LIMITS: Limits = { keep: 300_000, rest: 10_000, answer: 3_000, most: 10_000 };

/** The names of networks, which Neutron is asked for once for all callers. */
export class NetworkNames {
  /** A name that is too old is kept: it is still shown while Neutron is away. */
  readonly #known: LRUCache<string, { name: string | null }>;
  /** Callers who miss the same names at the same time ask one after the other, so that the first one asks for all. */
  readonly #turns = bulkhead(1, Infinity);
  readonly #limits: Limits;
  #restsUntil = 0;
  /** Whether Neutron did not answer the last time. */
  #isAway = false;

  /** @param limits those that differ from the usual ones */
  constructor(
    private readonly neutron: Pick<NeutronClient, 'describeNetworks'>,
    private readonly log: Logger,
    limits: Partial<Limits> = {},
  ) {
    this.#limits = { ...LIMITS, ...limits };
    const { most: max, keep: ttl } = this.#limits;
    this.#known = new LRUCache({ max, ttl, ttlResolution: 0, allowStale: true, noDeleteOnStaleGet: true });
  }

  /**
   * The names of networks by id. Null: Neutron has no such network, or does not answer. It never rejects: then a name
   * from before is better than none, and none is better than no answer.
   */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    if (this.#missing(ids).length > 0) {
      await this.#turns.execute(async () => {
        const missing = this.#missing(ids);
        if (missing.length > 0) await this.#ask(missing);
      });
    }
    return new Map(ids.map((id) => [id, this.#known.get(id)?.name ?? null]));
  }

  #missing(ids: readonly string[]): string[] {
    if (performance.now() < this.#restsUntil) return [];
    return ids.filter((id) => !this.#known.has(id));
  }

  async #ask(ids: readonly string[]): Promise<void> {
    const { rest, answer } = this.#limits;
    try {
      const found = await within(answer, this.neutron.describeNetworks(ids), () => {
        throw new Error(`Neutron did not answer within ${answer / 1000} s`);
      });
      const names = new Map(found.map(({ id, name }) => [id, name]));
      for (const id of ids) this.#known.set(id, { name: names.get(id) ?? null });
      this.#isAway = false;
    } catch (error) {
      this.#restsUntil = performance.now() + rest;
      if (!this.#isAway) {
        const reason = errorText(error);
        this.log.warn('could not ask Neutron for the names of networks; their ids are shown', { reason });
      }
      this.#isAway = true;
    }
  }
}
