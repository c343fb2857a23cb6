import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../fixtures/poll.js';
import { freePort } from '../proxies/free-port.js';

interface Rule {
  name: string;
  health: string;
  lastError?: string;
}

/** A series in the answer to a query. */
export interface Series {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

/** A test's own real Prometheus, which scrapes its targets every half second. */
export class TestPrometheus {
  #said = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    private readonly directory: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
  }

  /**
   * @param targets host:port of each process to scrape
   * @param rules path of a file with rules
   */
  static async start(targets: readonly string[], rules: string): Promise<TestPrometheus> {
    const directory = mkdtempSync(join(tmpdir(), 'netprov-prometheus-'));
    const config = join(directory, 'prometheus.yaml');
    // Prometheus reads YAML, and JSON is YAML.
    const content = {
      global: { scrape_interval: '500ms', evaluation_interval: '500ms' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'netprov', static_configs: [{ targets }] }],
    };
    writeFileSync(config, JSON.stringify(content));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [`--config.file=${config}`, `--storage.tsdb.path=${directory}/data`, `--web.listen-address=${address}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const prometheus = new TestPrometheus(child, `http://${address}`, directory);
    await until('Prometheus is ready', () => prometheus.#ready());
    return prometheus;
  }

  /** The present series of an expression. @throws Prometheus's error about the expression */
  async query(expression: string): Promise<Series[]> {
    const { result } = (await this.#get(`query?query=${encodeURIComponent(expression)}`)) as { result: Series[] };
    return result;
  }

  /** The rules that it has loaded, with the result of their last evaluation. */
  async rules(): Promise<Rule[]> {
    const { groups } = (await this.#get('rules')) as { groups: { rules: Rule[] }[] };
    return groups.flatMap(({ rules }) => rules);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await ended;
    rmSync(this.directory, { recursive: true });
  }

  async #ready(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`Prometheus ended:\n${this.#said}`);
    const response = await fetch(`${this.url}/-/ready`).catch(() => null);
    return response?.status === 200;
  }

  async #get(path: string): Promise<unknown> {
    const answer = (await (await fetch(`${this.url}/api/v1/${path}`)).json()) as { status: string; data: unknown };
    if (answer.status !== 'success') throw new Error(`Prometheus: ${path}: ${JSON.stringify(answer)}`);
    return answer.data;
  }
}
