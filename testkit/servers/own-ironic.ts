import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { errorText } from '../../src/async/error-text.js';
import { until } from '../fixtures/poll.js';
import { freePort } from '../proxies/free-port.js';
import { TestBroker } from './broker.js';
import { required } from './environment.js';
import type { KeystoneAccount } from './ironic-access.js';
import { ironicCommand } from './ironic-command.js';
import { ironicConfiguration, ironicPaths } from './ironic-configuration.js';
import { IronicPlace } from './ironic-place.js';
import { TestKeystone } from './keystone.js';
import { PYTHON } from './python.js';

/** Makes the entry points of the package in the folder ironic/, by which Ironic finds its network interface. */
const EGG_INFO = 'import setuptools; setuptools.setup()';
const SHOWN_LINES = 30;
/** The one conductor, unless more are wanted. */
const ONE = { 'conductor-1': '' };

export interface OwnIronicOptions {
  /**
   * Its conductors: host -> what else it has in its ironic.conf, which begins within [DEFAULT]. With one, conductor and
   * API are one process; otherwise each is a process of its own.
   */
  conductors?: Record<string, string>;
  /** The URL of Neutron. */
  neutron: string;
  /** What is in the ironic.conf of all; it begins within [DEFAULT]. */
  sections?: string;
  /** Its account in Keystone, whose tokens it wants then. Default: nobody needs a token. */
  account?: KeystoneAccount | null;
  /** Whether its queues and its exchange are durable: its amqp_durable_queues. Default false, as with oslo.messaging. */
  durable?: boolean;
}

/**
 * A real Ironic of a test file's own, with the network interface netprov beside Ironic's own ones. It has its
 * own database and virtual host. Its hardware is Ironic's fake one.
 */
export class OwnIronic {
  /** Server processes by host; the API's has the name `api`. */
  readonly #processes = new Map<string, ChildProcess>();

  private constructor(
    /** The URL of its API. */
    readonly endpoint: string,
    readonly broker: TestBroker,
    private readonly place: IronicPlace,
    private readonly conductors: Record<string, string>,
    private readonly headers: Record<string, string>,
  ) {}

  static async start(options: OwnIronicOptions): Promise<OwnIronic> {
    const { conductors = ONE, neutron, sections = '', account = null, durable = false } = options;
    const broker = await TestBroker.create();
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const hosts = Object.keys(conductors);
    const rpc = hosts.length > 1 ? 'oslo' : 'none';
    const common = ironicConfiguration({ url: broker.url(), port, endpoint, neutron, rpc, account, durable });
    const place = await IronicPlace.make(`${common}\n[DEFAULT]\n${sections}`, new AbortController().signal);
    const headers = await headersOf(account);
    const ironic = new OwnIronic(endpoint, broker, place, conductors, headers);
    try {
      await ironic.#plugIn();
      if (rpc === 'oslo') ironic.#spawn('api', 'api');
      for (const host of hosts) ironic.#startConductor(host);
      await ironic.#answers();
      return ironic;
    } catch (error) {
      await ironic.stop();
      throw error;
    }
  }

  get hosts(): string[] {
    return Object.keys(this.conductors);
  }

  /** Kernel and ramdisk, as URLs of files. Nothing boots them. */
  get images(): { kernel: string; ramdisk: string } {
    const url = (name: string): string => pathToFileURL(join(this.place.folder, name)).toString();
    return { kernel: url('kernel'), ramdisk: url('ramdisk') };
  }

  /** Starts a conductor that was killed, and waits until it is there. */
  async restartConductor(host: string): Promise<void> {
    this.#startConductor(host);
    await this.#answers();
  }

  #startConductor(host: string): void {
    this.#spawn(this.hosts.length > 1 ? 'conductor' : 'singleprocess', host);
  }

  /** Kills a conductor, as in a crash. */
  async killConductor(host: string): Promise<void> {
    await end(this.#processes.get(host), 'SIGKILL');
    this.#processes.delete(host);
  }

  /** What a process has logged. @param host a conductor's, or `api` */
  log(host: string): string {
    return readFileSync(join(this.place.folder, `${host}.log`), 'utf8');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => end(process, 'SIGKILL')));
    await this.place.remove();
    await this.broker.drop();
  }

  /** Makes the module as it stands, and its entry points, importable for this Ironic alone. */
  async #plugIn(): Promise<void> {
    const { folder } = this.place;
    for (const name of ['plugin', 'empty', 'lock', 'http', 'tftp']) mkdirSync(join(folder, name));
    for (const image of Object.values(this.images)) writeFileSync(new URL(image), 'nothing that boots');
    symlinkSync(resolve('ironic/ironic_netprov'), join(folder, 'plugin', 'ironic_netprov'));
    const args = ['-W', 'ignore', '-c', EGG_INFO, 'egg_info', '--egg-base', join(folder, 'plugin')];
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    await promisify(execFile)(PYTHON, args, { cwd: 'ironic', env });
  }

  /** @param command the module of Ironic that has it */
  #spawn(command: string, host: string): void {
    const { folder, file } = this.place;
    const own = join(folder, `${host}.conf`);
    writeFileSync(own, `[DEFAULT]\nhost = ${host}\n${this.conductors[host] ?? ''}\n${ironicPaths(folder)}`, {
      mode: 0o600,
    });
    // An empty configuration folder keeps /etc/ironic from being read: it is that of the system's own Ironic.
    const files = ['--config-file', file, '--config-file', own, '--config-dir', join(folder, 'empty')];
    // It ends with this process, even if that is killed. It has its own process group, because its child processes must
    // end with it, and because Ironic sends signals to its whole group.
    const args = ['--pdeathsig', 'KILL', '--', PYTHON, '-c', ironicCommand(command), ...files];
    const log = openSync(join(folder, `${host}.log`), 'a');
    const env = { ...process.env, PYTHONPATH: join(folder, 'plugin') };
    this.#processes.set(host, spawn('setpriv', args, { detached: true, env, stdio: ['ignore', log, log] }));
    closeSync(log);
  }

  /** Waits until every conductor has registered its hardware type: without one, no node can be made. */
  async #answers(): Promise<void> {
    const logs = (): string =>
      [...this.#processes.keys()]
        .map((host) => `${host}:\n${this.log(host).trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')}`)
        .join('\n');
    let last = 'nothing';
    await until('Ironic answers, with all its conductors', async () => {
      for (const [host, { exitCode }] of this.#processes) {
        if (exitCode !== null) throw new Error(`Ironic's process ${host} ended:\n${logs()}`);
      }
      const response = await fetch(`${this.endpoint}/v1/drivers`, { headers: this.headers }).catch(() => null);
      const text = (await response?.text()) ?? '';
      last = response === null ? 'nothing' : `${response.status} ${text}`;
      if (!response?.ok) return false;
      const { drivers } = JSON.parse(text) as { drivers: { hosts: string[] }[] };
      return drivers[0]?.hosts.length === this.hosts.length;
    }).catch((error: unknown) => {
      throw new Error(`${errorText(error)}; its API answered ${last}\n${logs()}`);
    });
  }
}

/** The token of an operator: from Ironic 29 on, the drivers are shown to nobody with a token of a project. */
async function headersOf(account: KeystoneAccount | null): Promise<Record<string, string>> {
  if (account === null) return {};
  const password = required('NETPROV_KEYSTONE_ADMIN_PASSWORD');
  return { 'x-auth-token': (await new TestKeystone().issue('admin', password, 'system')).token };
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  if (child.pid !== undefined) process.kill(-child.pid, signal);
  await closed;
}
