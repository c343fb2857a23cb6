import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { RemoteError, type TaskInput } from '../../src/index.js';
import { OpenClients } from '../../testkit/fixtures/open-clients.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import type { Netprov } from '../../testkit/servers/netprov.js';
import { startNetprovWorker } from '../../testkit/servers/steered-worker.js';

const HOST = 'conductor-1';

describe('the question for the result of an earlier request', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let worker: Netprov;
  const clients = new OpenClients(() => broker);
  const startWorker = (): Promise<Netprov> =>
    startNetprovWorker({
      NETPROV_HOST: HOST,
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_DATABASE_URL: database.connection,
      NETPROV_HEALTH_PORT: '0',
    });

  before(async () => {
    broker = await TestBroker.create();
    database = await createDatabase();
    worker = await startWorker();
  });
  after(async () => {
    await worker.stop();
    await database.drop();
    await broker.drop();
  });
  afterEach(() => clients.closeAll());

  const newRequest = (): { request_id: string } => ({ request_id: `req-${randomUUID()}` });

  for (const encoding of ['json', 'protobuf'] as const) {
    it(`is answered after the request itself, in ${encoding}`, async () => {
      const client = clients.open({ encoding });
      const task = sampleTask({ network_provider: 'none' }) as TaskInput;
      const context = newRequest();
      // One after the other into the queue: the worker has not ended the first when it gets the second.
      const id = await client.cast('add_cleaning_network', { host: HOST, task, context });
      const result = await client.resultOf(context.request_id, { host: HOST, nodeId: task.node.uuid, timeout: 120 });
      expect(result).to.deep.include({ operation_id: id, method: 'add_cleaning_network', status: 'succeeded' });
    });

    it(`does not raise the error of a failed request, in ${encoding}`, async () => {
      const client = clients.open({ encoding });
      const task = sampleTask({ network_provider: 'unknown' }) as TaskInput;
      const context = newRequest();
      await client.cast('add_cleaning_network', { host: HOST, task, context });
      const result = await client.resultOf(context.request_id, { host: HOST, nodeId: task.node.uuid, timeout: 120 });
      expect(result?.status).to.equal('failed');
      expect(result?.error?.message).to.include('unknown');
    });

    it(`is answered with null where there was no such request, and changes nothing, in ${encoding}`, async () => {
      const client = clients.open({ encoding });
      const nodeId = randomUUID();
      const { request_id: unheard } = newRequest();
      expect(await client.resultOf(unheard, { host: HOST, nodeId, timeout: 120 })).to.equal(null);
      const [row] = await database.dataSource.query<{ n: string }[]>(
        'SELECT COUNT(*) AS n FROM operations WHERE node_uuid = ?',
        [nodeId],
      );
      expect(Number(row?.n)).to.equal(0);
    });
  }

  it('is about one node: the same request of another node is another one', async () => {
    const client = clients.open();
    const task = sampleTask({ network_provider: 'none' }) as TaskInput;
    const context = newRequest();
    await client.call('add_cleaning_network', { host: HOST, task, context, timeout: 120 });
    expect(await client.resultOf(context.request_id, { host: HOST, nodeId: randomUUID(), timeout: 120 })).to.equal(
      null,
    );
  });

  it('is answered with the last result, where several requests have the same id', async () => {
    const client = clients.open();
    const task = sampleTask({ network_provider: 'none' }) as TaskInput;
    const context = newRequest();
    for (const method of ['add_cleaning_network', 'remove_cleaning_network'] as const) {
      await client.call(method, { host: HOST, task, context, timeout: 120 });
    }
    const result = await client.resultOf(context.request_id, { host: HOST, nodeId: task.node.uuid, timeout: 120 });
    expect(result?.method).to.equal('remove_cleaning_network');
  });

  it('must name node and request', async () => {
    const client = clients.open();
    const wrong = await rejection(client.resultOf('', { host: HOST, nodeId: randomUUID(), timeout: 120 }));
    expect(wrong).to.be.instanceOf(RemoteError);
    expect(String(wrong)).to.include('request_id is missing');
    const node = await rejection(client.resultOf('req-1', { host: HOST, nodeId: 'node-1', timeout: 120 }));
    expect(String(node)).to.include('node_id must be a UUID');
  });

  it('waits in the queue for a worker, behind the request', async () => {
    const client = clients.open();
    const task = sampleTask({ network_provider: 'none' }) as TaskInput;
    const context = newRequest();
    await worker.stop();
    await client.cast('add_cleaning_network', { host: HOST, task, context });
    const answered = client.resultOf(context.request_id, { host: HOST, nodeId: task.node.uuid, timeout: 120 });
    await until('both wait', async () => (await broker.counts(`ironic.network_provider.${HOST}`)).ready === 2);
    worker = await startWorker();
    expect((await answered)?.status).to.equal('succeeded');
  });
});
