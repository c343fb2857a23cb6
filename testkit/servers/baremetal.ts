import { PythonScript } from './python.js';

/** The output of a command, and its exit code. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Debian's `baremetal` command (python3-ironicclient) with an API that requires no authentication. */
export class Baremetal {
  readonly #script: PythonScript;

  constructor(readonly endpoint: string) {
    this.#script = new PythonScript('baremetal.py', { endpoint });
  }

  /**
   * Runs one command, after those that are already running. A command that is refused because of a conflict is not
   * tried again; by default the client would retry it every two seconds.
   */
  async run(...args: string[]): Promise<Said> {
    return (await this.#script.ask({ args: ['--max-retries', '0', ...args] }, 60_000)) as unknown as Said;
  }

  stop(): Promise<void> {
    return this.#script.stop();
  }
}
