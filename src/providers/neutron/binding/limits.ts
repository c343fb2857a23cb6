import { bulkhead, type BulkheadPolicy } from 'cockatiel';
import { LRUCache } from 'lru-cache';

import type { JsonObject } from '../../../contract/types.js';
import { bound } from '../../../tracing/tracing.js';

/** How long an answer of Neutron is used without asking again, in milliseconds. */
const ANSWER_TTL = 60_000;
/** Maximum number of answers in a cache. */
const MAX_ANSWERS = 1000;

/** Answers of Neutron. They are kept only briefly: anything in Neutron may be renamed or deleted at any time. */
export type AnswerCache<Answer extends object | string | true> = LRUCache<string, Answer>;

export function answerCache<Answer extends object | string | true>(): AnswerCache<Answer> {
  return new LRUCache({ max: MAX_ANSWERS, ttl: ANSWER_TTL });
}

interface Switch {
  readonly turns: BulkheadPolicy;
  users: number;
}

/**
 * Limits how many changes are under way at once for the ports of one switch: mechanism drivers configure a switch one
 * command after the other, and some switches accept only a few sessions. Changes of different switches run in parallel.
 */
export class SwitchLimits {
  readonly #most: number;
  readonly #switches = new Map<string, Switch>();

  /** @param most maximum number of simultaneous changes for the ports of one switch */
  constructor(most: number) {
    this.#most = most;
  }

  /** Runs the change when each switch that the profile names has a free turn. */
  run<T>(profile: JsonObject, change: () => Promise<T>): Promise<T> {
    // Always in the same order: otherwise two changes that need the same two switches could wait for each other.
    return switchesOf(profile)
      .sort()
      .reduceRight<() => Promise<T>>((work, id) => () => this.#inTurn(id, work), bound(change))();
  }

  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const own = this.#switches.get(id) ?? { turns: bulkhead(this.#most, Infinity), users: 0 };
    this.#switches.set(id, own);
    own.users++;
    try {
      return await own.turns.execute(work);
    } finally {
      if (--own.users === 0) this.#switches.delete(id);
    }
  }
}

/** The switches that a binding:profile names, each once. */
function switchesOf({ local_link_information: links }: JsonObject): string[] {
  if (!Array.isArray(links)) return [];
  const ids = links.map((link) => (link as Partial<JsonObject> | null)?.['switch_id']);
  return [...new Set(ids.filter((id) => typeof id === 'string').map((id) => id.toLowerCase()))];
}
