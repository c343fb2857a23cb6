import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'chai';

import { readResult } from '../../src/contract/result.js';
import { ConnectionLost, declareTopology, jsonCodec, NO_CONTEXT, Publisher } from '../../src/rpc/index.js';
import { EXCHANGE, HOST, HOST_QUEUE, TOPIC, type ClusterPlace } from './cluster.js';
import { recordingLogger } from './log.js';
import { until } from './poll.js';
import { sampleTask } from './samples.js';

const RESULTS = `${TOPIC}_results.${HOST}`;

/**
 * Casts for many nodes, in each node's order: the next one is sent when RabbitMQ has confirmed the one before. One that was
 * not confirmed is sent again, as it was.
 */
export class CastFlow {
  readonly #publisher: Publisher;
  /** Ids of the casts of each node, as they were sent. */
  readonly #sent = new Map<string, string[]>();
  #stopping = false;

  private constructor(readonly place: ClusterPlace) {
    this.#publisher = new Publisher(place.connection, recordingLogger().log);
  }

  /** Declares the queues of casts and results, led by the node that the place is connected to. */
  static async open(place: ClusterPlace): Promise<CastFlow> {
    const { model } = place.connection;
    if (!model) throw new Error('the test is not connected to the cluster');
    const { log } = recordingLogger();
    const queues = { topic: TOPIC, servers: [HOST], fanout: true, anyServer: true, queueType: 'quorum' } as const;
    await declareTopology(model, { ...queues, exchange: EXCHANGE, exchangeDurable: true }, log);
    await place.onChannel(async (channel) => {
      await channel.assertQueue(RESULTS, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      await channel.bindQueue(RESULTS, EXCHANGE, RESULTS);
    });
    return new CastFlow(place);
  }

  get count(): number {
    return [...this.#sent.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Sends so many casts to each of so many nodes, as fast as it can. Resolves when all are confirmed. */
  async send(nodes: number, each: number): Promise<void> {
    await this.#sendToAll(nodes, each, 0);
  }

  /** Sends casts to so many nodes, two a second to each, until it is stopped. Resolves when all are confirmed. */
  async run(nodes: number): Promise<void> {
    await this.#sendToAll(nodes, Infinity, 500);
  }

  /** Sends no more. */
  stop(): void {
    this.#stopping = true;
  }

  async close(): Promise<void> {
    this.stop();
    await this.#publisher.close();
  }

  /** How many operations have ended, as the database shows. */
  async ended(): Promise<number> {
    const [row] = await this.place.query<{ count: unknown }[]>(
      'SELECT COUNT(*) AS count FROM operations WHERE finished_at IS NOT NULL',
    );
    return Number(row?.count);
  }

  /** Waits until so many more operations have ended than now. */
  async endMore(count: number): Promise<void> {
    const begin = await this.ended();
    await until(`${count} more operations end`, async () => (await this.ended()) >= begin + count);
  }

  /** Every cast has one outcome, in its node's order, and its result has been sent; nothing became a dead letter. */
  async expectNothingLost(): Promise<void> {
    const { place, count } = this;
    await until(`${count} operations end`, async () => (await this.ended()) === count);
    const rows = await place.query<{ id: string; status: string }[]>('SELECT id, status FROM operations');
    expect(rows.filter(({ status }) => status !== 'succeeded')).to.deep.equal([]);
    const ids = [...this.#sent.values()].flat().sort();
    expect(rows.map(({ id }) => id).sort()).to.deep.equal(ids);
    expect(this.#nodesOutOfOrder(), 'nodes whose casts were done out of order').to.deep.equal([]);
    await until('no cast is left', async () => (await this.#ready(HOST_QUEUE)) === 0);
    expect([...(await this.#results(count))].sort()).to.deep.equal(ids);
    expect(await this.#ready(`${TOPIC}.dead`), 'dead letters').to.equal(0);
  }

  async #sendToAll(nodes: number, each: number, pause: number): Promise<void> {
    const uuids = Array.from({ length: nodes }, () => randomUUID());
    await Promise.all(uuids.map((uuid) => this.#sendTo(uuid, each, pause)));
  }

  async #sendTo(uuid: string, each: number, pause: number): Promise<void> {
    const sent: string[] = [];
    this.#sent.set(uuid, sent);
    for (let sequence = 1; sequence <= each && !this.#stopping; sequence++) {
      const id = randomUUID();
      sent.push(id);
      const body = jsonCodec.encodeRequest({
        method: 'add_provisioning_network',
        version: '1.0',
        namespace: null,
        args: { task: sampleTask({ uuid, driver_info: { sequence } }) },
        uniqueId: id,
        msgId: null,
        replyQ: null,
        timeout: null,
        context: NO_CONTEXT,
      });
      await this.#confirmed(body);
      if (pause > 0) await delay(pause);
    }
  }

  async #confirmed(body: Buffer): Promise<void> {
    for (;;) {
      await this.#publisher.ready();
      try {
        const options = { contentType: jsonCodec.contentType, mandatory: true };
        await this.#publisher.publish(EXCHANGE, HOST_QUEUE, body, options);
        return;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
      }
    }
  }

  /** A cast may be run again, when nobody knows whether it was done; but never after a later one of its node. */
  #nodesOutOfOrder(): string[] {
    const file = this.place.orderFile;
    const runs = new Map<string, number[]>();
    for (const line of existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []) {
      const [uuid = '', sequence] = line.split(' ');
      runs.set(uuid, [...(runs.get(uuid) ?? []), Number(sequence)]);
    }
    return [...this.#sent].flatMap(([uuid, { length }]) => {
      const order = (runs.get(uuid) ?? []).filter((sequence, index, all) => sequence !== all[index - 1]);
      const wanted = Array.from({ length }, (_, index) => index + 1);
      return order.join() === wanted.join() ? [] : [`${uuid}: ${order.join(' ')}`];
    });
  }

  /** Takes results until they are of so many operations. */
  async #results(count: number): Promise<Set<string>> {
    const seen = new Set<string>();
    await until(`results of ${count} operations arrive`, () =>
      this.place.onChannel(async (channel) => {
        for (let got = await channel.get(RESULTS); got; got = await channel.get(RESULTS)) {
          const { args } = jsonCodec.decodeRequest(got.content);
          seen.add(readResult(args['result']).operation_id);
          channel.ack(got);
        }
        return seen.size >= count;
      }),
    );
    return seen;
  }

  /** Messages that wait in a queue. */
  #ready(queue: string): Promise<number> {
    return this.place.onChannel(async (channel) => (await channel.checkQueue(queue)).messageCount);
  }
}
