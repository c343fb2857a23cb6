import { expect } from 'chai';

import { TransientError } from '../../../src/contract/errors.js';
import type { MethodName } from '../../../src/contract/methods.js';
import type { Task } from '../../../src/contract/types.js';
import { silentLogger } from '../../../src/log/log.js';
import { NeutronClient } from '../../../src/neutron/client.js';
import { createNeutronProvider } from '../../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../../src/providers/provider.js';
import { SimulatedNeutron } from '../../../testkit/fakes/simulated-neutron.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import { makeContext, makePort, makeTask, record, runMethod, withVif } from '../../../testkit/fixtures/tasks.js';
import { type Fate, HttpProxy, type ProxiedRequest } from '../../../testkit/proxies/http-proxy.js';
import { providerOptions, TestNeutron } from '../../../testkit/servers/neutron.js';

/** Seconds for which the worker waits for Neutron's answer to a change. */
const CHANGE_TIMEOUT = 1;
/** Milliseconds after which a simulated switch is done, long after the worker has given up the answer. */
const SLOW = 2500;
const NEVER = 600_000;

/** A switch that is slow for sure. On the wire, test/wire/late.test.ts. */
describe('a change that Neutron answers too late, on a simulated Neutron', () => {
  let simulated: SimulatedNeutron;
  let neutron: TestNeutron;
  let proxy: HttpProxy;
  let client: NeutronClient;
  let provider: NetworkProvider;
  let network: { id: string };
  let quarantine: { id: string };

  async function start(activeAfter: number, binding_timeout: number, isQuarantined = false): Promise<void> {
    simulated = await SimulatedNeutron.start({ bindAll: true, activeAfter });
    neutron = new TestNeutron(simulated.url);
    proxy = await HttpProxy.start(simulated.url);
    network = await neutron.makeNetwork();
    quarantine = await neutron.makeNetwork();
    const quarantine_network = isQuarantined ? quarantine.id : null;
    const settings = { provisioning_network: network.id, quarantine_network };
    const waiting = { binding_timeout, poll_interval_min: 0.05, poll_interval_max: 0.2 };
    const times = { timeout: CHANGE_TIMEOUT, change_timeout: CHANGE_TIMEOUT };
    const options = providerOptions(settings, { endpoint_override: proxy.url, ...waiting, ...times });
    client = new NeutronClient(options.neutron);
    provider = createNeutronProvider({ log: silentLogger(), neutron: client, options });
    proxy.fate = late;
  }
  afterEach(async () => {
    await client.close();
    await proxy.stop();
    await simulated.stop();
  });

  /** Neutron does what a request asks for, and the worker gets no answer to what binds a port. */
  const late = ({ method }: ProxiedRequest): Fate => (method === 'POST' || method === 'PUT' ? 'hang after' : 'pass');
  const run = (method: MethodName, task: Task, fields: Partial<ProviderContext> = {}): Promise<ProviderOutcome> =>
    runMethod(provider, method, makeContext(task, { fresh: true, ...fields }));
  const changes = (): string[] => proxy.requests.flatMap(({ method }) => (method === 'GET' ? [] : [method]));
  const vifs = async (): Promise<Task> =>
    makeTask({ ports: [withVif(makePort(), (await neutron.makePort(network.id)).id)] });

  it('is waited for when a port is created, and no request disturbs it', async () => {
    await start(SLOW, 30);
    const { bindings, failures } = await run('add_provisioning_network', makeTask());
    expect(failures).to.deep.equal([]);
    expect(bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    expect(changes()).to.deep.equal(['POST', 'POST']);
  });

  for (const fresh of [true, false]) {
    it(`is waited for when a VIF is bound${fresh ? ' unseen' : ''}`, async () => {
      await start(SLOW, 30);
      const { bindings } = await run('configure_tenant_networks', await vifs(), { fresh });
      expect(bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE']);
      expect(changes()).to.deep.equal(['PUT']);
    });
  }

  it('is waited for when a switch port is put on the quarantine network', async () => {
    await start(SLOW, 30, true);
    const task = makeTask({ ports: [makePort()] });
    const { bindings } = await run('add_provisioning_network', task);
    proxy.requests.length = 0;
    expect(
      await run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) }),
    ).to.deep.equal({
      bindings: [],
      failures: [],
    });
    expect(changes()).to.deep.equal(['POST', 'DELETE', 'DELETE']);
    for (const { id } of [network, quarantine]) expect(await neutron.portsOn(id)).to.deep.equal([]);
  });

  it('is a fault that a retry may clear if the port never becomes ACTIVE, and nothing is left', async () => {
    await start(NEVER, 1);
    expect(await rejection(run('add_provisioning_network', makeTask()))).to.be.instanceOf(TransientError);
    expect(await neutron.portsOn(network.id)).to.deep.equal([]);
  });

  it('is such a fault at once if Neutron has not begun it', async () => {
    await start(SLOW, 600);
    proxy.fate = ({ method }) => (method === 'POST' ? 'hang before' : 'pass');
    expect(await rejection(run('add_provisioning_network', makeTask()))).to.be.instanceOf(TransientError);
    expect(changes()).to.deep.equal(['POST', 'POST']);
  });
});
