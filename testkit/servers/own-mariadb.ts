import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import mysql from 'mysql2/promise';

import { until } from '../fixtures/poll.js';
import { freePort } from '../proxies/free-port.js';

/** mariadbd refuses to run as root without this option. */
const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];

/** A test's own real MariaDB with settings of its own. root has no password, and the database is named "netprov". */
export class OwnMariadb {
  #said = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
    readonly port: number,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
  }

  /** @param settings options of mariadbd, such as --max-allowed-packet=1M */
  static async start(settings: readonly string[]): Promise<OwnMariadb> {
    const directory = mkdtempSync(join(tmpdir(), 'netprov-mariadb-'));
    const data = join(directory, 'data');
    await promisify(execFile)('mariadb-install-db', [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...AS_ROOT,
    ]);
    const port = await freePort();
    const places = [`--datadir=${data}`, `--socket=${directory}/socket`, `--pid-file=${directory}/pid`];
    const child = spawn(
      'mariadbd',
      ['--no-defaults', ...AS_ROOT, ...places, '--bind-address=127.0.0.1', `--port=${port}`, ...settings],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const server = new OwnMariadb(child, directory, port);
    await until('MariaDB is ready', () => server.#ready());
    await server.query('CREATE DATABASE netprov');
    return server;
  }

  /** Value for database.connection; more can be appended. */
  get url(): string {
    return `mysql://root@127.0.0.1:${this.port}/netprov`;
  }

  async query(statement: string): Promise<void> {
    const connection = await mysql.createConnection({ host: '127.0.0.1', port: this.port, user: 'root' });
    try {
      await connection.query(statement);
    } finally {
      await connection.end();
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'close');
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.directory, { recursive: true });
  }

  async #ready(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`MariaDB ended:\n${this.#said}`);
    return this.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}
