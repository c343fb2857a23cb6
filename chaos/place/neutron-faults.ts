import type { HttpProxy } from '../../testkit/proxies/http-proxy.js';

type FateOf = HttpProxy['fate'];

/**
 * Decides about each request of a worker to Neutron. Several faults may be under way at once: one of a switch, and one
 * of this worker.
 */
export class NeutronFaults {
  readonly #fates = new Set<FateOf>();

  constructor(private readonly proxy: HttpProxy) {
    proxy.fate = async (request) => {
      for (const fateOf of this.#fates) {
        const fate = await fateOf(request);
        if (fate !== 'pass') return fate;
      }
      return 'pass';
    };
  }

  /** Begins a fault, and returns the function that ends it. */
  add(fateOf: FateOf): () => void {
    // Nothing reads the earlier requests, so they are dropped to save memory.
    this.proxy.requests.length = 0;
    this.#fates.add(fateOf);
    return () => {
      this.#fates.delete(fateOf);
    };
  }
}
