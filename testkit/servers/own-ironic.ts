import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { until } from '../fixtures/poll.js';
import { TestBroker } from './broker.js';
import { freePort } from './free-port.js';
import { IronicPlace } from './ironic-place.js';
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
}

/**
 * A real Ironic of a test file's own, without Keystone, with the network interface netprov beside Ironic's own ones. It
 * has its own database and virtual host. Its hardware is Ironic's fake one.
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
  ) {}

  static async start({ conductors = ONE, neutron, sections = '' }: OwnIronicOptions): Promise<OwnIronic> {
    const broker = await TestBroker.create();
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const hosts = Object.keys(conductors);
    const rpc = hosts.length > 1 ? 'oslo' : 'none';
    const common = configuration({ url: broker.url(), port, endpoint, neutron, rpc });
    const place = await IronicPlace.make(`${common}\n[DEFAULT]\n${sections}`, new AbortController().signal);
    const ironic = new OwnIronic(endpoint, broker, place, conductors);
    try {
      await ironic.#plugIn();
      if (rpc === 'oslo') ironic.#spawn('/usr/bin/ironic-api', 'api');
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
    this.#spawn(this.hosts.length > 1 ? '/usr/bin/ironic-conductor' : '/usr/bin/ironic', host);
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

  #spawn(program: string, host: string): void {
    const { folder, file } = this.place;
    const own = join(folder, `${host}.conf`);
    writeFileSync(own, `[DEFAULT]\nhost = ${host}\n${this.conductors[host] ?? ''}\n${paths(folder)}`, { mode: 0o600 });
    // An empty configuration folder keeps /etc/ironic from being read: it is that of the system's own Ironic.
    const args = [program, '--config-file', file, '--config-file', own, '--config-dir', join(folder, 'empty')];
    const log = openSync(join(folder, `${host}.log`), 'a');
    const env = { ...process.env, PYTHONPATH: join(folder, 'plugin') };
    this.#processes.set(host, spawn(PYTHON, args, { env, stdio: ['ignore', log, log] }));
    closeSync(log);
  }

  /** Waits until every conductor has registered its hardware type: without one, no node can be made. */
  async #answers(): Promise<void> {
    await until('Ironic answers, with all its conductors', async () => {
      for (const [host, { exitCode }] of this.#processes) {
        const log = (): string => this.log(host).trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
        if (exitCode !== null) throw new Error(`Ironic's process ${host} ended:\n${log()}`);
      }
      const response = await fetch(`${this.endpoint}/v1/drivers`).catch(() => null);
      if (!response?.ok) return false;
      const { drivers } = (await response.json()) as { drivers: { hosts: string[] }[] };
      return drivers[0]?.hosts.length === this.hosts.length;
    });
  }
}

async function end(process: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (process?.exitCode !== null || process.signalCode !== null) return;
  const closed = once(process, 'close');
  process.kill(signal);
  await closed;
}

/** Everything that Ironic writes goes to its own folder. */
function paths(folder: string): string {
  return `
[DEFAULT]
state_path = ${folder}

[conductor]
file_url_allowed_paths = ${folder}

[deploy]
http_root = ${folder}/http
http_url = http://127.0.0.1

[pxe]
tftp_root = ${folder}/tftp
tftp_master_path = ${folder}/tftp/master
images_path = ${folder}/images
instance_master_path = ${folder}/images/master

[oslo_concurrency]
lock_path = ${folder}/lock

[oslo_policy]
policy_file = ${folder}/policy.yaml
policy_dirs = ${folder}/empty
`;
}

interface Place {
  url: string;
  port: number;
  endpoint: string;
  neutron: string;
  rpc: 'oslo' | 'none';
}

function configuration({ url, port, endpoint, neutron, rpc }: Place): string {
  return `
[DEFAULT]
transport_url = ${url}
rpc_transport = ${rpc}
enabled_network_interfaces = noop,flat,neutron,netprov
default_network_interface = noop
enabled_boot_interfaces = fake,pxe
enabled_deploy_interfaces = fake,direct,custom-agent
enabled_inspect_interfaces = fake,inspector
# The fake one knows no disk to boot from.
enabled_management_interfaces = fake,noop
enabled_rescue_interfaces = fake,agent
# Read by OrderAudit.
notification_level = info

[oslo_messaging_notifications]
driver = messagingv2

[api]
host_ip = 127.0.0.1
port = ${port}
api_workers = 1

[agent]
# No ramdisk has logs here.
deploy_logs_collect = never

[conductor]
# Nothing is switched on here whose state could change by itself.
sync_power_state_interval = 0

[netprov]
# Default 60: a test of a lost result waits for as long.
ask_after = 5

[neutron]
auth_type = none
endpoint_override = ${neutron}

[service_catalog]
auth_type = none
endpoint_override = ${endpoint}

[inventory]
data_backend = none
`;
}
