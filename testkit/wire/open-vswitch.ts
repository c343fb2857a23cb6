import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { until } from '../fixtures/poll.js';
import type { Namespaces } from './namespaces.js';

/** What a port of the switch was set to, and when. */
export interface PortSetting {
  port: string;
  /** The VLAN; null while the port has none, and is a trunk of all VLANs. */
  vlan: number | null;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * An Open vSwitch of our own in a namespace: its database, and its switch in userspace (datapath netdev), which needs
 * nothing of the kernel. All of it is in one folder.
 */
export class OpenVSwitch {
  /** The settings of its ports, in order, since watch() was called. */
  readonly settings: PortSetting[] = [];
  readonly #children: ChildProcess[] = [];

  private constructor(
    readonly bridge: string,
    private readonly namespaces: Namespaces,
    private readonly namespace: string,
    private readonly folder: string,
  ) {}

  /** @param folder folder for its database and sockets, which is made */
  static async start(bridge: string, namespaces: Namespaces, namespace: string, folder: string): Promise<OpenVSwitch> {
    const own = new OpenVSwitch(bridge, namespaces, namespace, folder);
    mkdirSync(folder);
    const database = own.#in('conf.db');
    await promisify(execFile)('ovsdb-tool', ['create', database, '/usr/share/openvswitch/vswitch.ovsschema']);
    own.#spawn('ovsdb-server', [database, `--remote=punix:${own.#in('db.sock')}`, `--unixctl=${own.#in('ovsdb.ctl')}`]);
    await until('the database of Open vSwitch is open', () => existsSync(own.#in('db.sock')));
    await own.vsctl('--no-wait', 'init');
    own.#spawn('ovs-vswitchd', [`unix:${own.#in('db.sock')}`, `--unixctl=${own.#in('vswitchd.ctl')}`]);
    await own.vsctl('add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev');
    return own;
  }

  /** Its folder, for programs that find it by OVS_RUNDIR. */
  get rundir(): string {
    return this.folder;
  }

  /** Runs ovs-vsctl. */
  async vsctl(...args: string[]): Promise<string> {
    return this.#run('ovs-vsctl', ['--timeout=20', `--db=unix:${this.#in('db.sock')}`, ...args]);
  }

  /** Adds a flow to the bridge. */
  async addFlow(flow: string): Promise<void> {
    await this.#run('ovs-ofctl', ['add-flow', `unix:${this.#in(`${this.bridge}.mgmt`)}`, flow]);
  }

  /** Notes from now on what its ports are set to. */
  async watch(): Promise<void> {
    const monitor = this.#spawn('ovsdb-client', [
      'monitor',
      '--format=json',
      `unix:${this.#in('db.sock')}`,
      'Open_vSwitch',
      'Port',
      'name,tag',
    ]);
    createInterface({ input: monitor.stdout ?? process.stdin }).on('line', (line) => {
      const { data } = JSON.parse(line) as { data: [string, string, string, unknown][] };
      for (const [, action, port, tag] of data) {
        if (action === 'old') continue;
        this.settings.push({ port, vlan: typeof tag === 'number' ? tag : null, at: Date.now() });
      }
    });
    await until('the ports of the switch are known', () => this.settings.length > 0);
  }

  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null) continue;
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    }
  }

  #in(name: string): string {
    return join(this.folder, name);
  }

  async #run(program: string, args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, OVS_RUNDIR: this.folder } });
    return stdout.trim();
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const log = `--log-file=${this.#in(`${program}.log`)}`;
    const command = [program, ...args, ...(program === 'ovsdb-client' ? [] : [log, '-vconsole:off'])];
    const child = spawn(...this.namespaces.command(this.namespace, command), {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, OVS_RUNDIR: this.folder },
    });
    this.#children.push(child);
    return child;
  }
}
