/**
 * Something that has to be asked for elsewhere, at most every so often. Whoever reads it is not kept waiting by a server
 * that does not answer, and such a server is not asked again before it has answered.
 */
export class Sample<T> {
  #taking: Promise<T | null> | null = null;
  #value: T | null = null;
  #takenAt = -Infinity;

  /**
   * @param maxAge milliseconds for which a value is not asked for anew.
   * @param timeout milliseconds that a reader waits.
   */
  constructor(
    private readonly take: () => Promise<T>,
    private readonly maxAge = 3000,
    private readonly timeout = 1500,
  ) {}

  /** Null: it cannot be told now. */
  async read(): Promise<T | null> {
    if (performance.now() - this.#takenAt < this.maxAge) return this.#value;
    this.#taking ??= this.#takeOnce();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, this.timeout, null);
    });
    try {
      return await Promise.race([this.#taking, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #takeOnce(): Promise<T | null> {
    try {
      this.#value = await this.take();
    } catch {
      this.#value = null;
    }
    this.#takenAt = performance.now();
    this.#taking = null;
    return this.#value;
  }
}
