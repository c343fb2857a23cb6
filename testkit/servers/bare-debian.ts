import { execFile } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const WORLDS = '.services/worlds';
const COPY = 'bare-copy';
/** The functions of worlds.sh, with what script/test sets before. */
const FUNCTIONS = `
  source script/lib/common.sh
  source script/lib/packages.sh
  ROOT=$PWD LIB=$PWD/script/lib
  source script/lib/worlds.sh`;

/**
 * A Debian 13 with Node.js and systemd's programs, and without netprov: a copy of the world `bare`, so that what a test
 * installs there is gone afterwards. It has this machine's network. Only root can make it.
 */
export class BareDebian {
  static async make(): Promise<BareDebian> {
    await bash('check_world bare && world_up bare');
    await remove();
    await run('cp', ['--archive', '--reflink=auto', `${WORLDS}/bare`, `${WORLDS}/${COPY}`]);
    const debian = new BareDebian();
    // The user of a world has the name of the user that the package makes, and a world installs no documentation.
    await debian.run(
      `sed -i '/^netprov:/d' /etc/passwd /etc/group; sed -i '/path-exclude/d' /etc/dpkg/dpkg.cfg.d/netprov`,
    );
    return debian;
  }

  /** Runs a shell script there as root. @returns its standard output @throws with all its output, if it fails */
  run(script: string): Promise<string> {
    const own = `unset NETPROV_WORLD NETPROV_SERVICES_DIR\n${script}`;
    return bash(`world_run root ${COPY} DEBIAN_FRONTEND=noninteractive sh -euc "$1"`, own);
  }

  /** @returns where it is there */
  async put(file: string): Promise<string> {
    const place = `/root/${basename(file)}`;
    await cp(file, `${WORLDS}/${COPY}/root${place}`);
    return place;
  }

  remove(): Promise<void> {
    return remove();
  }
}

function remove(): Promise<void> {
  return rm(`${WORLDS}/${COPY}`, { recursive: true, force: true });
}

async function bash(script: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('bash', ['-euc', `${FUNCTIONS}\n${script}`, 'script/test', ...args], {
    maxBuffer: 1e8,
  }).catch((error: unknown) => {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}${stderr}`);
  });
  return stdout;
}
