import { resolve } from 'node:path';

import { OwnServices } from '../../testkit/servers/own-services.js';

export type Server = 'rabbitmq' | 'mariadb' | 'neutron' | 'keystone';

/** Folder of the run's own servers: they are killed, so they must not be those that other scripts use. */
const FOLDER = `${process.env['NETPROV_SERVICES_DIR'] ?? resolve('.services')}-chaos`;

/** The run's own RabbitMQ, MariaDB, Neutron and Keystone: script/services with a separate folder. */
export class Services {
  readonly #own = new OwnServices(FOLDER);
  #last: Promise<unknown> = Promise.resolve();

  /** Starts all servers, including those that were killed. */
  async up(): Promise<void> {
    await this.#run('up', 'neutron', 'keystone');
  }

  /** Kills all processes of a server with SIGKILL. */
  async kill(server: Server): Promise<void> {
    await this.#run('kill', server);
  }

  async rabbitmqctl(...args: string[]): Promise<void> {
    await this.#run('rabbitmqctl', ...args);
  }

  /** Stops the servers and removes their data. */
  async down(): Promise<void> {
    await this.#run('down');
  }

  /** Sets the variables by which tests find the servers in this process's environment. */
  async enter(): Promise<void> {
    Object.assign(process.env, await this.#own.variables());
  }

  /** Runs one command at a time. @throws ServicesFailed with the command's output */
  #run(...args: string[]): Promise<string> {
    const run = this.#last.then(() => this.#own.run(...args));
    this.#last = run.catch(() => undefined);
    return run;
  }
}
