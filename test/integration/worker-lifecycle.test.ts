import { expect } from 'chai';

import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const TARGET = { topic: TOPIC, server: 'conductor-1' };

describe('worker: start, hand-over and shutdown', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(() => fixture.reset());

  it('hands the queue over to the standby in order, and leaves no message behind', async () => {
    const done: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let begun = 0;
    const first = await fixture.start({
      none: scriptedProvider(async (method) => ((begun += 1), await held, done.push(`first ${method}`), nothingDone)),
    });
    await fixture.start({
      none: scriptedProvider((method) => Promise.resolve((done.push(`second ${method}`), nothingDone))),
    });
    const task = sampleTask();
    for (const method of ['add_cleaning_network', 'remove_cleaning_network', 'add_provisioning_network']) {
      await fixture.client.cast(TARGET, method, { task });
    }
    await until('the first to hold all three', () => first.worker.status().messages === 3 && begun === 1);
    const stopped = first.worker.stop();
    release();
    await stopped;
    await until('three operations', () => done.length === 3);
    expect(done).to.deep.equal([
      'first add_cleaning_network',
      'second remove_cleaning_network',
      'second add_provisioning_network',
    ]);
  });

  it('begins no waiting operation when it stops', async () => {
    const begun: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { worker } = await fixture.start(
      { none: scriptedProvider(async (_method, { task }) => (begun.push(task.node.uuid), await held, nothingDone)) },
      { maxOperations: 1 },
    );
    // Casts of different nodes have no order: either of the two may run first.
    const ids = new Map<string, string>();
    for (const task of [sampleTask(), sampleTask()]) {
      ids.set(task.node.uuid, await fixture.client.cast(TARGET, 'add_cleaning_network', { task }));
    }
    await until('one to run and one to wait for its turn', () => {
      const { lanes, running } = worker.status();
      return lanes === 2 && running === 1;
    });
    const stopped = worker.stop();
    release();
    await stopped;
    expect(begun).to.have.length(1);
    const done = ids.get(begun[0] ?? '') ?? '';
    const waiting = [...ids.values()].find((id) => id !== done) ?? '';
    expect(await fixture.operation(done)).to.include({ status: 'succeeded' });
    expect(await fixture.operation(waiting)).to.equal(undefined);
    await fixture.start({ none: scriptedProvider(() => Promise.resolve(nothingDone)) });
    await until('the next to do it', async () => (await fixture.operation(waiting))?.['status'] === 'succeeded');
  });

  it('does not wait for held operations when it stops', async () => {
    const dependency = {
      away: 'the switch controller does not answer',
      back: () => new Promise<void>(() => undefined),
    };
    const { worker, lines } = await fixture.start(
      { none: { ...scriptedProvider(() => Promise.resolve(nothingDone)), dependency } },
      { shutdownTimeout: 600_000 },
    );
    const id = await fixture.client.cast(TARGET, 'add_cleaning_network', { task: sampleTask() });
    await until('it is held', async () => (await fixture.operation(id))?.['last_error'] != null);
    await worker.stop();
    expect(lines.some((line) => line.includes('are given up'))).to.equal(false);
    await fixture.start({ none: scriptedProvider(() => Promise.resolve(nothingDone)) });
    await until('the next to do it', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    expect(await fixture.operation(id)).to.include({ attempts: 1 });
  });

  it('aborts unfinished operations at the deadline of a shutdown, and leaves them in the queue', async () => {
    let aborted = false;
    const hanging = await fixture.start(
      {
        none: scriptedProvider(
          (_method, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                aborted = true;
                reject(signal.reason as Error);
              });
            }),
        ),
      },
      { shutdownTimeout: 200 },
    );
    const id = await fixture.client.cast(TARGET, 'add_cleaning_network', { task: sampleTask() });
    await until('it to run', async () => (await fixture.operation(id))?.['status'] === 'running');
    await hanging.worker.stop();
    expect(aborted).to.equal(true);
    // A quorum queue takes back what a channel held only after the channel has closed.
    await until(
      'it to be back in the queue',
      async () => (await fixture.broker.counts(`${TOPIC}.conductor-1`)).ready === 1,
    );
    await fixture.start({ none: scriptedProvider(() => Promise.resolve(nothingDone)) });
    await until('the next worker to do it', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    expect(await fixture.operation(id)).to.include({ attempts: 2 });
  });

  it('aborts its operations when the connection is lost, and runs them again when it is back', async () => {
    let calls = 0;
    let aborts = 0;
    await fixture.start({
      none: scriptedProvider((_method, { signal }) => {
        if (++calls > 1) return Promise.resolve(nothingDone);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborts++;
            reject(signal.reason as Error);
          });
        });
      }),
    });
    const id = await fixture.client.cast(TARGET, 'add_cleaning_network', { task: sampleTask() });
    await until('it to run', () => calls === 1);
    await fixture.broker.closeConnections('worker consumer');
    await until('it to be done', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    expect({ calls, aborts }).to.deep.equal({ calls: 2, aborts: 1 });
  });

  it('is ready when all parts work, and answers a ping', async () => {
    const { worker } = await fixture.start({ none: scriptedProvider(() => Promise.resolve(nothingDone)) });
    expect(await worker.readiness()).to.deep.equal({ ready: true, reasons: [] });
    expect(await fixture.client.call(TARGET, 'oslo_rpc_server_ping', {})).to.equal('pong');
    await worker.stop();
    const { ready, reasons } = await worker.readiness();
    expect(ready).to.equal(false);
    expect(reasons.join()).to.contain(`not consuming from queue ${TOPIC}.conductor-1`);
  });
});
