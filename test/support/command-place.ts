import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestBroker } from './broker.js';
import { Cleanup } from './cleanup.js';
import { createDatabase, type TestDatabase } from './database.js';
import { Netprov, netprov, type Ended } from './netprov.js';
import { sampleTask } from './samples.js';

/** The conductor host that the worker of a CommandPlace serves. */
export const HOST = 'conductor-1';

/** Where netprov commands run in tests: a database for a test file, a virtual host for each test, and a directory. */
export class CommandPlace {
  broker!: TestBroker;
  database!: TestDatabase;
  directory!: string;
  /** What commands see; a test may change it. */
  env: Record<string, string> = {};
  /** What a test opens beside its commands; closed after them. */
  readonly opened = new Cleanup();
  #running: Netprov[] = [];

  async open(): Promise<void> {
    this.database = await createDatabase();
    this.directory = mkdtempSync(join(tmpdir(), 'netprov-cli-'));
  }

  async renew(): Promise<void> {
    this.broker = await TestBroker.create();
    this.env = {
      NETPROV_TRANSPORT_URL: this.broker.url(),
      NETPROV_DATABASE_URL: this.database.connection,
      NETPROV_RPC_PING_ENABLED: 'true',
      NETPROV_HEALTH_PORT: '0',
    };
  }

  async clear(): Promise<void> {
    await Promise.all(this.#running.map((command) => command.stop()));
    this.#running = [];
    await this.opened.run();
    await this.broker.drop();
  }

  async close(): Promise<void> {
    await this.database.drop();
    rmSync(this.directory, { recursive: true });
  }

  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended> {
    return netprov(args, this.env);
  }

  /** Starts a command, which is stopped after the test at the latest. @param program another version's. */
  start(args: string[], more: Record<string, string> = {}, program?: string): Netprov {
    const command = new Netprov(args, { ...this.env, ...more }, program === undefined ? {} : { program });
    this.#running.push(command);
    return command;
  }

  async startWorker(more: Record<string, string> = {}): Promise<Netprov> {
    const worker = this.start(['worker', '--host', HOST], more);
    await worker.says('the worker is ready');
    return worker;
  }

  /** A file with a task, for --task. */
  taskFile(task: object = sampleTask()): string {
    const file = join(this.directory, `${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(task));
    return file;
  }
}
