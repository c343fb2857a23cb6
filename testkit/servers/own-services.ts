import { spawn } from 'node:child_process';

/** Another Debian suite, with its own servers in a chroot. */
export type World = 'trixie' | 'forky';

/** Variables that would make script/services use an existing server instead. */
const OTHERS = ['NETPROV_TRANSPORT_URL', 'NETPROV_DATABASE_URL', 'NETPROV_NEUTRON_ENDPOINT'];
const EXPORT = /^export ([A-Z_]+)='(.*)'$/gm;

/** A command of script/services failed. */
export class ServicesFailed extends Error {}

/** Servers of script/services that are a test's own, in a folder of their own: this machine's, or a world's. */
export class OwnServices {
  constructor(
    readonly folder: string,
    private readonly world: World | null = null,
  ) {}

  /**
   * Runs a command of script/services, and returns its standard output.
   *
   * @throws ServicesFailed with what the command said
   */
  run(...args: string[]): Promise<string> {
    const all = this.world === null ? args : [...args, '--world', this.world];
    const outer = Object.entries(process.env).filter(([name]) => !OTHERS.includes(name));
    const env = { ...Object.fromEntries(outer), NETPROV_SERVICES_DIR: this.folder };
    const child = spawn('script/services', all, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    return new Promise((done, fail) => {
      child.on('error', fail);
      child.on('close', (code) => {
        if (code === 0) done(stdout);
        else
          fail(
            new ServicesFailed(`script/services ${all.join(' ')} ended with exit code ${code ?? 'none'}:\n${stderr}`),
          );
      });
    });
  }

  /** The variables by which tests find the servers. */
  async variables(): Promise<Record<string, string>> {
    const lines = await this.run('env');
    return Object.fromEntries([...lines.matchAll(EXPORT)].map(([, name = '', value = '']) => [name, value]));
  }
}
