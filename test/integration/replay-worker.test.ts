import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import type { MethodName } from '../../src/contract/methods.js';
import { jsonCodec, NO_CONTEXT } from '../../src/rpc/index.js';
import { loadEnds } from '../../src/state/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const HOST = 'conductor-1';
const QUEUE = `${TOPIC}.${HOST}`;
const RESULTS = `${TOPIC}_results.${HOST}`;

describe('a worker that gets replayed messages', () => {
  let fixture: WorkerFixture;
  let calls: MethodName[] = [];
  let fails = false;

  const scripted = scriptedProvider((method) => {
    calls.push(method);
    return fails ? Promise.reject(new Error('out of order')) : Promise.resolve(nothingDone);
  });

  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  beforeEach(() => {
    calls = [];
    fails = false;
  });
  afterEach(() => fixture.reset());

  async function start(): ReturnType<WorkerFixture['start']> {
    const journal = { maxAge: 3600, maxBytes: 10_000_000 };
    const worker = await fixture.start({ scripted }, { journal, defaultNetworkProvider: 'scripted' });
    await fixture.listen(RESULTS);
    return worker;
  }

  /** Sends a request straight to the queue, as netprov replay does, and again so often. */
  async function send(method: MethodName, uniqueId: string, task: object, headers: object, times = 1): Promise<void> {
    const request = { method, version: '1.0', namespace: null, args: { task }, uniqueId };
    const nobody = { msgId: null, replyQ: null, timeout: null, context: NO_CONTEXT };
    const body = jsonCodec.encodeRequest({ ...request, ...nobody });
    await fixture.broker.onChannel((channel) => {
      for (let n = 0; n < times; n++) channel.sendToQueue(QUEUE, body, { contentType: 'application/json', headers });
      return Promise.resolve();
    });
  }

  async function endOf(id: string): Promise<string> {
    const ends = await loadEnds(fixture.database.dataSource.manager, [id]);
    return ends.get(id)?.id ?? 'none';
  }

  const results = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    while (ids.length < count) ids.push((await fixture.nextResult(RESULTS)).result.operation_id);
    return ids;
  };

  it('keeps a journal of what it takes', async () => {
    const { worker } = await start();
    expect((await worker.readiness()).ready).to.equal(true);
    const id = await fixture.client.cast({ topic: TOPIC, server: HOST }, 'add_cleaning_network', {
      task: sampleTask(),
    });
    await results(1);
    const arguments_ = (await fixture.broker.queue(`${TOPIC}.journal`)).arguments;
    expect(arguments_).to.include({ 'x-queue-type': 'stream', 'x-max-age': '3600s', 'x-max-length-bytes': 10_000_000 });
    await fixture.broker.onChannel(async (channel) => {
      const bodies: Buffer[] = [];
      await channel.prefetch(10);
      const take = (message: { content: Buffer } | null): void => {
        if (message) bodies.push(message.content);
      };
      await channel.consume(`${TOPIC}.journal`, take, { arguments: { 'x-stream-offset': 'first' } });
      await until('the entry', () => bodies.length > 0);
      expect(jsonCodec.decodeRequest(bodies[0] ?? Buffer.alloc(0)).uniqueId).to.equal(id);
    });
  });

  it('runs an operation again that ended as the message says, once, however often the message comes', async () => {
    await start();
    const [id, task] = [randomUUID(), sampleTask()];
    await send('add_cleaning_network', id, task, {});
    await results(1);
    const first = await endOf(id);
    await send('remove_cleaning_network', randomUUID(), task, {});
    await results(1);

    await send('add_cleaning_network', id, task, { 'netprov-replay': 0, 'netprov-replay-again': first }, 3);
    const again = await fixture.nextResult(RESULTS);
    expect(again.result.operation_id).to.equal(id);
    for (let times = 0; times < 2; times++) expect(await fixture.nextRepeat(RESULTS, again)).to.deep.equal(again);
    expect(calls).to.deep.equal(['add_cleaning_network', 'remove_cleaning_network', 'add_cleaning_network']);
    expect(await endOf(id)).to.not.equal(first);
    expect(await fixture.operation(id)).to.include({ status: 'succeeded', attempts: 2 });
  });

  it('answers an ended operation from the record when it shall not run again', async () => {
    await start();
    const [id, task] = [randomUUID(), sampleTask()];
    await send('add_cleaning_network', id, task, {});
    const other = { 'netprov-replay': 0, 'netprov-replay-again': '2020-01-01T00:00:00.000000Z' };
    await send('add_cleaning_network', id, task, { 'netprov-replay': 0 });
    await send('add_cleaning_network', id, task, other);
    const first = await fixture.nextResult(RESULTS);
    expect(first.result.operation_id).to.equal(id);
    for (let times = 0; times < 2; times++) expect(await fixture.nextRepeat(RESULTS, first)).to.deep.equal(first);
    expect(calls).to.deep.equal(['add_cleaning_network']);
  });

  it('runs a failed operation again, and records its new end', async () => {
    await start();
    const [id, task] = [randomUUID(), sampleTask()];
    fails = true;
    await send('add_cleaning_network', id, task, {});
    await results(1);
    expect(await fixture.operation(id)).to.include({ status: 'failed' });
    fails = false;
    await send('add_cleaning_network', id, task, { 'netprov-replay': 0, 'netprov-replay-again': await endOf(id) });
    await results(1);
    expect(await fixture.operation(id)).to.include({ status: 'succeeded', last_error: null });
  });

  it('skips a message when a later request of the node was done meanwhile', async () => {
    const { lines } = await start();
    const [lost, later, task] = [randomUUID(), randomUUID(), sampleTask()];
    const headers = { 'netprov-replay': 0, 'netprov-replay-unless': later };
    await send('remove_cleaning_network', later, task, {});
    await send('add_cleaning_network', lost, task, headers);
    await send('add_provisioning_network', randomUUID(), task, {});
    expect(await results(2)).to.include(later);
    expect(calls).to.deep.equal(['remove_cleaning_network', 'add_provisioning_network']);
    expect(await fixture.operation(lost)).to.equal(undefined);
    expect(lines.join('\n')).to.contain('skipping a replayed message: a later operation of the node is done');
    await until('nothing is left', async () => (await fixture.broker.counts(QUEUE)).ready === 0);
  });

  it('runs a message when the later request of the node has not run yet', async () => {
    await start();
    const [lost, later, task] = [randomUUID(), randomUUID(), sampleTask()];
    await send('add_cleaning_network', lost, task, { 'netprov-replay': 0, 'netprov-replay-unless': later });
    await send('remove_cleaning_network', later, task, { 'netprov-replay': 1 });
    expect(await results(2)).to.deep.equal([lost, later]);
    expect(calls).to.deep.equal(['add_cleaning_network', 'remove_cleaning_network']);
  });
});
