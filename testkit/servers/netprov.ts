import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { until } from '../fixtures/poll.js';

const NETPROV = fileURLToPath(new URL('../../../bin/netprov', import.meta.url));

/** What a worker says once it has tried which ports it may create. These are requests to Neutron, but no move. */
export const MAY_CREATE_PORTS = 'the credentials for Neutron may create ports';

export interface Ended {
  /** Exit code; null if a signal ended the process. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A netprov command as a separate process. It gets only the given NETPROV_ variables. */
export class Netprov {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessWithoutNullStreams;
  #closed = false;

  constructor(args: readonly string[], env: Record<string, string> = {}, { cwd = '/', program = NETPROV } = {}) {
    const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('NETPROV_'));
    this.#child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: { ...Object.fromEntries(outer), ...env },
    });
    this.#child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code) => {
        this.#closed = true;
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Waits until standard error contains the text. If the process ends first, fails with all its output. */
  says(text: string): Promise<void> {
    return this.#has(text, () => this.stderr.includes(text));
  }

  /** Does the same for standard output. */
  prints(text: string | RegExp): Promise<void> {
    return this.#has(String(text), () =>
      typeof text === 'string' ? this.stdout.includes(text) : text.test(this.stdout),
    );
  }

  async #has(text: string, has: () => boolean): Promise<void> {
    await until(`netprov says "${text}"`, () => {
      if (has()) return true;
      // What it said may still be unread when it has ended.
      if (this.#closed) throw new Error(`netprov ended before it said "${text}":\n${this.stderr}`);
      return false;
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Whether the process is still running. */
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Stops it if it still runs. */
  async stop(): Promise<Ended> {
    if (this.running) this.#child.kill('SIGTERM');
    return this.ended;
  }

  endInput(text = ''): void {
    this.#child.stdin.end(text);
  }
}

/** Runs a command to its end. */
export function netprov(args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<Ended> {
  const command = new Netprov(args, env);
  command.endInput(input);
  return command.ended;
}

/** The output of a command on a terminal: a pseudo-terminal of script(1), which every Linux has. */
export async function onTerminal(args: readonly string[], env: Record<string, string>): Promise<string> {
  const command = [process.execPath, NETPROV, ...args].join(' ');
  const outer = Object.entries(process.env).filter(([name]) => !/^(NETPROV_|NO_COLOR$|CI$)/.test(name));
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], {
    env: { ...Object.fromEntries(outer), TERM: 'xterm', ...env },
  });
  return stdout;
}

/** The output of a command with --json. */
export function json({ stdout }: Ended): unknown {
  return JSON.parse(stdout);
}
