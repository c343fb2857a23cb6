import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../fixtures/poll.js';
import { required } from './environment.js';
import { freePort } from './free-port.js';
import { PYTHON } from './python.js';

const SHOWN_LINES = 20;

/**
 * A second server of the tests' Neutron with some configuration of its own, on the same database and RabbitMQ: a real
 * neutron-server.
 */
export class SecondNeutron {
  readonly #folder = mkdtempSync(join(tmpdir(), 'netprov-neutron-'));
  readonly #log = join(this.#folder, 'log');
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(
    /** The URL of its API. */
    readonly endpoint: string,
    configuration: string,
    environment: NodeJS.ProcessEnv,
  ) {
    const [own, empty] = [join(this.#folder, 'own.conf'), join(this.#folder, 'empty')];
    mkdirSync(empty);
    writeFileSync(own, configuration);
    const files = ['--config-file', required('NETPROV_NEUTRON_CONFIG'), '--config-file', own, '--config-dir', empty];
    const log = openSync(this.#log, 'w');
    // It gets its own process group, because its child processes must end with it.
    this.#process = spawn(PYTHON, ['/usr/bin/neutron-server', ...files], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...environment },
    });
    closeSync(log);
    this.#ended = once(this.#process, 'close');
  }

  /**
   * @param sections sections of neutron.conf by name, with options that the tests' Neutron lacks or sets differently
   * @param environment variables of its process
   */
  static async start(
    sections: Readonly<Record<string, Readonly<Record<string, string | number>>>>,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<SecondNeutron> {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const { DEFAULT, ...others } = sections;
    const all = { DEFAULT: { ...DEFAULT, bind_port: new URL(endpoint).port }, ...others };
    const neutron = new SecondNeutron(endpoint, configurationOf(all), environment);
    try {
      await until('the second Neutron answers', () => neutron.#answers());
    } catch (error) {
      const lines = readFileSync(neutron.#log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
      await neutron.stop();
      throw new Error(`the second Neutron did not start. The end of its log:\n  ${lines}`, { cause: error });
    }
    return neutron;
  }

  /** Its log. */
  get log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async stop(): Promise<void> {
    const { pid, exitCode } = this.#process;
    if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
    await this.#ended;
    rmSync(this.#folder, { recursive: true });
  }

  async #answers(): Promise<boolean> {
    if (this.#process.exitCode !== null) throw new Error(`it ended with code ${this.#process.exitCode}`);
    return fetch(this.endpoint).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

function configurationOf(sections: Readonly<Record<string, Readonly<Record<string, string | number>>>>): string {
  return Object.entries(sections)
    .flatMap(([name, options]) => [
      `[${name}]`,
      ...Object.entries(options).map(([option, value]) => `${option} = ${value}`),
    ])
    .join('\n');
}
