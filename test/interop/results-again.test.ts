import { expect } from 'chai';

import { TransientError } from '../../src/contract/errors.js';
import type { OperationResult } from '../../src/contract/types.js';
import { requeuedHeaders } from '../../src/messages/dead-letter.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { EXCHANGE, nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { PythonScript } from '../../testkit/servers/python.js';

const HOST = 'conductor-1';
const QUEUE = `${TOPIC}.${HOST}`;

/** oslo.messaging's own server, which drops a message whose `_unique_id` it has just seen. */
describe("a conductor's server for results, and an operation that is done again", () => {
  let fixture: WorkerFixture;
  let conductor: PythonScript;
  let fails = true;

  before(async () => {
    fixture = await WorkerFixture.create();
    const script = (): Promise<typeof nothingDone> =>
      fails ? Promise.reject(new TransientError('no answer')) : Promise.resolve(nothingDone);
    await fixture.start(
      { none: scriptedProvider(script) },
      { retry: { maxAttempts: 0, initialDelay: 1, maxDelay: 1, deadline: 60_000 } },
    );
    conductor = new PythonScript('ironic_conductor.py', {
      transport_url: fixture.broker.url(),
      exchange: EXCHANGE,
      topic: TOPIC,
      host: HOST,
      allowed_remote_exmods: ['ironic.common.exception'],
    });
    expect(await conductor.next()).to.deep.equal({ ready: true });
  });
  afterEach(() => fixture.reset());
  after(async () => {
    await conductor.stop();
    await fixture.drop();
  });

  const cast = (method: string, task: object): void => {
    conductor.send({ do: 'cast', method, task });
  };

  /** The next result; what the conductor says of its casts may come before or after. */
  async function result(): Promise<OperationResult> {
    for (;;) {
      const { port_binding_result: found } = (await conductor.next()) as { port_binding_result?: OperationResult };
      if (found !== undefined) return found;
    }
  }

  it('receives each end of the operation, and none twice', async () => {
    const task = sampleTask();
    cast('add_cleaning_network', task);
    const failed = await result();
    expect(failed.status).to.equal('failed');
    const { content, properties } = await until('a dead letter', () => fixture.take(`${TOPIC}.dead`));
    fails = false;
    await fixture.broker.onChannel((channel) => {
      const options = { contentType: 'application/json', headers: requeuedHeaders(properties.headers ?? {}) };
      for (let times = 0; times < 2; times++) channel.sendToQueue(QUEUE, content, options);
      return Promise.resolve();
    });
    expect(await result()).to.include({ operation_id: failed.operation_id, status: 'succeeded' });
    cast('remove_cleaning_network', task);
    expect((await result()).operation_id).not.to.equal(failed.operation_id);
  });
});
