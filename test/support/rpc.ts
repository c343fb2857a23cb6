import type { Logger } from '../../src/log.js';
import { RpcConnection, RpcServer, type RpcConnectionOptions, type RpcServerOptions } from '../../src/rpc/index.js';
import type { Cleanup } from './cleanup.js';

/** A connection that reconnects quickly; it is connected. */
export async function openConnection(
  cleanup: Cleanup,
  options: Partial<RpcConnectionOptions> & { transportUrl: string; log: Logger },
): Promise<RpcConnection> {
  const connection = new RpcConnection({
    heartbeat: 5,
    reconnect: { initialDelay: 20, maxDelay: 200 },
    connectionName: 'test',
    ...options,
  });
  cleanup.add(connection, () => connection.close());
  await connection.connect();
  return connection;
}

/** Options of a server of one conductor host, all three queues. */
export const SERVER = {
  exchange: 'ironic',
  exchangeDurable: false,
  topic: 'topic',
  servers: ['host-1'],
  fanout: true,
  anyServer: true,
  queueType: 'quorum',
  prefetch: 10,
} satisfies Partial<RpcServerOptions>;

export async function startServer(
  cleanup: Cleanup,
  options: Partial<RpcServerOptions> & Pick<RpcServerOptions, 'connection' | 'log' | 'onDelivery'>,
): Promise<RpcServer> {
  const server = new RpcServer({ ...SERVER, ...options });
  cleanup.add(server, () => server.close());
  await server.start();
  return server;
}
