import type { MethodName } from '../../src/contract/methods.js';
import { METHODS } from '../../src/contract/methods.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { RpcClient, RpcConnection } from '../../src/rpc/index.js';
import { Worker, type WorkerOptions } from '../../src/worker/worker.js';
import type { TestBroker } from './broker.js';
import type { TestDatabase } from './database.js';
import { recordingLogger } from './log.js';

export const TOPIC = 'ironic.network_provider';
export const EXCHANGE = 'ironic';

export const DEFAULT_OPTIONS: WorkerOptions = {
  hosts: ['conductor-1'],
  topic: TOPIC,
  exchange: EXCHANGE,
  exchangeDurable: false,
  queueType: 'quorum',
  prefetch: 50,
  pingEnabled: true,
  maxMessageBytes: 1024 * 1024,
  missingReplyTimeout: 2000,
  defaultNetworkProvider: 'none',
  retry: { maxAttempts: 5, initialDelay: 20, maxDelay: 100, deadline: 5000 },
  groupSize: 200,
  shutdownTimeout: 5000,
};

/** A network provider of which a test says what each call does. Its name, `scripted`, says what it is. */
export function scriptedProvider(
  script: (method: MethodName, context: ProviderContext) => Promise<ProviderOutcome>,
): NetworkProvider {
  const entries = Object.keys(METHODS).map((method) => [
    method,
    (context: ProviderContext) => script(method as MethodName, context),
  ]);
  return Object.fromEntries(entries) as NetworkProvider;
}

export const nothingDone: ProviderOutcome = { bindings: [], failures: [] };

/** A worker in this process, with connections of its own. */
export interface TestWorker {
  worker: Worker;
  lines: string[];
  /** Stops the worker and closes its connections. */
  close(): Promise<void>;
}

export async function startWorker(
  broker: TestBroker,
  database: TestDatabase,
  providers: Readonly<Record<string, NetworkProvider>>,
  options: Partial<WorkerOptions> = {},
): Promise<TestWorker> {
  const { log, lines } = recordingLogger();
  const consumer = connectionTo(broker, 'worker consumer');
  const publisher = connectionTo(broker, 'worker publisher');
  const worker = new Worker(
    { ...DEFAULT_OPTIONS, ...options },
    {
      consumer,
      publisher,
      dataSource: database.dataSource,
      providers: {
        get: (name) => {
          const provider = providers[name];
          return provider ? Promise.resolve(provider) : Promise.reject(new Error(`no provider ${name} in this test`));
        },
      },
      log,
    },
  );
  await worker.start();
  return {
    worker,
    lines,
    close: async () => {
      await worker.stop();
      await consumer.close();
      await publisher.close();
    },
  };
}

/** A client with a connection of its own. */
export async function connectClient(broker: TestBroker): Promise<{ client: RpcClient; close: () => Promise<void> }> {
  const connection = connectionTo(broker, 'client');
  await connection.connect();
  const client = new RpcClient({ connection, exchange: EXCHANGE, exchangeDurable: false, log: recordingLogger().log });
  return {
    client,
    close: async () => {
      await client.close();
      await connection.close();
    },
  };
}

function connectionTo(broker: TestBroker, connectionName: string): RpcConnection {
  return new RpcConnection({
    transportUrl: broker.url(),
    heartbeat: 10,
    reconnect: { initialDelay: 50, maxDelay: 500 },
    connectionName,
    log: recordingLogger().log,
  });
}
