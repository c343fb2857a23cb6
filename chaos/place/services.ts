import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export type Server = 'rabbitmq' | 'mariadb' | 'neutron' | 'keystone';

/** Folder of the run's own servers: they are killed, so they must not be those that other scripts use. */
const FOLDER = `${process.env['NETPROV_SERVICES_DIR'] ?? resolve('.services')}-chaos`;
/** Variables that would make script/services use an existing server instead. */
const OTHERS = ['NETPROV_TRANSPORT_URL', 'NETPROV_DATABASE_URL', 'NETPROV_NEUTRON_ENDPOINT'];
const EXPORT = /^export ([A-Z_]+)='(.*)'$/gm;

/** A command of script/services failed. */
export class ServicesFailed extends Error {}

/** The run's own RabbitMQ, MariaDB, Neutron and Keystone: script/services with a separate folder. */
export class Services {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts all servers, including those that were killed. */
  async up(): Promise<void> {
    await this.#run(['up', 'neutron', 'keystone']);
  }

  /** Kills all processes of a server with SIGKILL. */
  async kill(server: Server): Promise<void> {
    await this.#run(['kill', server]);
  }

  async rabbitmqctl(...args: string[]): Promise<void> {
    await this.#run(['rabbitmqctl', ...args]);
  }

  /** Stops the servers and removes their data. */
  async down(): Promise<void> {
    await this.#run(['down']);
  }

  /** Sets the variables by which tests find the servers in this process's environment. */
  async enter(): Promise<void> {
    const lines = await this.#run(['env']);
    for (const [, name = '', value = ''] of lines.matchAll(EXPORT)) process.env[name] = value;
  }

  /** Runs one command at a time, and returns its standard output. @throws ServicesFailed with the command's output */
  #run(args: readonly string[]): Promise<string> {
    const run = this.#last.then(() => command(args));
    this.#last = run.catch(() => undefined);
    return run;
  }
}

function command(args: readonly string[]): Promise<string> {
  const outer = Object.entries(process.env).filter(([name]) => !OTHERS.includes(name));
  const env = { ...Object.fromEntries(outer), NETPROV_SERVICES_DIR: FOLDER };
  const child = spawn('script/services', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(stdout);
      else
        fail(
          new ServicesFailed(`script/services ${args.join(' ')} ended with exit code ${code ?? 'none'}:\n${stderr}`),
        );
    });
  });
}
