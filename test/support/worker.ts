import type { GetMessage } from 'amqplib';
import type { DataSource } from 'typeorm';

import type { MethodName } from '../../src/contract/methods.js';
import { METHODS } from '../../src/contract/methods.js';
import type { OperationResult } from '../../src/contract/types.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { jsonCodec, RpcClient, RpcConnection, type MessageCodec } from '../../src/rpc/index.js';
import type { Providers } from '../../src/worker/choose.js';
import type { WorkerOptions } from '../../src/worker/options.js';
import { Worker } from '../../src/worker/worker.js';
import { TestBroker } from './broker.js';
import { Cleanup } from './cleanup.js';
import { createDatabase, type TestDatabase } from './database.js';
import { recordingLogger } from './log.js';
import { until } from './poll.js';

export const TOPIC = 'ironic.network_provider';
export const EXCHANGE = 'ironic';

/**
 * Nothing runs out here by itself, however slow the machine is: a lease that lapsed, or a deadline that passed, would have
 * operations done again or given up. A test that is about one of them gives its own.
 */
export const DEFAULT_OPTIONS: WorkerOptions = {
  hosts: ['conductor-1'],
  topic: TOPIC,
  exchange: EXCHANGE,
  exchangeDurable: false,
  queueType: 'quorum',
  journal: null,
  prefetch: 50,
  maxHeldBytes: 100_000_000,
  pingEnabled: true,
  maxMessageBytes: 1024 * 1024,
  missingReplyTimeout: 2000,
  defaultNetworkProvider: 'none',
  retry: { maxAttempts: 5, initialDelay: 20, maxDelay: 100, deadline: 600_000 },
  maxOperations: 100,
  groupSize: 200,
  lease: 60_000,
  poison: { suspectAfter: 3, triesAlone: 5 },
  lateWindow: 600,
  owedPatience: 600,
  keepOperations: null,
  shutdownTimeout: 5000,
};

/** A network provider of which a test says what each call does. Its name, `scripted`, says what it is. */
export function scriptedProvider(
  script: (method: MethodName, context: ProviderContext) => Promise<Partial<ProviderOutcome>>,
): NetworkProvider {
  const entries = Object.keys(METHODS).map((method) => [
    method,
    (context: ProviderContext) => script(method as MethodName, context),
  ]);
  return Object.fromEntries(entries) as NetworkProvider;
}

/** Where a worker finds scripted providers. */
function scripted(providers: Readonly<Record<string, NetworkProvider>>): Providers {
  return {
    get: (name) => {
      const provider = providers[name];
      return provider ? Promise.resolve(provider) : Promise.reject(new Error(`no provider ${name} in this test`));
    },
    away: () => Object.values(providers).flatMap(({ dependency }) => dependency?.away ?? []),
  };
}

/** Providers that a test gets from somewhere itself. */
function isWhole(providers: Readonly<Record<string, NetworkProvider>> | Providers): providers is Providers {
  return typeof providers.get === 'function';
}

export const nothingDone: ProviderOutcome = { bindings: [], failures: [] };

/** A worker in this process, with connections of its own. */
export interface TestWorker {
  worker: Worker;
  lines: string[];
  /** Stops the worker and closes its connections, once. */
  close(): Promise<void>;
}

/** Where a worker stands. */
export interface Place {
  /** What its connections are called. */
  name?: string;
  /** Of a proxy in front of the broker. */
  brokerPort?: number;
  /** Of one for the connection that publishes alone. */
  publisherPort?: number;
  dataSource?: DataSource;
  leases?: DataSource;
}

export async function startWorker(
  broker: TestBroker,
  database: TestDatabase,
  providers: Readonly<Record<string, NetworkProvider>> | Providers,
  options: Partial<WorkerOptions> = {},
  {
    name = 'worker',
    brokerPort,
    publisherPort = brokerPort,
    dataSource = database.dataSource,
    leases = dataSource,
  }: Place = {},
): Promise<TestWorker> {
  const { log, lines } = recordingLogger();
  const ports = (port: number | undefined): number[] => (port === undefined ? [] : [port]);
  const consumer = connectionTo(broker, `${name} consumer`, ports(brokerPort));
  const publisher = connectionTo(broker, `${name} publisher`, ports(publisherPort));
  const worker = new Worker(
    { ...DEFAULT_OPTIONS, ...options },
    {
      consumer,
      publisher,
      dataSource,
      leases,
      providers: isWhole(providers) ? providers : scripted(providers),
      log,
    },
  );
  await worker.start();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await worker.stop();
    await consumer.close();
    await publisher.close();
  };
  return { worker, lines, close: () => (closing ??= close()) };
}

/** A result cast. */
export interface ResultCast {
  result: OperationResult;
  method: string;
  /** Of the end of the operation: that of every repeat of it too. */
  uniqueId: string;
}

/** A broker, a database, a client, and the workers that a test starts. */
export class WorkerFixture {
  /** What a test opens beside its workers; closed after them. */
  readonly opened = new Cleanup();
  #workers: TestWorker[] = [];
  /** Ids of the results that a test took, by queue. */
  readonly #taken = new Map<string, Set<string>>();

  private constructor(
    readonly broker: TestBroker,
    readonly database: TestDatabase,
    readonly client: RpcClient,
    private readonly closeClient: () => Promise<void>,
  ) {}

  static async create(): Promise<WorkerFixture> {
    const broker = await TestBroker.create();
    const database = await createDatabase();
    const { client, close } = await connectClient(broker);
    return new WorkerFixture(broker, database, client, close);
  }

  /** Starts a worker that is stopped after the test. */
  async start(
    providers: Readonly<Record<string, NetworkProvider>> | Providers,
    options: Partial<WorkerOptions> = {},
    place: Place = {},
  ): Promise<TestWorker> {
    const worker = await startWorker(this.broker, this.database, providers, options, place);
    this.#workers.push(worker);
    return worker;
  }

  /** Stops the workers and empties the queues: for afterEach. */
  async reset(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    this.#workers = [];
    this.#taken.clear();
    await this.opened.run();
    for (const queue of await this.broker.queues()) {
      // A stream cannot be emptied; it goes with the virtual host.
      if (queue.endsWith('.journal')) continue;
      await this.broker.onChannel((channel) => channel.purgeQueue(queue));
    }
  }

  async drop(): Promise<void> {
    await this.closeClient();
    await this.database.drop();
    await this.broker.drop();
  }

  /** Binds a results queue, as a conductor's RPC server would. */
  async listen(name: string): Promise<void> {
    await this.broker.onChannel(async (channel) => {
      await channel.assertQueue(name, { durable: false });
      await channel.bindQueue(name, EXCHANGE, name);
    });
  }

  /** The next result that arrives in a queue. Repeats of those taken before are passed over: delivery is at least once. */
  nextResult(queue: string): Promise<ResultCast> {
    return this.nextCast(queue, ({ uniqueId }) => this.#taken.get(queue)?.has(uniqueId) !== true);
  }

  /** The result of one end of an operation as it arrives in a queue, once more if it was taken before; passes over others. */
  nextRepeat(queue: string, { uniqueId: wanted }: Pick<ResultCast, 'uniqueId'>): Promise<ResultCast> {
    return this.nextCast(queue, ({ uniqueId }) => uniqueId === wanted);
  }

  /** The next result that arrives in a queue and is wanted, whether or not it came before. */
  async nextCast(queue: string, isWanted: (cast: ResultCast) => boolean = () => true): Promise<ResultCast> {
    const cast = await until(`a result in ${queue}`, async () => {
      const message = await this.take(queue);
      if (!message) return null;
      const { args, method, uniqueId } = jsonCodec.decodeRequest(message.content);
      const found = { result: args['result'] as OperationResult, method, uniqueId };
      return isWanted(found) && found;
    });
    const taken = this.#taken.get(queue) ?? new Set();
    this.#taken.set(queue, taken.add(cast.uniqueId));
    return cast;
  }

  /** Takes a message from a queue; null when it is empty. */
  async take(queue: string): Promise<GetMessage | null> {
    return (await this.broker.onChannel((channel) => channel.get(queue, { noAck: true }))) || null;
  }

  /** An operation's row. */
  async operation(id: string): Promise<Record<string, unknown> | undefined> {
    const rows = this.database.dataSource.query<Record<string, unknown>[]>('SELECT * FROM operations WHERE id = ?', [
      id,
    ]);
    return (await rows)[0];
  }
}

/** A client with a connection of its own. */
export async function connectClient(
  broker: TestBroker,
  codec: MessageCodec = jsonCodec,
): Promise<{ client: RpcClient; close: () => Promise<void> }> {
  const connection = connectionTo(broker, 'client');
  await connection.connect();
  const { log } = recordingLogger();
  const client = new RpcClient({ connection, codec, exchange: EXCHANGE, exchangeDurable: false, log });
  return {
    client,
    close: async () => {
      await client.close();
      await connection.close();
    },
  };
}

function connectionTo(broker: TestBroker, connectionName: string, ports: number[] = []): RpcConnection {
  return new RpcConnection({
    transportUrl: broker.url(...ports),
    heartbeat: 10,
    reconnect: { initialDelay: 50, maxDelay: 500 },
    connectionName,
    log: recordingLogger().log,
  });
}
