import type { HttpProxy } from '../../testkit/proxies/http-proxy.js';

type FateOf = HttpProxy['fate'];

/** Decides what happens to each request of a worker to Neutron. Several faults may be under way at once: one of a switch, and one of this worker. */
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

  /** Begins one, and answers with what ends it. */
  add(fateOf: FateOf): () => void {
    // Nobody looks at the requests so far: they are not to fill the memory.
    this.proxy.requests.length = 0;
    this.#fates.add(fateOf);
    return () => {
      this.#fates.delete(fateOf);
    };
  }
}
