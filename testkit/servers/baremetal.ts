import { PythonScript } from './python.js';

/** What a command said, and how it ended. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Debian's `baremetal` command (python3-ironicclient) before an API that asks for no authentication. */
export class Baremetal {
  readonly #script: PythonScript;

  constructor(readonly endpoint: string) {
    this.#script = new PythonScript('baremetal.py', { endpoint });
  }

  /**
   * Runs one command, after those that run already. What it was refused for a conflict it does not try again, which it
   * would every two seconds.
   */
  async run(...args: string[]): Promise<Said> {
    return (await this.#script.ask({ args: ['--max-retries', '0', ...args] }, 60_000)) as unknown as Said;
  }

  stop(): Promise<void> {
    return this.#script.stop();
  }
}
