import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { TransientError } from '../../src/contract/errors.js';
import { replayHeaders } from '../../src/messages/journal.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { jsonCodec, NO_CONTEXT } from '../../src/rpc/index.js';
import { putNode } from '../../testkit/fixtures/on-record.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { EXCHANGE, nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const TARGET = { topic: TOPIC, server: 'conductor-1' };
const METHOD = 'add_cleaning_network';

describe('worker: `fresh`, which tells a provider that the record of a node is complete', () => {
  let fixture: WorkerFixture;
  let task: ReturnType<typeof sampleTask>;
  /** What the provider was told at each call. */
  let told: boolean[];

  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  beforeEach(async () => {
    task = sampleTask();
    told = [];
    await putNode(fixture.database.dataSource.manager, { uuid: task.node.uuid });
  });
  afterEach(() => fixture.reset());

  /** A provider that repairs, does as the script says, and notes what it is told. */
  function noting(script: (context: ProviderContext) => Promise<ProviderOutcome>): NetworkProvider {
    return {
      ...scriptedProvider((_method, context) => {
        told.push(context.fresh);
        return script(context);
      }),
      repair: (context, standing) => {
        expect(context.fresh).to.equal(false);
        return Promise.resolve({ bindings: [...standing], findings: [] });
      },
    };
  }

  const callIt = (): Promise<unknown> => fixture.client.call(TARGET, METHOD, { task });

  it('is true for a node on record, in each operation', async () => {
    await fixture.start({ none: noting(() => Promise.resolve(nothingDone)) });
    for (let operations = 0; operations < 3; operations++) await callIt();
    expect(told).to.deep.equal([true, true, true]);
  });

  it('is false for an unknown node', async () => {
    await fixture.start({ none: noting(() => Promise.resolve(nothingDone)) });
    task = sampleTask();
    await callIt();
    await callIt();
    expect(told).to.deep.equal([false, true]);
  });

  it('is false after an attempt that may have changed something, and while a late request may take effect', async () => {
    const script = (): Promise<ProviderOutcome> =>
      told.length === 1 ? Promise.reject(new TransientError('no answer')) : Promise.resolve(nothingDone);
    await fixture.start({ none: noting(script) });
    await callIt();
    await callIt();
    expect(told).to.deep.equal([true, false, false]);
  });

  it('is false for a redelivered message', async () => {
    await fixture.start({
      none: noting(({ signal }) => {
        if (told.length > 1) return Promise.resolve(nothingDone);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      }),
    });
    const id = await fixture.client.cast(TARGET, METHOD, { task });
    await until('it to run', () => told.length === 1);
    await fixture.broker.closeConnections('worker consumer');
    await until('it to be done', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    expect(told).to.deep.equal([true, false]);
  });

  it('is false for a replayed message', async () => {
    await fixture.start({ none: noting(() => Promise.resolve(nothingDone)) });
    const uniqueId = randomUUID();
    const plain = { namespace: null, msgId: null, replyQ: null, timeout: null, context: NO_CONTEXT };
    const body = jsonCodec.encodeRequest({ method: METHOD, version: '1.0', args: { task }, uniqueId, ...plain });
    const headers = replayHeaders(1, { again: null, unless: null });
    await fixture.broker.onChannel((channel) =>
      Promise.resolve(
        channel.publish(EXCHANGE, `${TOPIC}.conductor-1`, body, { contentType: jsonCodec.contentType, headers }),
      ),
    );
    await until('it to be done', async () => (await fixture.operation(uniqueId))?.['status'] === 'succeeded');
    expect(told).to.deep.equal([false]);
  });
});
