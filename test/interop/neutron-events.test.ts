import { expect } from 'chai';

import type { Task } from '../../src/contract/types.js';
import { type MethodName, NetworkProviderClient, type OperationResult } from '../../src/index.js';
import { SimulatedSlowSwitches } from '../../testkit/fakes/simulated-slow-switches.js';
import { CommandPlace } from '../../testkit/fixtures/command-place.js';
import { until } from '../../testkit/fixtures/poll.js';
import { makePort, makeTask, withVif } from '../../testkit/fixtures/tasks.js';
import { freePort } from '../../testkit/proxies/free-port.js';
import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { MAY_CREATE_PORTS, type Netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { NotifyingNeutron } from '../../testkit/servers/notifying-neutron.js';

/** Seconds between two looks of a worker that events alone can wake; no test takes so long. */
const NEVER = 300;
/** Seconds between two looks of the worker that goes on without them. */
const SOON = 1;

const ARRIVE = "Neutron's events arrive";
const MISSED = 'but no event arrived';

describe("Neutron's own events", () => {
  const place = new CommandPlace();
  let apiPort: number;
  let api: Netprov;
  let neutron: NotifyingNeutron;
  /** Another server, which sends each event by itself. */
  let prompt: NotifyingNeutron;
  /** In front of Neutron, for all workers. */
  let proxy: HttpProxy;
  /** In front of the server that sends each event by itself. */
  let promptProxy: HttpProxy;
  let cloud: TestNeutron;
  let agents: BaremetalAgents;
  let switches: SimulatedSlowSwitches;
  let tenant: { id: string };
  let client: NetworkProviderClient;
  /** By the conductor host that each serves. */
  let workers: Record<'patient' | 'other' | 'wary', Netprov>;

  before(async () => {
    await place.open();
    await place.renew();
    apiPort = await freePort();
    api = await startApi();
    neutron = await NotifyingNeutron.start(`http://127.0.0.1:${apiPort}`);
    prompt = await NotifyingNeutron.start(`http://127.0.0.1:${apiPort}`, 0);
    proxy = await HttpProxy.start(neutron.endpoint);
    promptProxy = await HttpProxy.start(prompt.endpoint);
    cloud = new TestNeutron(neutron.endpoint);
    agents = new BaremetalAgents();
    switches = new SimulatedSlowSwitches();
    tenant = await cloud.makeNetwork();
    client = new NetworkProviderClient({ transportUrl: place.broker.url() });
    const [patient, other, wary] = await Promise.all([
      startWorker('patient', NEVER),
      startWorker('other', NEVER),
      startWorker('wary', SOON),
    ]);
    workers = { patient, other, wary };
  });

  after(async () => {
    await client.close();
    await place.clear();
    await cloud.drop();
    await agents.drop();
    await switches.drop();
    await neutron.stop();
    await prompt.stop();
    await proxy.stop();
    await promptProxy.stop();
    await place.close();
  });

  async function startApi(): Promise<Netprov> {
    const started = place.start(['api'], {
      NETPROV_AUTH_STRATEGY: 'noauth',
      NETPROV_API_PORT: String(apiPort),
      NETPROV_API_HEALTH_PORT: '0',
    });
    await started.says('the API answers');
    return started;
  }

  async function startWorker(
    host: string,
    eventPollInterval: number,
    env: Record<string, string> = {},
  ): Promise<Netprov> {
    const worker = place.start(['worker', '--host', host], {
      NETPROV_NEUTRON_ENDPOINT_OVERRIDE: proxy.url,
      NETPROV_NEUTRON_BINDING_TIMEOUT: String(2 * NEVER),
      NETPROV_NEUTRON_EVENT_POLL_INTERVAL: String(eventPollInterval),
      ...env,
    });
    await worker.says('the worker is ready');
    return worker;
  }

  /** A node that Neutron can bind to, with a VIF for each of so many NICs. */
  async function makeNode(nics: number): Promise<{ task: Task; vifs: string[] }> {
    const ports = [];
    const vifs: string[] = [];
    for (let nic = 0; nic < nics; nic++) {
      const { id } = await cloud.makePort(tenant.id);
      vifs.push(id);
      ports.push(withVif(makePort(), id));
    }
    const task = makeTask({ ports });
    await agents.report(task.node.uuid);
    return { task, vifs };
  }

  /** Binds the node's VIFs, while their switches take their time. */
  async function bindSlowly(
    host: string,
    nics: number,
  ): Promise<{ result: Promise<OperationResult>; done: () => Promise<void> }> {
    const { task, vifs } = await makeNode(nics);
    for (const vif of vifs) await switches.holdBack(vif);
    proxy.reset();
    const result = client.call('configure_tenant_networks', { host, task, timeout: 300 });
    result.catch(() => undefined);
    await until('the first look', () => looks() > 0);
    const done = async (): Promise<void> => {
      for (const vif of vifs) await switches.done(vif, task.node.uuid, neutron.host);
    };
    return { result, done };
  }

  /** Looks at the ports since the last PUT. */
  function looks(): number {
    const last = proxy.requests.findLastIndex(({ method }) => method === 'PUT');
    return last < 0 ? 0 : proxy.requests.slice(last).filter(({ path }) => path.includes('/ports?id=')).length;
  }

  it('get to every worker, in whatever process', async () => {
    const { task, vifs } = await makeNode(1);
    const { bindings } = await client.call('configure_tenant_networks', { host: 'patient', task });
    expect(bindings.map(({ neutron_port_id: id, status }) => [id, status])).to.deep.equal([[vifs[0], 'ACTIVE']]);
    for (const worker of Object.values(workers)) await worker.says(ARRIVE);
  });

  it('wake the worker that waits for the port, which then looks once', async () => {
    const { result, done } = await bindSlowly('patient', 1);
    expect(looks()).to.equal(1);
    await done();
    expect((await result).bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE']);
    expect(looks()).to.equal(2);
  });

  it('wake it where it waits for several ports, whose events Neutron gathers for two seconds', async () => {
    const { result, done } = await bindSlowly('other', 2);
    await done();
    expect((await result).bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    expect(looks()).to.be.within(2, 3);
    expect(workers.other.stderr).not.to.include(MISSED);
  });

  it('replace looks at ports that the worker made, so that a deployment with 2 NICs costs 12 requests', async () => {
    const { id: provisioning } = await cloud.makeNetwork();
    const worker = await startWorker('prompt', NEVER, {
      NETPROV_NEUTRON_ENDPOINT_OVERRIDE: promptProxy.url,
      NETPROV_NEUTRON_POLL_INTERVAL_MIN: String(NEVER),
      NETPROV_NEUTRON_POLL_INTERVAL_MAX: String(NEVER),
      NETPROV_PROVISIONING_NETWORK: provisioning,
    });
    await worker.says(MAY_CREATE_PORTS);
    const { task } = await makeNode(2);
    const move = async (method: MethodName): Promise<string[]> => {
      promptProxy.reset();
      const { bindings } = await client.call(method, { host: 'prompt', task, timeout: NEVER });
      expect(bindings.filter(({ status }) => status !== 'ACTIVE')).to.deep.equal([]);
      return promptProxy.requests.map((request) => request.method);
    };
    await move('configure_tenant_networks');
    expect(await move('unconfigure_tenant_networks')).to.deep.equal(['GET', 'PUT', 'PUT', 'PUT', 'PUT']);
    expect(await move('add_provisioning_network')).to.deep.equal(['POST', 'POST']);
    expect(await move('remove_provisioning_network')).to.deep.equal(['DELETE', 'DELETE']);
    expect(await move('configure_tenant_networks')).to.deep.equal(['PUT', 'PUT', 'GET']);
  });

  it('are not needed: a worker goes on without them, and with them again', async () => {
    await api.stop();
    const first = await bindSlowly('wary', 1);
    await first.done();
    expect((await first.result).bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE']);
    await workers.wary.says(MISSED);
    await until("Neutron's own log to say so", () => neutron.log.includes('Error encountered posting the event'));
    api = await startApi();
    const { task } = await makeNode(1);
    await client.call('configure_tenant_networks', { host: 'wary', task });
    await until('events to arrive again', () => workers.wary.stderr.split(ARRIVE).length >= 3);
  });
});
