/**
 * An answer that many callers share: it is made once, however many ask meanwhile, and kept for a while. So the work does
 * not grow with the number of browsers.
 */
export class SharedAnswer<T> {
  readonly #make: () => Promise<T>;
  readonly #keep: number;
  #answer: { value: Promise<T>; until: number } | null = null;

  /** @param keep milliseconds for which an answer is kept after it was made; a failure is not kept */
  constructor(make: () => Promise<T>, keep: number) {
    this.#make = make;
    this.#keep = keep;
  }

  /** @throws what making it throws */
  get(): Promise<T> {
    if (this.#answer !== null && performance.now() < this.#answer.until) return this.#answer.value;
    const answer = { value: this.#make(), until: Infinity };
    this.#answer = answer;
    answer.value.then(
      () => {
        answer.until = performance.now() + this.#keep;
      },
      () => {
        answer.until = 0;
      },
    );
    return answer.value;
  }

  /** The next caller gets a new answer. */
  forget(): void {
    this.#answer = null;
  }
}
