import { randomUUID } from 'node:crypto';

import type { ConsumeMessage, Options } from 'amqplib';
import { expect } from 'chai';

import { METHODS, type MethodName } from '../../src/contract/methods.js';
import { jsonCodec, NO_CONTEXT, type MessageCodec, type RpcRequest } from '../../src/rpc/index.js';
import { CommandPlace, HOST } from './command-place.js';
import type { Ended } from './netprov.js';
import { until } from './poll.js';

export const TOPIC = 'ironic.network_provider';
export const JOURNAL = `${TOPIC}.journal`;
export const HOST_QUEUE = `${TOPIC}.${HOST}`;

type Row = Record<string, unknown>;

/** Where netprov replay runs in tests, with what it reads and changes. */
export class ReplayPlace extends CommandPlace {
  replay(...args: string[]): Promise<Ended> {
    return this.run('replay', ...args);
  }

  /** Declares the queues of the conductor host, and the journal. */
  async declare(): Promise<void> {
    const { code, stderr } = await this.run('topology', 'declare', '--host', HOST);
    expect(code, stderr).to.equal(0);
  }

  /** Sends a request about a node on record as a conductor would. Resolves with its id, or the id it was given. */
  async request(
    method: MethodName,
    node: string,
    fields: Partial<RpcRequest> = {},
    codec: MessageCodec = jsonCodec,
  ): Promise<string> {
    const request: RpcRequest = {
      method,
      version: METHODS[method].since,
      namespace: null,
      args: { node_id: node },
      uniqueId: randomUUID(),
      msgId: null,
      replyQ: null,
      timeout: null,
      context: NO_CONTEXT,
      ...fields,
    };
    await this.publish(codec.encodeRequest(request), { contentType: codec.contentType });
    return request.uniqueId;
  }

  /** Sends a body to the host by way of the exchange. */
  async publish(body: Buffer | string, options: Options.Publish = {}): Promise<void> {
    const content = Buffer.from(body);
    await this.broker.onChannel((channel) => Promise.resolve(channel.publish('ironic', HOST_QUEUE, content, options)));
  }

  /** Takes all messages out of the host's queue, when so many are there. */
  async take(count: number): Promise<ConsumeMessage[]> {
    const messages: ConsumeMessage[] = [];
    await this.broker.onChannel(async (channel) => {
      await channel.consume(HOST_QUEUE, (message) => message && messages.push(message), { noAck: true });
      await until(`${count} messages in ${HOST_QUEUE}`, () => messages.length >= count);
    });
    expect(messages).to.have.length(count);
    return messages;
  }

  /** How many entries the journal has. */
  async journaled(): Promise<number> {
    const marks = await this.entries();
    return marks.filter(({ properties }) => properties.type === undefined).length;
  }

  /** All entries of the journal: up to one that is sent to it for this. */
  async entries(): Promise<ConsumeMessage[]> {
    const entries: ConsumeMessage[] = [];
    const last = randomUUID();
    await this.broker.onChannel(async (channel) => {
      await channel.prefetch(100);
      channel.sendToQueue(JOURNAL, Buffer.alloc(0), { type: 'netprov-journal-mark', correlationId: last });
      const take = (message: ConsumeMessage | null): void => {
        if (!message) return;
        entries.push(message);
        channel.ack(message);
      };
      await channel.consume(JOURNAL, take, { arguments: { 'x-stream-offset': 'first' } });
      await until('the whole journal', () => entries.at(-1)?.properties.correlationId === last);
    });
    return entries;
  }

  /** Puts an operation on record that has ended. */
  async ended(id: string, status: 'succeeded' | 'failed' = 'succeeded'): Promise<void> {
    const sql = `INSERT INTO operations (id, kind, method, network_type, status, result, started_at, finished_at)
      VALUES (?, 'cast', 'add_cleaning_network', 'cleaning', ?, ?, NOW(6), NOW(6))`;
    await this.database.dataSource.query(sql, [id, status, JSON.stringify({ status })]);
  }

  /** Operations on record, as they began. */
  operations(): Promise<Row[]> {
    return this.database.dataSource.query('SELECT * FROM operations ORDER BY started_at');
  }

  async forget(...ids: string[]): Promise<void> {
    await this.database.dataSource.query('DELETE FROM operations WHERE id IN (?)', [ids]);
  }

  /** Waits until operations have ended so. */
  async until(status: Record<string, string>): Promise<Map<string, Row>> {
    return until(`operations to be ${JSON.stringify(status)}`, async () => {
      const rows = new Map((await this.operations()).map((row) => [row['id'] as string, row]));
      return Object.entries(status).every(([id, wanted]) => rows.get(id)?.['status'] === wanted) && rows;
    });
  }
}
