/** Milliseconds between two signs of progress; the first comes after as many. */
const INTERVAL = 1000;

/** Tells on standard error how far long work is: on one line of a terminal, else line by line. */
export class Progress {
  #told = Date.now();
  #open = false;

  constructor(
    private readonly what: string,
    private readonly stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  ) {}

  /** @param all of how many; it may not be known. */
  readonly tell = (done: number, all?: number): void => {
    if (Date.now() - this.#told < INTERVAL) return;
    this.#told = Date.now();
    this.#open = this.stream.isTTY === true;
    this.stream.write(
      `${this.#open ? '\r' : ''}${this.what}: ${done}${all === undefined ? '' : ` of ${all}`}${this.#open ? '' : '\n'}`,
    );
  };

  /** Leaves the terminal's line. */
  end(): void {
    if (this.#open) this.stream.write('\n');
    this.#open = false;
  }
}
