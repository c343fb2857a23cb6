import { expect } from 'chai';

import type { Task } from '../../src/contract/types.js';
import { SimulatedNeutron } from '../../testkit/fakes/simulated-neutron.js';
import { until } from '../../testkit/fixtures/poll.js';
import { createRegistry } from '../../testkit/fixtures/registry.js';
import { makePort, makeTask } from '../../testkit/fixtures/tasks.js';
import { type TestWorker, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { HttpProxy, type ProxiedRequest } from '../../testkit/proxies/http-proxy.js';

const TARGET = { topic: TOPIC, server: 'conductor-1' };
const ADD = 'add_cleaning_network';
const REMOVE = 'remove_cleaning_network';

describe('a node whose switch does not answer, with a SIMULATED Neutron', () => {
  let fixture: WorkerFixture;
  let neutron: SimulatedNeutron;
  let proxy: HttpProxy;
  let registry: ReturnType<typeof createRegistry>;
  let worker: TestWorker;

  before(async () => {
    fixture = await WorkerFixture.create();
    neutron = await SimulatedNeutron.start({ bindAll: true, activeAfter: 0 });
    proxy = await HttpProxy.start(neutron.url);
    const body = JSON.stringify({ network: { name: 'cleaning' } });
    await fetch(`${neutron.url}/v2.0/networks`, { method: 'POST', body });
  });
  beforeEach(async () => {
    proxy.reset();
    registry = createRegistry(proxy.url, { cleaning_network: 'cleaning' });
    worker = await fixture.start(registry.registry, {
      defaultNetworkProvider: 'neutron',
      retry: { maxAttempts: 8, initialDelay: 50, maxDelay: 50, deadline: 600_000 },
    });
  });
  afterEach(async () => {
    await fixture.reset();
    await registry.close();
  });
  after(async () => {
    await fixture.drop();
    await proxy.stop();
    await neutron.stop();
  });

  const cast = (method: string, task: Task): Promise<string> => fixture.client.cast(TARGET, method, { task });
  const ended = (id: string, status: string): Promise<unknown> =>
    until(`${id} has ${status}`, async () => {
      const row = await fixture.operation(id);
      if (row?.['finished_at'] == null) return false;
      expect(row['status'], String(row['last_error'])).to.equal(status);
      return true;
    });

  for (const status of [500, 504]) {
    it(`fails alone when all its retries are spent, where Neutron answers ${status} for it; others go on`, async () => {
      const dead = makeTask({ ports: Array.from({ length: 5 }, () => makePort()) });
      await ended(await cast(ADD, dead), 'succeeded');
      const rows = await fixture.database.dataSource.query<{ id: string }[]>(
        'SELECT neutron_port_id AS id FROM port_bindings WHERE node_uuid = ?',
        [dead.node.uuid],
      );
      expect(rows).to.have.length(5);
      const isDead = ({ method, path }: ProxiedRequest): boolean =>
        method !== 'GET' && rows.some(({ id }) => path.includes(id));
      let letFail = (): void => undefined;
      const othersWentOn = new Promise<void>((resolve) => (letFail = resolve));
      let refused = 0;
      proxy.fate = async (request) => {
        if (!isDead(request)) return 'pass';
        // Half way through its retries.
        if (++refused > 20) await othersWentOn;
        return { status, body: {} };
      };

      const failing = await cast(REMOVE, dead);
      for (let others = 0; others < 3; others++) await ended(await cast(ADD, makeTask()), 'succeeded');
      expect(await fixture.operation(failing)).not.to.include({ status: 'failed' });
      letFail();
      await ended(failing, 'failed');
      expect(await fixture.operation(failing)).to.include({ attempts: 9 });
      const letter = await until('a dead letter', () => fixture.take(`${TOPIC}.dead`));
      expect(letter.properties.headers).to.include({
        'netprov-reason': 'retries_exhausted',
        'netprov-operation-id': failing,
      });
      expect(worker.lines.filter((line) => line.startsWith('warn: held'))).to.deep.equal([]);
    });
  }

  it('does not hold other nodes; only a Neutron that does not answer a test request does', async () => {
    proxy.fate = () => ({ status: 503, body: {} });
    const id = await cast(ADD, makeTask());
    await until('it is held', () => worker.lines.some((line) => line.startsWith('warn: held')));
    proxy.reset();
    await ended(id, 'succeeded');
    expect((await fixture.broker.counts(`${TOPIC}.dead`)).ready).to.equal(0);
  });
});
