/** Milliseconds for which an answer of Neutron is trusted without asking again. */
const TTL = 60_000;
/** Answers that are remembered at most. */
const MAX_ENTRIES = 1_000;

/** Answers of Neutron that hold for a moment: what is in Neutron may be renamed or deleted at any time. */
export class Remembered<V> {
  readonly #entries = new Map<string, { value: V; until: number }>();

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && performance.now() < entry.until ? entry.value : undefined;
  }

  set(key: string, value: V): void {
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(key, { value, until: performance.now() + TTL });
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
