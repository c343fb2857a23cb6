import { createInterface } from 'node:readline';

import { UsageError } from '../../services/errors.js';

/** Milliseconds between two progress reports, and before the first one. */
const INTERVAL = 1000;

/**
 * Reports the progress of long work on standard error: on one line of a terminal, otherwise with a new line each time.
 */
export class ProgressLine {
  #told = Date.now();
  #open = false;

  constructor(
    private readonly what: string,
    private readonly stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  ) {}

  /** @param all the total, if it is known */
  readonly tell = (done: number, all?: number): void => {
    if (Date.now() - this.#told < INTERVAL) return;
    this.#told = Date.now();
    this.#open = this.stream.isTTY === true;
    this.stream.write(
      `${this.#open ? '\r' : ''}${this.what}: ${done}${all === undefined ? '' : ` of ${all}`}${this.#open ? '' : '\n'}`,
    );
  };

  /** Ends the line on a terminal. */
  end(): void {
    if (this.#open) this.stream.write('\n');
    this.#open = false;
  }
}

/** @throws UsageError when standard input is not a terminal, so that nobody can confirm */
export function assertTerminal({ isTTY }: { isTTY?: boolean } = process.stdin, toLook = 'or --dry-run'): void {
  if (isTTY === true) return;
  throw new UsageError(
    `cannot ask for confirmation: standard input is not a terminal; give --yes, ${toLook} to change nothing`,
  );
}

/** Asks on standard error whether the operator confirms. Ctrl-C and the end of the input mean no. */
export async function confirm(
  question: string,
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<boolean> {
  const lines = createInterface({ input, output });
  const answer = await new Promise<string>((resolve) => {
    lines.on('SIGINT', () => {
      lines.close();
    });
    lines.on('close', () => {
      resolve('');
    });
    lines.question(`${question} [y/N] `, resolve);
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Reports on standard error that no worker takes the requests of a conductor host now. The command waits all the same,
 * because a worker may be starting.
 *
 * @param host undefined: the request is for a worker of any host
 * @param timeout seconds for which the command waits
 * @returns a callback for the client
 */
export function sayUnserved(host: string | undefined, timeout: number): (waiting: number) => void {
  return (waiting) => {
    const whose = host === undefined ? 'requests that name no conductor host' : `requests of conductor host ${host}`;
    process.stderr.write(
      `netprov: no worker takes ${whose} now, and ${waiting} ${waiting === 1 ? 'waits' : 'wait'} in the queue; ` +
        `waiting up to ${timeout} s, because a worker may be starting\n`,
    );
  };
}
