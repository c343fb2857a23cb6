import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { within } from '../../src/async/within.js';
import { memoryOf, processTree } from './proc.js';

/** Debian's OpenStack packages belong to this interpreter; another python3 may come first in PATH. */
export const PYTHON = '/usr/bin/python3';

const STOP_TIMEOUT = 60_000;
const SHOWN_LINES = 20;

/** One line of JSON that a contestant's program prints. */
export type Event = Record<string, unknown>;

/**
 * A contestant's program. It reports its progress in lines of JSON on standard output. Its log goes to a file, so that
 * reading the log does not disturb the measurement; every error contains the end of it.
 */
export class Child {
  readonly #process: ChildProcess;
  readonly #folder = mkdtempSync(join(tmpdir(), 'netprov-bench-'));
  readonly #log = join(this.#folder, 'log');
  readonly #lines: AsyncIterator<string>;
  /** Resolves when the program has ended. */
  readonly #ended: Promise<void>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const log = openSync(this.#log, 'w');
    this.#process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', log] });
    closeSync(log);
    const { stdout, stdin } = this.#process;
    if (!stdout || !stdin) throw new Error('a program without standard input and output');
    this.#lines = createInterface(stdout)[Symbol.asyncIterator]();
    // A program that has ended does not read any more. Its end is reported elsewhere.
    stdin.on('error', () => undefined);
    this.#ended = once(this.#process, 'close').then(
      () => undefined,
      () => undefined,
    );
  }

  send(word: string): void {
    this.#process.stdin?.write(`${word}\n`);
  }

  /** The next report of the program. @throws Error with the end of its log when it ends, or the signal's reason */
  async next(signal: AbortSignal): Promise<Event> {
    const line = await within(signal, this.#lines.next(), () => {
      throw signal.reason;
    });
    if (line.done) throw this.failure('ended');
    return JSON.parse(line.value) as Event;
  }

  /** Whether the program is still running. */
  get running(): boolean {
    return this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The number of its process. @throws Error when it could not be started */
  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw this.failure('could not be started');
    return pid;
  }

  /**
   * Maximum memory (resident set) so far, in bytes, as counted by Linux. If the program has child processes, this is
   * the maximum of the largest process.
   */
  peakResidentSet(): number {
    return Math.max(...processTree(this.pid).map((one) => memoryOf(one, 'VmHWM')));
  }

  /** All that it has logged so far. */
  log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /** Ends the program as a crash does. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  failure(what: string): Error {
    const lines = this.log().trimEnd().split('\n').slice(-SHOWN_LINES);
    return new Error([`${this.#process.spawnargs.join(' ')}: ${what}. The end of its log:`, ...lines].join('\n  '));
  }

  /** Asks the program to end, and kills it after a while. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT);
    if (this.running) this.#process.kill('SIGTERM');
    this.#process.stdin?.end();
    await this.#ended;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
