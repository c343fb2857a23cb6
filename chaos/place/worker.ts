import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '../../testkit/fixtures/poll.js';

/** Milliseconds for a worker to be ready, while the rest of the machine is busy being broken. */
const START_TIMEOUT = 90_000;
const READY = 'the worker is ready';
/** Where Debian's libfaketime is; the folder's name is that of the machine's kind. */
const LIBRARIES = '/usr/lib';
const SHARED_MEMORY = '/dev/shm';
/** Milliseconds after which a worker that ended by itself is started again, as systemd does. */
const RESTART = 500;

/** A netprov worker as a process of its own: killed, stopped, and started again under the same name. */
export class WorkerProcess {
  readonly log: string;
  #child: ChildProcess | null = null;
  /** Where in the log its last start begins, in bytes. */
  #begin = 0;
  readonly #clock: string | null;
  /** Whether it is to run: one that ends is started again. */
  #wanted = false;

  /** @param folder for its log, and for the file that moves its clock, if it has one that can be moved */
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

  /** Starts the process, and again whenever it dies. Its log is one file for all its lives. */
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

  /** Resolves when its last start has come so far that it takes casts. */
  async ready(): Promise<void> {
    const child = this.#child;
    await until(
      `${this.name} is ready (${this.log})`,
      () => {
        if (child !== this.#child) return true;
        // One that is killed, as by poison, is started again.
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

  /** Ends it, and waits for the end. A stopped process heeds SIGKILL alone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null || !this.running) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Moves its clock away from the real one by so many seconds. */
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
      // Seconds after which the file is read again.
      FAKETIME_CACHE_DURATION: '1',
      // A clock that is set by hand or by NTP moves the time of day alone.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** libfaketime leaves its shared memory behind when its process is killed. */
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
