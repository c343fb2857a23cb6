import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's OpenStack packages belong to this interpreter; another python3 may come first on PATH. */
export const PYTHON = '/usr/bin/python3';

const STOP_TIMEOUT = 60_000;
const SHOWN_LINES = 20;

/** What a contestant's program prints, a line of JSON each. */
export type Event = Record<string, unknown>;

/**
 * A contestant's program. It says in lines of JSON on standard output how far it is. Its log goes to a file, so that
 * reading it costs the measurement nothing; the end of it is in every error.
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
    // A program that has ended does not read on; that it ended is told elsewhere.
    stdin.on('error', () => undefined);
    this.#ended = once(this.#process, 'close').then(
      () => undefined,
      () => undefined,
    );
  }

  send(word: string): void {
    this.#process.stdin?.write(`${word}\n`);
  }

  /** The next thing the program says. @throws Error with the end of its log when it ends, or when the signal aborts. */
  async next(signal: AbortSignal): Promise<Event> {
    const line = await aborted(this.#lines.next(), signal);
    if (line.done) throw this.failure('ended');
    return JSON.parse(line.value) as Event;
  }

  /** Whether it still runs. */
  get running(): boolean {
    return this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * The most memory that it has had so far (resident set), in bytes; where it has started others, that of the largest of
   * them. Linux counts it.
   */
  peakResidentSet(): number {
    const pid = String(this.#process.pid);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const peaks = [pid, ...children].map((one) => {
      const status = readFileSync(`/proc/${one}/status`, 'utf8');
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    });
    return Math.max(...peaks);
  }

  failure(what: string): Error {
    const lines = readFileSync(this.#log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES);
    return new Error([`${this.#process.spawnargs.join(' ')}: ${what}. The end of its log:`, ...lines].join('\n  '));
  }

  /** Asks it to end, and sees to it that it does. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT);
    if (this.running) this.#process.kill('SIGTERM');
    this.#process.stdin?.end();
    await this.#ended;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function aborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort = (): void => undefined;
  const rejected = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([work, rejected]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
