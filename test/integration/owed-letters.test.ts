import type { GetMessage } from 'amqplib';
import { expect } from 'chai';

import { TransientError } from '../../src/contract/errors.js';
import { requeuedHeaders } from '../../src/messages/dead-letter.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, type TestWorker, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const HOST = 'conductor-1';
const QUEUE = `${TOPIC}.${HOST}`;
const DEAD = `${TOPIC}.dead`;
const RESULTS = `${TOPIC}_results.${HOST}`;
const TARGET = { topic: TOPIC, server: HOST };
const METHOD = 'add_cleaning_network';

describe('dead letters of operations that failed', () => {
  let fixture: WorkerFixture;
  let calls: number;
  let fails: boolean;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  beforeEach(() => {
    calls = 0;
    fails = true;
  });
  afterEach(() => fixture.reset());
  after(() => fixture.drop());

  const start = (): Promise<TestWorker> =>
    fixture.start(
      {
        none: scriptedProvider((method) => {
          if (method !== METHOD) return Promise.resolve(nothingDone);
          calls += 1;
          return fails ? Promise.reject(new TransientError('no answer')) : Promise.resolve(nothingDone);
        }),
      },
      { retry: { maxAttempts: 0, initialDelay: 1, maxDelay: 1, deadline: 60_000 } },
    );

  const letter = (): Promise<GetMessage> => until('a dead letter', () => fixture.take(DEAD));
  const endOf = ({ properties }: GetMessage): unknown => properties.headers?.['netprov-end'];
  /** Expects no other dead letter than this one. It may be there once more: each is kept at least once. */
  const noOther = async (one: GetMessage): Promise<void> => {
    for (let more = await fixture.take(DEAD); more !== null; more = await fixture.take(DEAD)) {
      expect(endOf(more)).to.equal(endOf(one));
    }
  };
  /** All that was sent for the node before has been dealt with. */
  const passed = async (task: { node: { uuid: string } }): Promise<void> => {
    const id = await fixture.client.cast(TARGET, 'remove_cleaning_network', { task });
    await until('what was sent last has ended', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
  };

  /** Sends a letter back, as netprov dead-letter requeue does, and so often more, as a broker may. */
  const requeue = ({ content, properties }: GetMessage, times: number): Promise<void> =>
    fixture.broker.onChannel((channel) => {
      const headers = requeuedHeaders(properties.headers ?? {});
      for (let n = 0; n < times; n++) channel.sendToQueue(QUEUE, content, { contentType: 'application/json', headers });
      return Promise.resolve();
    });

  it('are owed by the owner of the queue until RabbitMQ has them', async () => {
    const first = await start();
    await fixture.broker.onChannel((channel) => channel.deleteQueue(DEAD));
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until('the letter is refused', () =>
      first.lines.some((line) => line.includes('could not store a dead letter')),
    );
    expect(await fixture.operation(id)).to.include({ status: 'failed', owed_letter: 'retries_exhausted' });
    await first.close();

    await start();
    const kept = await letter();
    const { headers } = kept.properties;
    expect(headers).to.include({ 'netprov-reason': 'retries_exhausted', 'netprov-operation-id': id });
    expect(headers?.['netprov-detail']).to.contain('no answer');
    await until('it is owed no more', async () => (await fixture.operation(id))?.['owed_letter'] === null);
    expect(calls).to.equal(1);
    await noOther(kept);
  });

  it('run once more when they are requeued, however often the message comes', async () => {
    await start();
    const task = sampleTask();
    await fixture.client.cast(TARGET, METHOD, { task });
    const first = await letter();
    await requeue(first, 3);
    const second = await letter();
    await passed(task);
    expect(calls).to.equal(2);
    expect(second.properties.headers).to.include({ 'netprov-deaths': 2 });
    expect(endOf(second)).not.to.equal(endOf(first));

    await requeue(first, 1);
    await passed(task);
    expect(calls).to.equal(2);
    fails = false;
    await requeue(second, 1);
    await passed(task);
    expect(calls).to.equal(3);
    await noOther(second);
  });

  it('of the previous version are requeued too, although they do not name their end', async () => {
    await start();
    const task = sampleTask();
    const id = await fixture.client.cast(TARGET, METHOD, { task });
    const { content, properties } = await letter();
    const headers = Object.entries(properties.headers ?? {}).filter(([name]) => name !== 'netprov-end');
    fails = false;
    await requeue({ content, properties: { headers: Object.fromEntries(headers) } } as GetMessage, 2);
    await passed(task);
    expect(await fixture.operation(id)).to.include({ status: 'succeeded' });
    expect(calls).to.equal(2);
  });

  it('have a result with a new id when they run again, and the same id with each repeat', async () => {
    await start();
    await fixture.listen(RESULTS);
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    const failed = await fixture.nextResult(RESULTS);
    expect(failed).to.include({ uniqueId: id }).and.have.nested.property('result.status', 'failed');

    fails = false;
    await requeue(await letter(), 2);
    const done = await fixture.nextResult(RESULTS);
    const repeated = await fixture.nextRepeat(RESULTS, done);
    expect(done).to.have.nested.property('result.status', 'succeeded');
    expect(done.result.operation_id).to.equal(id);
    expect(done.uniqueId)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(id);
    expect(repeated).to.deep.equal(done);
    expect(await fixture.operation(id)).to.include({ end_id: done.uniqueId });
  });
});
