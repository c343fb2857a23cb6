import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import type { MethodName } from '../src/contract/methods.js';
import type { NetworkProviderClient, OperationResult, TaskInput } from '../src/index.js';
import { netprov } from '../testkit/servers/netprov.js';

/** A conductor that casts a method and waits for the result. */
export interface Conductor {
  /** The tool that sends the cast, as printed for the reader. */
  readonly tool: string;
  readonly host: string;
  cast(method: MethodName, task: TaskInput): Promise<OperationResult>;
  close(): Promise<void>;
}

/** Delivers results to those who wait for them, by node and method. */
class Mailbox {
  readonly #waiting = new Map<string, (result: OperationResult) => void>();

  put(result: OperationResult): void {
    const key = `${result.node_uuid} ${result.method}`;
    this.#waiting.get(key)?.(result);
    this.#waiting.delete(key);
  }

  next(task: TaskInput, method: MethodName): Promise<OperationResult> {
    return new Promise((resolve) => this.#waiting.set(`${task.node.uuid} ${method}`, resolve));
  }
}

/** Casts with Python's oslo.messaging, as ironic-conductor would, and receives results with its RPC server. */
export class PythonConductor implements Conductor {
  readonly tool = "Python's oslo.messaging";
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #mailbox = new Mailbox();

  constructor(
    readonly host: string,
    where: { transportUrl: string; exchange: string; topic: string },
  ) {
    const args = ['demo/conductor.py', where.transportUrl, where.exchange, where.topic, host];
    this.#child = spawn('/usr/bin/python3', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.#child.stdout).on('line', (line) => {
      this.#mailbox.put(JSON.parse(line) as OperationResult);
    });
  }

  async cast(method: MethodName, task: TaskInput): Promise<OperationResult> {
    const result = this.#mailbox.next(task, method);
    this.#child.stdin.write(`${JSON.stringify({ method, task })}\n`);
    const ended = new Promise<never>((_, reject) => {
      this.#child.once('exit', (code) => {
        reject(new Error(`the Python conductor ended with exit code ${code ?? 'none'}`));
      });
    });
    return Promise.race([result, ended]);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.removeAllListeners('exit');
      this.#child.once('exit', () => {
        resolve();
      });
      this.#child.stdin.end();
    });
  }
}

/** Casts with the command `netprov cast`, and receives results with the client library. */
export class CommandConductor implements Conductor {
  readonly tool = 'netprov cast';
  readonly #folder = mkdtempSync(join(tmpdir(), 'netprov-demo-'));
  readonly #mailbox = new Mailbox();
  #stopListening: (() => Promise<void>) | null = null;

  constructor(
    readonly host: string,
    private readonly client: NetworkProviderClient,
    private readonly env: Record<string, string>,
  ) {}

  async listen(): Promise<void> {
    const put = (result: OperationResult): void => {
      this.#mailbox.put(result);
    };
    this.#stopListening = await this.client.onResult(this.host, put, { copy: true });
  }

  async cast(method: MethodName, task: TaskInput): Promise<OperationResult> {
    const result = this.#mailbox.next(task, method);
    const file = join(this.#folder, `${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(task));
    const { code, stderr } = await netprov(['cast', method, '--host', this.host, '--task', file], this.env);
    if (code !== 0) throw new Error(`netprov cast ended with exit code ${code ?? 'none'}:\n${stderr}`);
    return result;
  }

  async close(): Promise<void> {
    await this.#stopListening?.();
    rmSync(this.#folder, { recursive: true });
  }
}
