import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkProviderClient } from '../../src/client/network-provider-client.js';
import { NoWorker } from '../../src/rpc/index.js';
import { type TestAnswer, TestApi } from '../../testkit/fixtures/api-client.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

describe('VIFs of a node whose conductor host nobody serves', () => {
  let vif: string;
  let fixture: WorkerFixture;
  let client: NetworkProviderClient;
  let api: TestApi;
  let node: string;
  let asked: string[];

  before(async () => {
    fixture = await WorkerFixture.create();
    // Whoever waited for an answer would do so for a minute.
    client = new NetworkProviderClient({ transportUrl: fixture.broker.url(), responseTimeout: 60 });
    api = await TestApi.start(fixture.database.dataSource, { client });
  });
  after(async () => {
    await api.close();
    await client.close();
    await fixture.drop();
  });
  beforeEach(async () => {
    asked = [];
    vif = randomUUID();
    node = String((await api.create('nodes', { network_provider: 'scripted' }))['uuid']);
    await ofHost('retired');
  });
  afterEach(() => fixture.reset());

  const ofHost = (host: string | null) =>
    fixture.database.dataSource.query('UPDATE nodes SET conductor_host = ? WHERE uuid = ?', [host, node]);
  const attach = (): Promise<TestAnswer> => api.ask('POST', `/v1/nodes/${node}/vifs`, { id: vif });
  const serve = () =>
    fixture.start({
      scripted: scriptedProvider((method) => {
        asked.push(method);
        return Promise.resolve(nothingDone);
      }),
    });

  it('are listed from the record, without a worker', async () => {
    await fixture.database.dataSource.query('UPDATE nodes SET attached_vifs = ? WHERE uuid = ?', ['[]', node]);
    const { uuid } = await api.create('ports', { node_uuid: node, address: '52:54:00:aa:bb:01' });
    await fixture.database.dataSource.query('UPDATE ports SET internal_info = ? WHERE uuid = ?', [
      JSON.stringify({ tenant_vif_port_id: vif }),
      uuid,
    ]);
    expect((await api.get(`/v1/nodes/${node}/vifs`)).body).to.deep.equal({ vifs: [{ id: vif }] });
  });

  it('are attached by a worker of another host', async () => {
    await serve();
    expect((await attach()).status).to.equal(204);
    expect((await api.ask('DELETE', `/v1/nodes/${node}/vifs/${vif}`)).status).to.equal(204);
    expect(asked).to.deep.equal(['vif_attach', 'vif_detach']);
  });

  it('are not attached while requests wait for that host, and the answer says so at once', async () => {
    await client.declareTopology(['retired']);
    await client.cast('add_cleaning_network', { host: 'retired', nodeId: node });
    await serve();
    const { status, fault } = await attach();
    expect([status, fault]).to.deep.equal([
      503,
      'No worker serves conductor host retired, and 1 request waits in its queue: start one with retired in its option host.',
    ]);
    expect(asked).to.deep.equal([]);
  });

  it('are not attached without any worker, and the answer says so at once', async () => {
    const { status, fault } = await attach();
    expect(status).to.equal(503);
    expect(fault).to.match(/^No worker serves conductor host retired, and no other worker runs: start one /);
    await ofHost(null);
    expect((await attach()).fault).to.equal('No worker serves nodes of any host: start one.');
  });

  it('are attached later when the caller chooses to wait for a worker', async () => {
    await client.declareTopology(['conductor-1']);
    const error = await rejection(client.call('vif_list', { nodeId: node, host: 'conductor-1', served: true }));
    expect(error).to.be.instanceOf(NoWorker);
    const waiting = client.call('vif_detach', { nodeId: node, host: 'conductor-1', args: { vif_id: vif } });
    await serve();
    expect((await waiting).status).to.equal('succeeded');
    expect(await fixture.broker.queues()).to.include(`${TOPIC}.conductor-1`);
  });
});
