import type { Delivery } from '../rpc/index.js';
import type { Tenure } from './tenure.js';

/** What stops an attempt: its message is no longer ours, or its queue, or that cannot be made sure at the moment. */
export class AttemptSignal {
  #controller: AbortController | null = null;
  #sources: AbortSignal[] = [];

  constructor(
    private readonly delivery: Delivery,
    private readonly tenure: Tenure,
  ) {}

  /**
   * To be asked for anew for each request: see Tenure.signal. One listener on each source for the whole attempt, and none
   * afterwards: the sources live long.
   */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      this.#sources = [this.delivery.signal, this.tenure.signal];
      for (const source of this.#sources) {
        if (source.aborted) this.#controller.abort(source.reason);
        else source.addEventListener('abort', this.#abort);
      }
    }
    this.tenure.check();
    return this.#controller.signal;
  }

  dispose(): void {
    for (const source of this.#sources) source.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (event: Event): void => {
    this.#controller?.abort((event.target as AbortSignal).reason);
  };
}
