import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { required } from './environment.js';
import { freePort } from './free-port.js';
import { until } from './poll.js';
import { PYTHON } from './python.js';

const SHOWN_LINES = 20;

/**
 * A second server of the tests' Neutron, on the same database and RabbitMQ, that sends its events: a real neutron-server
 * with its real notifier. It does not start before somebody answers at the place to which it sends them.
 */
export class NotifyingNeutron {
  /** Its `host`: the server of its RPC topics. */
  readonly host = `notifying-${randomUUID()}`;
  readonly #folder = mkdtempSync(join(tmpdir(), 'netprov-neutron-'));
  readonly #log = join(this.#folder, 'log');
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(
    /** Where its API answers. */
    readonly endpoint: string,
    notified: string,
    interval: number,
  ) {
    const [own, empty] = [join(this.#folder, 'own.conf'), join(this.#folder, 'empty')];
    mkdirSync(empty);
    writeFileSync(own, configure(this.host, new URL(endpoint).port, notified, interval));
    const files = ['--config-file', required('NETPROV_NEUTRON_CONFIG'), '--config-file', own, '--config-dir', empty];
    const log = openSync(this.#log, 'w');
    // A group of its own: it has children, which must go with it.
    this.#process = spawn(PYTHON, ['/usr/bin/neutron-server', ...files], {
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#ended = once(this.#process, 'close');
  }

  /**
   * @param notified where its events go: the root of an Ironic API
   * @param interval seconds for which it gathers what comes after an event (send_events_interval); its default is 2
   */
  static async start(notified: string, interval = 2): Promise<NotifyingNeutron> {
    const neutron = new NotifyingNeutron(`http://127.0.0.1:${await freePort()}`, notified, interval);
    try {
      await until('the second Neutron answers', () => neutron.#answers());
    } catch (error) {
      const lines = readFileSync(neutron.#log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
      await neutron.stop();
      throw new Error(`the second Neutron did not start. The end of its log:\n  ${lines}`, { cause: error });
    }
    return neutron;
  }

  /** What it logged, such as what became of a batch of events. */
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

function configure(host: string, port: string, notified: string, interval: number): string {
  return `[DEFAULT]
host = ${host}
bind_port = ${port}
send_events_interval = ${interval}
[ironic]
enable_notifications = true
auth_type = none
endpoint_override = ${notified}
`;
}
