import { expect } from 'chai';

import { pause } from '../../src/async/pause.js';
import type { Task } from '../../src/contract/types.js';
import { NeutronClient } from '../../src/neutron/client.js';
import { BUILT_IN, ProviderRegistry } from '../../src/providers/provider-registry.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { makeTask } from '../../testkit/fixtures/tasks.js';
import { type TestWorker, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { type Fate, HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { providerOptions, TestNeutron } from '../../testkit/servers/neutron.js';

const TARGET = { topic: TOPIC, server: 'conductor-1' };

describe('a worker whose Neutron is away', () => {
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let proxy: HttpProxy;
  let network: { id: string };

  before(async () => {
    fixture = await WorkerFixture.create();
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    proxy = await HttpProxy.start(neutron.endpoint);
    network = await neutron.makeNetwork();
  });

  afterEach(async () => {
    await fixture.reset();
    proxy.reset();
  });

  after(async () => {
    await fixture.drop();
    await proxy.stop();
    await neutron.drop();
    await agents.drop();
  });

  /** A worker that gives up on an operation after some attempts, were it not for what this test is about. */
  async function start(timeout: number): Promise<TestWorker> {
    const options = providerOptions(
      { cleaning_network: network.id },
      { endpoint_override: proxy.url, timeout, change_timeout: 2 * timeout },
    );
    const client = fixture.opened.add(new NeutronClient(options.neutron), (one) => one.close());
    const services = { log: recordingLogger().log, neutron: client, options };
    const providers = new ProviderRegistry({ known: BUILT_IN, plugins: {}, defaultProvider: 'neutron', services });
    const retry = { maxAttempts: 20, initialDelay: 10, maxDelay: 50, deadline: 600_000 };
    return fixture.start(providers, { retry });
  }

  async function castAll(tasks: readonly Task[]): Promise<string[]> {
    const cast = (task: Task) => fixture.client.cast(TARGET, 'add_cleaning_network', { task });
    return Promise.all(tasks.map(cast));
  }

  const states = async (ids: readonly string[]): Promise<unknown[]> =>
    Promise.all(ids.map(async (id) => (await fixture.operation(id))?.['status']));

  // Five requests must fail before Neutron counts as away, or get no answer for the time of a read. The changes of five
  // nodes hang at the same time.
  for (const [what, fate, nodes, timeout] of [
    ['answers with 503', { status: 503 }, 2, 30],
    ['cuts every connection', 'cut before', 2, 30],
    ['hangs', 'hang before', 5, 8],
  ] as [string, Fate, number, number][]) {
    it(`${what}: fails nothing, says so, and goes on by itself when it is back`, async () => {
      const worker = await start(timeout);
      const tasks = Array.from({ length: nodes }, () => makeTask());
      for (const task of tasks) await agents.report(task.node.uuid);
      proxy.fate = () => fate;
      const ids = await castAll(tasks);
      const readiness = await until('the worker to know that Neutron is away', async () => {
        const { ready, reasons } = await worker.worker.readiness();
        return ready ? null : reasons;
      });
      expect(readiness.join()).to.include('v2.0');
      // Where a fault comes at once, that is several times as long as the attempts of an operation last.
      await pause(4000);
      expect(await states(ids)).to.deep.equal(ids.map(() => 'running'));
      expect(proxy.requests.length).to.be.lessThan(100);

      proxy.fate = () => 'pass';
      await until('every operation to succeed', async () =>
        (await states(ids)).every((state) => state === 'succeeded'),
      );
      expect((await worker.worker.readiness()).ready).to.equal(true);
      expect(await neutron.portsOn(network.id)).to.have.length(2 * nodes);
      for (const port of await neutron.portsOn(network.id)) await neutron.removePort(port.id);
    });
  }
});
