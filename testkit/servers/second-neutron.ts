import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../fixtures/poll.js';
import { freePort } from '../proxies/free-port.js';
import { required } from './environment.js';
import { PYTHON } from './python.js';

const SHOWN_LINES = 20;

/**
 * A second server of the tests' Neutron with some configuration of its own, on the same database and RabbitMQ: a real
 * neutron-server.
 */
export class SecondNeutron {
  readonly #folder = mkdtempSync(join(tmpdir(), 'netprov-neutron-'));
  readonly #log = join(this.#folder, 'log');
  #process: ChildProcess;

  private constructor(
    /** The URL of its API. */
    readonly endpoint: string,
    configuration: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    mkdirSync(join(this.#folder, 'empty'));
    writeFileSync(join(this.#folder, 'own.conf'), configuration);
    this.#process = this.#spawn();
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
    await neutron.#ready();
    return neutron;
  }

  /** Kills all its processes at once, as in a crash. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, 'close');
    process.kill(-pid, 'SIGKILL');
    await ended;
  }

  /** Starts it again after a kill, at the same URL. */
  async again(): Promise<void> {
    this.#process = this.#spawn();
    await this.#ready();
  }

  /** Its log. */
  get log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }

  #spawn(): ChildProcess {
    const [own, empty] = [join(this.#folder, 'own.conf'), join(this.#folder, 'empty')];
    const files = ['--config-file', required('NETPROV_NEUTRON_CONFIG'), '--config-file', own, '--config-dir', empty];
    const command = ['--pdeathsig', 'KILL', '--', PYTHON, '/usr/bin/neutron-server', ...files];
    const log = openSync(this.#log, 'a');
    // It ends with this process, even if that is killed. It gets its own process group, because its child processes must
    // end with it.
    const child = spawn('setpriv', command, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.environment },
    });
    closeSync(log);
    return child;
  }

  async #ready(): Promise<void> {
    try {
      await until('the second Neutron answers', () => this.#answers());
    } catch (error) {
      const lines = this.log.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
      await this.stop();
      throw new Error(`the second Neutron did not start. The end of its log:\n  ${lines}`, { cause: error });
    }
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
