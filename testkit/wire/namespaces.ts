import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Our namespaces begin with this and the id of the process that made them, so that those of a killed run are known. */
const PREFIX = 'netprov-wire-';

/** The network namespaces of one rack, and the cables between them. Only root can make them. */
export class Namespaces {
  readonly #prefix = `${PREFIX}${process.pid}-`;

  private constructor(private readonly names: readonly string[]) {}

  /** Makes the namespaces, with loopback and without IPv6, after it has removed those of runs that were killed. */
  static async make(names: readonly string[]): Promise<Namespaces> {
    removeLeftovers();
    const namespaces = new Namespaces(names);
    for (const name of names) {
      await run('ip', ['netns', 'add', namespaces.fullName(name)]);
      await namespaces.ip(name, 'link set lo up');
      // Each address answers on its own NIC only, and as often as it is asked.
      await namespaces.in(name, ['sysctl', '-qw', ...SETTINGS]);
    }
    return namespaces;
  }

  fullName(name: string): string {
    return `${this.#prefix}${name}`;
  }

  /** The command and arguments that run a command in a namespace. The process ends with ours, even if ours is killed. */
  command(name: string, command: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', this.fullName(name), 'setpriv', '--pdeathsig', 'KILL', '--', ...command]];
  }

  async in(name: string, command: readonly string[]): Promise<string> {
    return (await run(...this.command(name, command))).stdout;
  }

  /** Runs ip(8) in a namespace. */
  async ip(name: string, args: string): Promise<void> {
    await run('ip', ['-n', this.fullName(name), ...args.split(' ')]);
  }

  /** Lays a cable between a NIC with this MAC address and a switch port of the namespace of the switch. */
  async cable(end: { name: string; nic: string; mac: string }, at: { name: string; port: string }): Promise<void> {
    await this.ip(at.name, `link add name ${at.port} type veth peer name ${end.nic} netns ${this.fullName(end.name)}`);
    await this.ip(end.name, `link set ${end.nic} address ${end.mac} mtu 1500 up`);
    await this.ip(at.name, `link set ${at.port} up`);
  }

  async remove(): Promise<void> {
    for (const name of this.names) await run('ip', ['netns', 'del', this.fullName(name)]);
  }
}

const SETTINGS = [
  'net.ipv6.conf.all.disable_ipv6=1',
  'net.ipv6.conf.default.disable_ipv6=1',
  'net.ipv4.conf.all.arp_ignore=1',
  'net.ipv4.conf.all.arp_announce=2',
  'net.ipv4.icmp_ratelimit=0',
];

/** Removes the namespaces of processes that are gone. Processes in them ended with the one that started them. */
function removeLeftovers(): void {
  const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const line of listed.split('\n')) {
    const [name = ''] = line.split(' ');
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) execFileSync('ip', ['netns', 'del', name]);
  }
}
