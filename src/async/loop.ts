import { pause } from './pause.js';

export interface LoopOptions {
  /** Milliseconds before the first run. Without it, `start` begins the first run at once. */
  first?: number;
  /** Milliseconds between the end of one run and the begin of the next. */
  interval: number | (() => number);
  /** Called when a run failed. The loop goes on. It is called even if the run failed because the loop was stopped. */
  onError: (error: unknown) => void;
}

/** Repeats some work, with a pause between two runs, until it is stopped. Two runs never overlap. */
export class Loop {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** @param work gets the loop's signal, and may end a run early when it aborts */
  constructor(work: (signal: AbortSignal) => Promise<void>, options: LoopOptions) {
    this.#work = work;
    this.#options = options;
  }

  /** Aborted when the loop is stopped. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Starts the loop. Call it once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Ends the pause, and begins no further run. Resolves when the run under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { first, interval, onError } = this.#options;
    const { signal } = this;
    if (first !== undefined) await pause(first, signal);
    while (!signal.aborted) {
      try {
        await this.#work(signal);
      } catch (error) {
        onError(error);
      }
      await pause(typeof interval === 'number' ? interval : interval(), signal);
    }
  }
}
