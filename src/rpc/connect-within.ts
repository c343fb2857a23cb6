import type { RpcConnection } from './connection.js';
import { ConnectionLost } from './errors.js';

/** Connects. @throws ConnectionLost with the reason, when RabbitMQ does not let us in within so many seconds. */
export async function connectWithin(connection: RpcConnection, limit: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = connection.lastError?.message ?? 'it does not answer';
      reject(new ConnectionLost(`RabbitMQ could not be reached within ${limit} s: ${reason}`));
    }, limit * 1000);
  });
  try {
    await Promise.race([connection.connect(), late]);
  } finally {
    clearTimeout(timer);
  }
}
