import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';

import { required } from '../../testkit/servers/environment.js';

/**
 * Bytes of MariaDB's buffer pool for full databases: enough for what docs/operations.md says of a million operations.
 * The private server has 64 MB, which suffices for tests. With so little, a full database would measure the disk.
 */
const WANTED = 1024 ** 3;

/**
 * Does some work while the private server has a large buffer pool, and gives it its former size afterwards. A server
 * that somebody else runs is left as it is.
 */
export async function withLargeBufferPool<T>(work: () => Promise<T>): Promise<T> {
  const url = required('NETPROV_DATABASE_URL');
  const isPrivate = (process.env['NETPROV_PRIVATE_URLS'] ?? '').split(' ').includes(url);
  const connection = await mysql.createConnection(url);
  try {
    const before = await sizeOf(connection);
    if (before >= WANTED || !isPrivate) return await work();
    try {
      await resize(connection, WANTED);
      return await work();
    } finally {
      await resize(connection, before);
    }
  } finally {
    await connection.end();
  }
}

async function sizeOf(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT @@GLOBAL.innodb_buffer_pool_size AS size');
  return Number(rows[0]?.['size']);
}

async function resize(connection: Connection, bytes: number): Promise<void> {
  await connection.query('SET GLOBAL innodb_buffer_pool_size = ?', [bytes]);
}
