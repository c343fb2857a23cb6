import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { until } from '../fixtures/poll.js';
import { freePort } from '../proxies/free-port.js';

/** Commands of a switch that wait. */
export interface HeldCommands {
  /** Whether a command waits. */
  isAny(): boolean;
  /** Has the commands that come from now on not wait. */
  letOthersPass(): void;
  /** Has no command wait. */
  release(): void;
}

/**
 * The SSH server of a switch, on a port of 127.0.0.1. A login gets a shell whose ovs-vsctl changes that switch.
 */
export class SwitchLogin {
  #server: ChildProcess | null = null;
  /** How often commands were held. */
  #gates = 0;

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  /** @param rundir folder of the Open vSwitch that is configured */
  static async start(rundir: string, folder: string): Promise<SwitchLogin> {
    mkdirSync(folder);
    mkdirSync('/run/sshd', { recursive: true });
    const login = new SwitchLogin(await freePort(), folder);
    login.#write(rundir);
    await login.open();
    return login;
  }

  /** The private key with which root logs in. */
  get key(): string {
    return join(this.folder, 'key');
  }

  /** Has each command of the switch take so many seconds. 0: none. */
  slow(seconds: number): void {
    writeFileSync(join(this.folder, 'slow'), `${seconds}`);
  }

  /** Has the switch refuse the commands that contain this text, from now on. Null: none. */
  refuse(text: string | null): void {
    writeFileSync(join(this.folder, 'refused'), text === null ? '' : `${text}\n`);
  }

  /**
   * Has the commands of the switch wait from now on, until they are released. A command that waits is done even if its
   * session ends meanwhile, as a switch finishes what it has begun.
   */
  hold(): HeldCommands {
    const gate = join(this.folder, `gate-${++this.#gates}`);
    writeFileSync(gate, '');
    writeFileSync(join(this.folder, 'gate'), gate);
    return {
      isAny: () => existsSync(`${gate}.waiting`),
      letOthersPass: () => {
        writeFileSync(join(this.folder, 'gate'), '');
      },
      release: () => {
        writeFileSync(join(this.folder, 'gate'), '');
        rmSync(gate, { force: true });
      },
    };
  }

  /** Accepts logins. */
  async open(): Promise<void> {
    if (this.#server !== null) return;
    const options = ['-D', '-e', '-f', join(this.folder, 'sshd_config'), '-p', String(this.port)];
    this.#server = spawn('setpriv', ['--pdeathsig', 'KILL', '--', '/usr/sbin/sshd', ...options], { stdio: 'ignore' });
    await until('the SSH server of the switch answers', () => answers(this.port));
  }

  /** Refuses logins, as a switch that cannot be reached. Sessions that are open stay. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server?.exitCode !== null) return;
    const ended = once(server, 'close');
    server.kill('SIGKILL');
    await ended;
  }

  /** Refuses logins, and ends the sessions that are open. */
  async cut(): Promise<void> {
    const pid = this.#server?.pid;
    const sessions = pid === undefined ? [] : childrenOf(pid);
    await this.close();
    for (const pid of sessions) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  #write(rundir: string): void {
    const file = (name: string): string => join(this.folder, name);
    // netmiko's own key types differ between its versions; all know RSA.
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-f', this.key]);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('host')]);
    writeFileSync(file('sshd_config'), configuration(file));
    writeFileSync(file('rc'), shellSettings(file));
    this.slow(0);
    this.refuse(null);
    writeFileSync(file('gate'), '');
    writeFileSync(file('shell'), shell(rundir, file('rc')));
    chmodSync(file('shell'), 0o755);
  }
}

const configuration = (file: (name: string) => string): string => `ListenAddress 127.0.0.1
HostKey ${file('host')}
PidFile ${file('pid')}
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile ${file('key.pub')}
UseDNS no
PrintMotd no
PrintLastLog no
MaxStartups 100
AcceptEnv none
ForceCommand ${file('shell')}
`;

/**
 * A command that the switch refuses ends the session: networking-generic-switch's driver for Open vSwitch reads no
 * output, and would report a port ACTIVE that was never moved. When a session ends while it has more to send, it reports
 * an error.
 */
const shellSettings = (file: (name: string) => string): string => `PS1='leaf1# '
ovs-vsctl() {
  local gate
  gate="$(cat ${file('gate')})"
  if [[ $gate && -e $gate ]]; then trap "" HUP; touch "$gate.waiting"; fi
  while [[ $gate && -e $gate ]]; do sleep 0.1; done
  sleep "$(cat ${file('slow')})"
  if grep -qFf ${file('refused')} <<<"$*"; then kill -KILL $PPID $$; fi
  command ovs-vsctl --timeout=5 "$@" || kill -KILL $PPID $$
}
`;

/**
 * A root shell ("#"), and once it is left the user's ("$"), as after `sudo -s`: netmiko leaves the root shell before it
 * hangs up, and would wait 10 s for a "$" if the session ended there.
 */
const shell = (rundir: string, settings: string): string => `#!/bin/sh
export OVS_RUNDIR=${rundir} HISTFILE=/dev/null TERM=dumb
bash --rcfile ${settings} -i
PS1='leaf1$ ' exec bash --norc --noprofile -i
`;

/** The processes that a process started, which are its sessions. */
function childrenOf(pid: number): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return listed.split(' ').filter(Boolean).map(Number);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
