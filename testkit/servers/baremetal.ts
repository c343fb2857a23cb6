import { PythonScript } from './python.js';

/** The output of a command, and its exit code. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Debian's `baremetal` command (python3-ironicclient). */
export class Baremetal {
  readonly #script: PythonScript;

  /** @param credentials the variables with which it logs in; by default the API requires no authentication */
  constructor(
    readonly endpoint: string,
    credentials: Record<string, string> = { OS_AUTH_TYPE: 'none' },
  ) {
    const where = { OS_ENDPOINT: endpoint, OS_BAREMETAL_ENDPOINT_OVERRIDE: endpoint };
    this.#script = new PythonScript('baremetal.py', { environment: { ...where, ...credentials } });
  }

  /**
   * Runs one command, after those that are already running. A command that is refused because of a conflict is not
   * tried again; by default the client would retry it every two seconds.
   */
  async run(...args: string[]): Promise<Said> {
    return (await this.#script.ask({ args: ['--max-retries', '0', ...args] })) as unknown as Said;
  }

  stop(): Promise<void> {
    return this.#script.stop();
  }
}
