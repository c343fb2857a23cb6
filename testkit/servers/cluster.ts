import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Channel } from 'amqplib';
import type { DataSource } from 'typeorm';

import { onChannel, RpcConnection } from '../../src/amqp/index.js';
import { isTransientDatabaseError, openDatabase, upgrade } from '../../src/state/index.js';
import { recordingLogger } from '../fixtures/log.js';
import { until } from '../fixtures/poll.js';
import { required } from './environment.js';
import { Netprov } from './netprov.js';
import { callManagement } from './rabbitmq-management.js';

export const HOST = 'conductor-1';
export const EXCHANGE = 'ironic';
export const TOPIC = 'ironic.network_provider';
export const HOST_QUEUE = `${TOPIC}.${HOST}`;

export type RabbitNode = 'rabbit1' | 'rabbit2' | 'rabbit3';
export type GaleraNode = 'galera1' | 'galera2' | 'galera3';

const SERVICES = fileURLToPath(new URL('../../../script/services', import.meta.url));
const ORDERED_PROVIDER = fileURLToPath(new URL('../fakes/ordered-provider.js', import.meta.url));
const RABBIT_NODES: readonly RabbitNode[] = ['rabbit1', 'rabbit2', 'rabbit3'];

/** Stops, kills, starts or partitions nodes of the cluster, or heals a partition. */
export async function cluster(
  action: 'stop' | 'kill' | 'start' | 'partition' | 'heal',
  ...nodes: (RabbitNode | GaleraNode)[]
): Promise<void> {
  await promisify(execFile)(SERVICES, ['cluster', action, ...nodes]);
}

/**
 * A virtual host on the RabbitMQ cluster, a database on the Galera cluster, and the workers that a test starts there.
 * All of it works without any one node of either cluster.
 */
export class ClusterPlace {
  readonly vhost = `test-${randomUUID()}`;
  readonly directory = mkdtempSync(join(tmpdir(), 'netprov-cluster-'));
  /** The file in which the workers' provider records its calls. */
  readonly orderFile = join(this.directory, 'order');
  readonly #database = `netprov_test_${randomUUID().replaceAll('-', '')}`;
  readonly #rabbit = required('NETPROV_CLUSTER_TRANSPORT_URL');
  readonly #galera = required('NETPROV_CLUSTER_DATABASE_URL');
  readonly #management = required('NETPROV_CLUSTER_MANAGEMENT_URLS').split(',');
  readonly #workers: Netprov[] = [];
  dataSource!: DataSource;
  /** The test's own connection to RabbitMQ. */
  connection!: RpcConnection;

  static async create(): Promise<ClusterPlace> {
    const place = new ClusterPlace();
    await cluster('start', ...RABBIT_NODES, 'galera1', 'galera2', 'galera3');
    await place.#api('PUT', `vhosts/${place.vhost}`, {});
    const user = new URL(place.#management[0] ?? '').username;
    await place.#api('PUT', `permissions/${place.vhost}/${user}`, { configure: '.*', write: '.*', read: '.*' });
    await place.#onServer(`CREATE DATABASE ${place.#database}`);
    place.dataSource = await open(place.databaseUrl());
    await upgrade(place.dataSource);
    place.connection = new RpcConnection({
      transportUrl: place.transportUrl(),
      heartbeat: 10,
      reconnect: { initialDelay: 50, maxDelay: 500 },
      connectionName: 'test',
      probe: { queue: 'test', interval: 5_000, timeout: 35_000 },
      log: recordingLogger().log,
    });
    await place.connection.connect();
    return place;
  }

  async drop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.connection.close();
    await this.dataSource.destroy();
    await this.#onServer(`DROP DATABASE ${this.#database}`);
    await this.#api('DELETE', `vhosts/${this.vhost}`);
    rmSync(this.directory, { recursive: true });
  }

  /** transport_url with this node first and the others in their order. */
  transportUrl(first: RabbitNode = 'rabbit1'): string {
    const [, hosts = ''] = /^rabbit:\/\/(.*)\/$/.exec(this.#rabbit) ?? [];
    return `rabbit://${rotated(hosts.split(','), first)}/${this.vhost}`;
  }

  /** database.connection with this node first and the others in their order. */
  databaseUrl(first: GaleraNode = 'galera1'): string {
    const [, login = '', hosts = ''] = /^(mysql:\/\/.*@)(.*)\/netprov$/.exec(this.#galera) ?? [];
    return `${login}${rotated(hosts.split(','), first)}/${this.#database}`;
  }

  /** Starts a worker as a separate process, with the provider that records the order of its calls. */
  async startWorker(rabbit: RabbitNode, galera: GaleraNode): Promise<Netprov> {
    const worker = new Netprov(['worker', '--host', HOST], {
      ORDER_FILE: this.orderFile,
      NETPROV_TRANSPORT_URL: this.transportUrl(rabbit),
      NETPROV_DATABASE_URL: this.databaseUrl(galera),
      NETPROV_PROVIDERS: `{ordered: "${ORDERED_PROVIDER}"}`,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'ordered',
      NETPROV_OSLO_MESSAGING_RABBIT_RABBIT_QUORUM_QUEUE: 'true',
      NETPROV_HEALTH_PORT: '0',
    });
    this.#workers.push(worker);
    await worker.says('the worker is ready');
    return worker;
  }

  /** The node that leads a queue, according to the nodes of the cluster. */
  async leaderOf(queue: string): Promise<RabbitNode> {
    return until(`${queue} has a leader`, async () => {
      const path = `queues/${this.vhost}/${encodeURIComponent(queue)}`;
      const { leader, state } = (await this.#api('GET', path)) as { leader?: string; state?: string };
      return state === 'running' && RABBIT_NODES.find((node) => leader?.startsWith(node));
    });
  }

  /** Runs AMQP operations outside the workers, and repeats them if the connection is lost meanwhile. */
  onChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    return retried(() => {
      const { model } = this.connection;
      if (!model) throw new Error('not connected');
      return onChannel(model, work);
    });
  }

  /** Runs a statement in the database, and repeats it if the node is lost meanwhile. */
  query<T>(statement: string): Promise<T> {
    return retried(() => this.dataSource.query<T>(statement), isTransientDatabaseError);
  }

  async #onServer(statement: string): Promise<void> {
    const dataSource = await open(this.#galera);
    await dataSource.query(statement).finally(() => dataSource.destroy());
  }

  /** Sends a request to the management API of the first node that answers. */
  async #api(method: string, path: string, body?: object): Promise<unknown> {
    const problems: string[] = [];
    for (const url of this.#management) {
      try {
        const response = await callManagement(new URL(url), method, path, body);
        return response.status === 200 ? await response.json() : null;
      } catch (error) {
        problems.push(String(error));
      }
    }
    throw new Error(problems.join('; '));
  }
}

function open(connection: string): Promise<DataSource> {
  return openDatabase({ connection, maxPoolSize: 2, connectTimeout: 5000, statementTimeout: 15_000 });
}

/** Rotates the hosts so that the named node comes first. Nodes are numbered from 1 and listed in this order. */
function rotated(hosts: string[], first: string): string {
  const index = Number(first.at(-1)) - 1;
  return [...hosts.slice(index), ...hosts.slice(0, index)].join(',');
}

async function retried<T>(work: () => Promise<T>, isTransient: (error: unknown) => boolean = () => true): Promise<T> {
  let last: unknown;
  const done = await until('an answer of the cluster', async () => {
    try {
      return { value: await work() };
    } catch (error) {
      if (!isTransient(error)) throw error;
      last = error;
      return null;
    }
  }).catch((error: unknown) => {
    throw new Error(String(error), { cause: last });
  });
  return done.value;
}
