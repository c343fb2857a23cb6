import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestDatabase } from './database.js';

/** A backup of a test's database, made and restored as operators do it: with mysqldump and mysql. */
export class Backup {
  readonly #directory = mkdtempSync(join(tmpdir(), 'netprov-backup-'));
  readonly #file = join(this.#directory, 'dump.sql');

  constructor(private readonly database: TestDatabase) {}

  /** Dumps the database while it is in use. */
  async make(): Promise<void> {
    await this.#run('mysqldump', ['--single-transaction'], 'w');
  }

  /** Loses the database, and makes it again what it was. */
  async restore(): Promise<void> {
    const { dataSource } = this.database;
    await dataSource.query(`DROP DATABASE ${this.#name}`);
    await dataSource.query(`CREATE DATABASE ${this.#name}`);
    await this.#run('mysql', [], 'r');
    // Its connections had the lost database selected.
    await dataSource.destroy();
    await dataSource.initialize();
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  get #name(): string {
    return new URL(this.database.connection).pathname.slice(1);
  }

  /** Runs a client program that writes the file, or reads it. */
  async #run(program: string, options: readonly string[], flags: 'r' | 'w'): Promise<void> {
    const { hostname, port, username, password } = new URL(this.database.connection);
    const server = ['--protocol=tcp', `--host=${hostname}`, `--port=${port}`, `--user=${decodeURIComponent(username)}`];
    const file = openSync(this.#file, flags);
    const child = spawn(program, ['--no-defaults', ...server, ...options, this.#name], {
      env: { ...process.env, MYSQL_PWD: decodeURIComponent(password) },
      stdio: flags === 'r' ? [file, 'ignore', 'inherit'] : ['ignore', file, 'inherit'],
    });
    const [code] = (await once(child, 'close')) as [number | null];
    closeSync(file);
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}`);
  }
}
