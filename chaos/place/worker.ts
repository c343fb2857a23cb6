import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '../../testkit/fixtures/poll.js';

/** Maximum milliseconds until a worker is ready, while other parts of the machine have faults. */
const START_TIMEOUT = 90_000;
const READY = 'the worker is ready';
/** Folder in which Debian has libfaketime, in a subfolder named after the machine's architecture. */
const LIBRARIES = '/usr/lib';
const SHARED_MEMORY = '/dev/shm';
/** Milliseconds after which a worker that ended by itself is started again, as by systemd. */
const RESTART = 500;

/** A netprov worker as a separate process, which can be killed, stopped, and started again under the same name. */
export class WorkerProcess {
  readonly log: string;
  #child: ChildProcess | null = null;
  /** Byte in the log at which its last start begins. */
  #begin = 0;
  readonly #clock: string | null;
  /** Whether the worker should be running. If so, it is started again when it ends. */
  #wanted = false;

  /** @param folder folder for its log, and for the file that moves its clock if the clock can be moved */
  constructor(
    readonly name: string,
    folder: string,
    private readonly env: Record<string, string>,
    { movableClock = false } = {},
  ) {
    this.log = join(folder, `${name}.log`);
    this.#clock = movableClock ? join(folder, `${name}.clock`) : null;
    if (this.#clock !== null) writeFileSync(this.#clock, '+0\n');
  }

  /** Starts the process, and starts it again whenever it dies. All its lives share one log file. */
  start(): void {
    const log = openSync(this.log, 'a');
    this.#begin = fstatSync(log).size;
    const args = ['--enable-source-maps', 'bin/netprov', 'worker'];
    const child = spawn(process.execPath, args, { env: this.#environment(), stdio: ['ignore', 'ignore', log] });
    closeSync(log);
    this.#child = child;
    this.#wanted = true;
    child.on('exit', () => {
      this.#forget(child.pid);
      setTimeout(() => {
        if (this.#wanted && this.#child === child) this.start();
      }, RESTART);
    });
  }

  /** Resolves when the last start has proceeded so far that the worker takes casts. */
  async ready(): Promise<void> {
    const child = this.#child;
    await until(
      `${this.name} is ready (${this.log})`,
      () => {
        if (child !== this.#child) return true;
        // A worker killed by a signal, for example by a poison message, is started again.
        if (child !== null && child.exitCode !== null) {
          throw new Error(`${this.name} ended before it was ready: see ${this.log}`);
        }
        return readFileSync(this.log).subarray(this.#begin).includes(READY);
      },
      START_TIMEOUT,
    );
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends the worker, and waits until it has ended. Only SIGKILL ends a stopped process. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null || !this.running) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Sets the worker's clock this many seconds ahead of the real one. */
  moveClock(seconds: number): void {
    if (this.#clock === null) throw new Error(`the clock of ${this.name} cannot be moved`);
    writeFileSync(this.#clock, `+${seconds}\n`);
  }

  #environment(): NodeJS.ProcessEnv {
    const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('NETPROV_'));
    const env = { ...Object.fromEntries(outer), ...this.env };
    if (this.#clock === null) return env;
    return {
      ...env,
      LD_PRELOAD: libfaketime(),
      FAKETIME_TIMESTAMP_FILE: this.#clock,
      // Seconds after which libfaketime reads the file again.
      FAKETIME_CACHE_DURATION: '1',
      // As with a clock set by hand or by NTP, only the time of day moves.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Removes libfaketime's shared memory, which stays behind when its process is killed. */
  #forget(pid: number | undefined): void {
    if (this.#clock === null || pid === undefined) return;
    const left = readdirSync(SHARED_MEMORY).filter((name) => name.endsWith(`faketime_shm_${pid}`));
    left.push(...readdirSync(SHARED_MEMORY).filter((name) => name.endsWith(`faketime_sem_${pid}`)));
    for (const name of left) rmSync(join(SHARED_MEMORY, name), { force: true });
  }
}

function libfaketime(): string {
  const library = readdirSync(LIBRARIES)
    .map((name) => join(LIBRARIES, name, 'faketime', 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
  if (library === undefined) throw new Error('libfaketime is missing: install the package faketime');
  return library;
}
