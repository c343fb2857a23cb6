import { expect } from 'chai';

import type { MethodName } from '../../../src/contract/methods.js';
import type { BindingFailure, JsonObject, PortBinding, RecordedBinding, Task } from '../../../src/contract/types.js';
import { silentLogger } from '../../../src/log/log.js';
import { NeutronClient } from '../../../src/neutron/client.js';
import { driversOf, VifDetails } from '../../../src/neutron/mechanism-drivers.js';
import { createFlatProvider } from '../../../src/providers/flat.js';
import type { NeutronProviderOptions } from '../../../src/providers/neutron/binding/options.js';
import { createNeutronProvider } from '../../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../../src/providers/provider.js';
import { SimulatedNeutron } from '../../../testkit/fakes/simulated-neutron.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import { makeContext, makeLagTask, makePort, makeTask, record, runMethod } from '../../../testkit/fixtures/tasks.js';
import { HttpProxy } from '../../../testkit/proxies/http-proxy.js';
import { providerOptions, TestNeutron } from '../../../testkit/servers/neutron.js';

/** Drivers that the tests cannot install. Whether a real Neutron names its driver: test/interop/neutron-unproven.test.ts. */
describe('a removal, on a simulated Neutron', () => {
  let simulated: SimulatedNeutron;
  let proxy: HttpProxy;
  let client: NeutronClient;
  let options: NeutronProviderOptions;
  let restarted: () => NetworkProvider;
  let provider: NetworkProvider;

  async function start(driver: string | null): Promise<void> {
    simulated = await SimulatedNeutron.start({ bindAll: true, activeAfter: 20, driver });
    proxy = await HttpProxy.start(simulated.url);
    const network = await new TestNeutron(simulated.url).makeNetwork();
    const waiting = { binding_timeout: 5, poll_interval_min: 0.01, poll_interval_max: 0.1 };
    options = providerOptions({ cleaning_network: network.id }, { endpoint_override: proxy.url, ...waiting });
    client = new NeutronClient(options.neutron);
    restarted = () => createNeutronProvider({ log: silentLogger(), neutron: client, options });
    provider = restarted();
  }
  afterEach(async () => {
    await client.close();
    await proxy.stop();
    await simulated.stop();
  });

  const run = (method: MethodName, task: Task, fields: Partial<ProviderContext> = {}): Promise<ProviderOutcome> =>
    runMethod(provider, method, makeContext(task, { fresh: true, ...fields }));

  /** Adds the cleaning network, and removes it. Returns the warnings of the removal, and its requests. */
  async function removed(
    task = makeTask(),
    before = (): void => undefined,
  ): Promise<{ warnings: BindingFailure[]; requests: string[] }> {
    const added = await run('add_cleaning_network', task);
    expect(added.warnings?.filter(({ kind }) => kind !== undefined)).to.deep.equal([]);
    before();
    proxy.requests.length = 0;
    const outcome = await run('remove_cleaning_network', task, { recorded: record('cleaning', added.bindings) });
    expect(outcome).to.deep.include({ bindings: [], failures: [] });
    return { warnings: outcome.warnings ?? [], requests: proxy.requests.map(({ method }) => method) };
  }

  it('has a warning for each NIC if the driver configures switches, and no request more', async () => {
    await start('genericswitch');
    const task = makeTask();
    const { warnings, requests } = await removed(task);
    expect(requests).to.deep.equal(['DELETE', 'DELETE']);
    expect(warnings.map(({ kind, port_uuid }) => [kind, port_uuid])).to.have.deep.members(
      task.ports.map(({ uuid }) => ['removal_unproven', uuid]),
    );
    expect(warnings[0]?.reason).to.contain('mechanism driver genericswitch').and.contain('quarantine_network');
  });

  it('has none if the driver configures no switches', async () => {
    await start('baremetal');
    expect(await removed()).to.deep.equal({ warnings: [], requests: ['DELETE', 'DELETE'] });
  });

  it('has one if Neutron names no driver, and asks it only once', async () => {
    await start(null);
    const { warnings, requests } = await removed();
    expect(requests).to.deep.equal(['DELETE', 'DELETE']);
    expect(warnings.map(({ kind }) => kind)).to.deep.equal(['removal_unproven', 'removal_unproven']);
    expect(warnings[0]?.reason).to.contain('says neither which mechanism driver');
  });

  it('asks Neutron for the driver first after a restart of the worker, once for each switch', async () => {
    await start('genericswitch');
    const anew = (): void => {
      provider = restarted();
    };
    const first = await removed(makeTask(), anew);
    expect(first.requests).to.deep.equal(['GET', 'DELETE', 'DELETE']);
    expect(first.warnings).to.have.length(2);
    expect((await removed()).requests).to.deep.equal(['DELETE', 'DELETE']);
  });

  it('knows a switch by its name if it has no id, and each switch of a LAG', async () => {
    await start('genericswitch');
    const named = makeTask({ ports: [makePort({ local_link_connection: { switch_info: 'leaf1', port_id: 'p1' } })] });
    expect((await removed(named)).warnings).to.have.length(1);
    const lag = makeLagTask();
    const [one, two] = lag.ports;
    if (one === undefined || two === undefined) throw new Error('a LAG has two NICs');
    const other = { ...two, local_link_connection: { switch_id: '00:11:22:33:44:66', port_id: 'p1' } };
    expect((await removed({ ...lag, ports: [one, other] })).warnings).to.have.length(2);
  });

  /** Adds the cleaning network, and adds it again when the two NICs have other cables. Returns the changes of the second cast. */
  async function recabled(
    cables: (first: JsonObject, second: JsonObject) => [JsonObject, JsonObject],
    before: (task: Task, recorded: RecordedBinding[]) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<{ outcome: ProviderOutcome; requests: string[]; bindings: PortBinding[] }> {
    const [one, two] = [makePort(), makePort()];
    const task = makeTask({ ports: [one, two] });
    const { bindings } = await run('add_cleaning_network', task);
    const links = cables(one.local_link_connection, two.local_link_connection);
    const ports = [one, two].map((port, index) => ({ ...port, local_link_connection: links[index] ?? {} }));
    const recorded = record('cleaning', bindings);
    await before({ ...task, ports }, recorded);
    proxy.requests.length = 0;
    const outcome = await run('add_cleaning_network', { ...task, ports }, { recorded });
    const changes = proxy.requests.filter(({ method }) => method !== 'GET');
    // Neutron has each port where its NIC is now; it has nothing new of a NIC that failed.
    for (const { neutron_port_id: id, mac_address: mac } of outcome.failures.length === 0 ? outcome.bindings : []) {
      const port = await new TestNeutron(simulated.url).port(id);
      const nic = ports.find(({ address }) => address === mac);
      expect(port?.status).to.equal('ACTIVE');
      expect(port?.['binding:profile']['local_link_information']).to.deep.equal([nic?.local_link_connection]);
    }
    return { outcome, bindings, requests: changes.map(({ method, body }) => `${method} ${hostIn(body)}`) };
  }
  const hostIn = (body: string): string => {
    const { port } = JSON.parse(body) as { port: { 'binding:host_id'?: string } };
    return port['binding:host_id'] === '' ? 'unbinds' : 'binds';
  };

  it('has one for the former switch port of a NIC that is on another one now, and is made first', async () => {
    await start('genericswitch');
    const { outcome, requests, bindings } = await recabled((one, two) => [one, { ...two, port_id: 'elsewhere' }]);
    expect(outcome.bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    const ids = (all: readonly PortBinding[]): string[] => all.map(({ neutron_port_id: id }) => id);
    expect(ids(outcome.bindings)).to.have.members(ids(bindings));
    const second = bindings.find(({ neutron_port_id: id }) => id === outcome.bindings[1]?.neutron_port_id);
    expect(outcome.warnings?.map(({ kind, port_uuid }) => [kind, port_uuid])).to.deep.equal([
      ['removal_unproven', second?.port_uuid],
    ]);
    expect(requests).to.deep.equal(['PUT unbinds', 'PUT binds']);
  });

  it('has one, too, if the attempt that unbound the port was broken off before it bound the port again', async () => {
    await start('genericswitch');
    const brokenOff = async (task: Task, recorded: RecordedBinding[]): Promise<void> => {
      const controller = new AbortController();
      const reason = new Error('the worker dies');
      proxy.requests.length = 0;
      proxy.fate = ({ body }) => {
        if (!body.includes('"binding:host_id":"') || hostIn(body) === 'unbinds') return 'pass';
        controller.abort(reason);
        return 'hang before';
      };
      expect(await rejection(run('add_cleaning_network', task, { recorded, signal: controller.signal }))).to.equal(
        reason,
      );
      proxy.reset();
    };
    const { outcome, requests } = await recabled((one, two) => [one, { ...two, port_id: 'elsewhere' }], brokenOff);
    expect(outcome.bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    expect(outcome.warnings?.map(({ kind }) => kind)).to.deep.equal(['removal_unproven']);
    expect(requests).to.deep.equal(['PUT binds']);
  });

  it('has none for two NICs that have exchanged their cables: both are unbound before one is bound', async () => {
    await start('genericswitch');
    const { outcome, requests } = await recabled((one, two) => [two, one]);
    expect(outcome.bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    expect(outcome.warnings).to.deep.equal([]);
    expect(requests).to.deep.equal(['PUT unbinds', 'PUT unbinds', 'PUT binds', 'PUT binds']);
  });

  it('does not begin for a NIC of which it is not known where it is now', async () => {
    await start('genericswitch');
    const { outcome, requests } = await recabled((one) => [one, {}]);
    expect(outcome.failures).to.have.length(1);
    expect(requests).to.deep.equal([]);
  });

  it('has none under flat, which configures no switches', async () => {
    await start('genericswitch');
    provider = createFlatProvider({ log: silentLogger(), neutron: client, options });
    expect((await removed()).warnings).to.deep.equal([]);
  });
});

describe('the mechanism drivers of a port', () => {
  it('are those in its details, of any form', () => {
    const drivers = (details: unknown): string[] => driversOf({ 'binding:vif_details': VifDetails.parse(details) });
    expect(drivers({ bound_drivers: { 0: 'a', 1: 'b' }, port_filter: false })).to.deep.equal(['a', 'b']);
    for (const none of [
      undefined,
      null,
      {},
      { bound_drivers: null },
      { bound_drivers: 'x' },
      'x',
      { bound_drivers: { 0: 1 } },
    ]) {
      expect(drivers(none)).to.deep.equal([]);
    }
  });
});
