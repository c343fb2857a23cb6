import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Debian's OpenStack packages belong to this interpreter; another python3 may come first in PATH. */
export const PYTHON = '/usr/bin/python3';

type Json = Record<string, unknown>;

/** A Python script of test/interop/python that exchanges JSON lines through its standard input and output. */
export class PythonScript {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Json[] = [];
  readonly #readers: (() => void)[] = [];
  #stderr = '';
  #ended = false;

  /** @param name a file in test/interop/python @param args passed to it as one JSON object */
  constructor(name: string, args: Json) {
    // The path is relative to the repository's root, because compiled tests run in another folder.
    const script = `test/interop/python/${name}`;
    this.#child = spawn(PYTHON, [script, JSON.stringify(args)]);
    this.#child.stderr.on('data', (data: Buffer) => {
      this.#stderr = (this.#stderr + data.toString()).slice(-20_000);
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      this.#lines.push(JSON.parse(line) as Json);
      this.#wake();
    });
    this.#child.on('error', (error) => {
      this.#stderr += String(error);
      this.#end();
    });
    this.#child.on('close', () => {
      this.#end();
    });
  }

  send(message: Json): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Returns the next line that the script prints. */
  async next(timeout = 240_000): Promise<Json> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const line = this.#lines.shift();
      if (line) return line;
      if (this.#ended) throw new Error(`the Python script ended:\n${this.#stderr}`);
      if (Date.now() >= deadline)
        throw new Error(`the Python script printed nothing for ${timeout} ms:\n${this.#stderr}`);
      await this.#activity(deadline - Date.now());
    }
  }

  /** Sends a message and waits for the answer. */
  ask(message: Json, timeout?: number): Promise<Json> {
    this.send(message);
    return this.next(timeout);
  }

  /** Ends the script: closes its standard input, and kills it after a while. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await closed;
    clearTimeout(timer);
  }

  /** Kills the script at once, as in a crash. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #activity(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.#readers.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const reader of this.#readers.splice(0)) reader();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
