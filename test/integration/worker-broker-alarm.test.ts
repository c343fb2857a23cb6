import { expect } from 'chai';

import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { EXCHANGE, nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { amqpFrame, blocked, FrameProxy, isPublish } from '../../testkit/proxies/frame-proxy.js';

const HOST_QUEUE = `${TOPIC}.conductor-1`;
const TARGET = { topic: TOPIC, server: 'conductor-1' };
const RESULTS = `${TOPIC}_results.conductor-1`;

describe('worker: a broker that takes no messages', () => {
  let fixture: WorkerFixture;
  let proxy: FrameProxy;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  beforeEach(async () => {
    proxy = fixture.opened.add(await FrameProxy.start(fixture.broker.host, amqpFrame), (one) => one.stop());
  });
  afterEach(() => fixture.reset());

  const none = scriptedProvider(() => Promise.resolve(nothingDone));
  const cast = (): Promise<string> => fixture.client.cast(TARGET, 'add_cleaning_network', { task: sampleTask() });
  const owedTo = async (id: string): Promise<unknown> => (await fixture.operation(id))?.['owed_to'];
  const isDone = (id: string): Promise<true> =>
    until('the operation', async () => (await fixture.operation(id))?.['status'] === 'succeeded');

  it('stops in time, and leaves unanswered operations to the next owner', async () => {
    const { worker } = await fixture.start({ none }, { shutdownTimeout: 200 }, { publisherPort: proxy.port });
    await fixture.listen(RESULTS);
    // Such as a results queue without a majority of its replicas: no confirm comes.
    proxy.fate = (frame) => (isPublish(frame) ? 'hang before' : 'pass');
    const id = await cast();
    await isDone(id);
    await until('its result is on its way', () => proxy.hangs);
    await worker.stop();
    expect(await owedTo(id)).to.equal(HOST_QUEUE);
    await until('it is back in the queue', async () => (await fixture.broker.counts(HOST_QUEUE)).ready === 1);
    await fixture.start({ none });
    expect((await fixture.nextResult(RESULTS)).result).to.include({ operation_id: id, status: 'succeeded' });
    await until('it is owed no more', async () => (await owedTo(id)) === null);
    expect(await fixture.operation(id)).to.include({ attempts: 1 });
  });

  it('declares a deleted exchange and its bindings again, and owes the result until then', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let begun = 0;
    const holding = scriptedProvider(async () => ((begun += 1), await held, nothingDone));
    const { lines } = await fixture.start({ none: holding }, { owedAfter: 1 });
    const ids = [await cast()];
    await until('it runs', () => begun === 1);
    await fixture.broker.onChannel((channel) => channel.deleteExchange(EXCHANGE));
    release();
    await until('the exchange is there again', async () =>
      fixture.listen(RESULTS).then(
        () => true,
        () => false,
      ),
    );
    await until('the queue is bound again', async () => {
      const id = await cast().catch(() => null);
      if (id !== null) ids.push(id);
      return id !== null;
    });
    const found = new Set<string>();
    while (found.size < ids.length) found.add((await fixture.nextResult(RESULTS)).result.operation_id);
    expect([...found]).to.have.members(ids);
    expect(lines.join()).to.not.contain('dead letter');
  });

  it('runs casts during the alarm, and owes their results until the broker accepts them', async () => {
    const { lines } = await fixture.start({ none }, { owedAfter: 1 }, { publisherPort: proxy.port });
    await fixture.listen(RESULTS);
    proxy.fate = (frame) => {
      if (!isPublish(frame)) return 'pass';
      proxy.say(blocked('low on memory'));
      return 'hang before';
    };
    const ids = [await cast()];
    await until('the broker tells of its need', () => proxy.hangs);
    for (let count = 0; count < 5; count++) ids.push(await cast());
    for (const id of ids) await isDone(id);
    const owed = (): number => lines.filter((line) => line.includes('did not accept a result')).length;
    await until('five are owed', () => owed() >= 5);
    expect((await fixture.broker.counts(HOST_QUEUE)).ready, 'none comes again').to.equal(0);
    proxy.cut();
    const found = new Set<string>();
    while (found.size < ids.length) found.add((await fixture.nextResult(RESULTS)).result.operation_id);
    expect([...found]).to.have.members(ids);
  });
});
