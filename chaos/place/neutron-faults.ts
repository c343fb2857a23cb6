import type { HttpProxy } from '../../testkit/proxies/http-proxy.js';

type FateOf = HttpProxy['fate'];

/** The roles of the workers' user. The Neutron of a run checks no tokens: the proxy passes the roles on in its place. */
const ROLES = 'admin,service';

/**
 * Decides about each request of a worker to Neutron. Several faults may be under way at once: one of a switch, and one
 * of this worker.
 */
export class NeutronFaults {
  readonly #fates = new Set<FateOf>();
  /** Every token that the worker has used. */
  readonly #tokens = new Set<unknown>();

  constructor(private readonly proxy: HttpProxy) {
    proxy.fate = async (request) => {
      this.#tokens.add(request.headers['x-auth-token']);
      request.headers['x-roles'] = ROLES;
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

  /** Refuses the tokens that the worker has used so far. Returns the function that accepts them again. */
  refuseTokens(): () => void {
    const refused = new Set(this.#tokens);
    return this.add(({ headers }) => (refused.has(headers['x-auth-token']) ? { status: 401 } : 'pass'));
  }
}
