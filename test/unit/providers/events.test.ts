import { expect } from 'chai';

import { NeutronClient } from '../../../src/neutron/client.js';
import type { PortEvent } from '../../../src/neutron/events.js';
import { PortEvents } from '../../../src/neutron/port-events.js';
import { VNIC_BAREMETAL, VNIC_SMARTNIC } from '../../../src/neutron/resources.js';
import { Hearing } from '../../../src/providers/neutron/binding/wait.js';
import { createNeutronProvider } from '../../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../../src/providers/provider.js';
import { SimulatedNeutron } from '../../../testkit/fakes/simulated-neutron.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';
import { BOUND, eventsIn } from '../../../testkit/fixtures/neutron-event-samples.js';
import { until } from '../../../testkit/fixtures/poll.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import { makeContext, makePort, makeTask, runMethod, vifOf, withVif } from '../../../testkit/fixtures/tasks.js';
import { type Fate, HttpProxy, type ProxiedRequest } from '../../../testkit/proxies/http-proxy.js';
import { providerOptions, TestNeutron } from '../../../testkit/servers/neutron.js';

/** Seconds that no test waits for. */
const LONG = 300;

const eventOf = (port: string): PortEvent => ({ ...(eventsIn(BOUND)[0] as PortEvent), port_id: port });

describe('waiting for bindings where events come, on a simulated Neutron', () => {
  const { log, lines } = recordingLogger();
  let simulated: SimulatedNeutron;
  let neutron: TestNeutron;
  let proxy: HttpProxy;
  let client: NeutronClient;
  let events: PortEvents;
  let tenant: { id: string };

  beforeEach(async () => {
    simulated = await SimulatedNeutron.start({ bindAll: true, activeAfter: LONG * 1000 });
    neutron = new TestNeutron(simulated.url);
    proxy = await HttpProxy.start(simulated.url);
    tenant = await neutron.makeNetwork();
    lines.length = 0;
    events = new PortEvents(log);
  });

  afterEach(async () => {
    await client.close();
    await proxy.stop();
    await simulated.stop();
  });

  function makeProvider(waiting: { poll_interval_min: number; event_poll_interval: number }): NetworkProvider {
    const pace = { binding_timeout: LONG, poll_interval_max: Math.max(0.1, waiting.poll_interval_min), ...waiting };
    const options = providerOptions({ provisioning_network: tenant.id }, { endpoint_override: proxy.url, ...pace });
    client = new NeutronClient(options.neutron);
    return createNeutronProvider({ log, neutron: client, options, portEvents: events });
  }

  /** Binds so many VIFs. */
  async function configure(
    provider: NetworkProvider,
    number: number,
    fields: Partial<ProviderContext> = {},
  ): Promise<{ vifs: string[]; outcome: Promise<ProviderOutcome> }> {
    const ports = [];
    for (let i = 0; i < number; i++) ports.push(withVif(makePort(), (await neutron.makePort(tenant.id)).id));
    const outcome = runMethod(provider, 'configure_tenant_networks', makeContext(makeTask({ ports }), fields));
    return { vifs: ports.map(vifOf), outcome };
  }

  /** Looks at the ports since they were bound; before that, they are listed in the same way. */
  function looks(): ProxiedRequest[] {
    const last = proxy.requests.findLastIndex(({ method }) => method === 'PUT');
    if (last === -1) return [];
    return proxy.requests.slice(last + 1).filter(({ path }) => path.includes('?id='));
  }

  const looked = (times: number): Promise<unknown> =>
    until(`${times} looks`, () => looks().filter(({ answer }) => answer !== null).length >= times);

  it('looks at once when an event came before the answer to the request', async () => {
    const heard: string[] = [];
    proxy.fate = ({ method, path }): Fate => {
      if (method === 'PUT') {
        const vif = path.split('/').at(-1) ?? '';
        heard.push(vif);
        events.hear(eventOf(vif));
      } else if (heard.length > 0) for (const vif of heard) simulated.activate(vif);
      return 'pass';
    };
    const { outcome, vifs } = await configure(makeProvider({ poll_interval_min: LONG, event_poll_interval: LONG }), 2);
    expect((await outcome).bindings.map((binding) => binding.neutron_port_id)).to.have.members(vifs);
    expect(looks()).to.have.length(1);
  });

  it('looks without a pause while no events are expected', async () => {
    const bound: string[] = [];
    proxy.fate = ({ method, path }): Fate => {
      if (method === 'PUT') bound.push(path.split('/').at(-1) ?? '');
      else for (const vif of bound) simulated.activate(vif);
      return 'pass';
    };
    const { outcome } = await configure(makeProvider({ poll_interval_min: LONG, event_poll_interval: LONG }), 2);
    expect((await outcome).bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    expect(looks()).to.have.length(1);
  });

  it('looks a second and last time when all of its ports were heard of', async () => {
    const provider = makeProvider({ poll_interval_min: 0.02, event_poll_interval: LONG });
    events.hear(eventOf(tenant.id));
    const { outcome, vifs } = await configure(provider, 2);
    await looked(1);
    for (const vif of vifs) simulated.activate(vif);
    for (const vif of vifs) events.hear(eventOf(vif));
    const { bindings } = await outcome;
    expect(bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    expect(looks()).to.have.length(2);
    expect(events.expected).to.equal(true);
  });

  it('looks when some of its ports were heard of, which may be all that is needed', async () => {
    const provider = makeProvider({ poll_interval_min: 0.02, event_poll_interval: LONG });
    events.hear(eventOf(tenant.id));
    const { outcome, vifs } = await configure(provider, 3);
    await looked(1);
    const [first = '', second = '', third = ''] = vifs;
    for (const vif of [first, second]) simulated.activate(vif);
    events.hear(eventOf(first));
    await looked(2);
    // Of the second nothing is heard, and nothing need be: the third is what is still waited for.
    simulated.activate(third);
    events.hear(eventOf(third));
    expect((await outcome).bindings).to.have.length(3);
    expect(looks()).to.have.length(3);
    expect(looks()[2]?.path).to.include(third).and.not.include(second);
    expect(events.expected, 'the second event may be on its way').to.equal(true);
  });

  describe('for ports that the operation made', () => {
    /** Makes so many ports, and waits until they are there. */
    async function add(
      provider: NetworkProvider,
      number: number,
    ): Promise<{ made: PortEvent[]; outcome: Promise<ProviderOutcome> }> {
      const task = makeTask({ ports: Array.from({ length: number }, () => makePort()) });
      const context = makeContext(task, { fresh: true });
      const outcome = runMethod(provider, 'add_provisioning_network', context);
      const ports = await until(`${number} ports`, async () => {
        const found = await neutron.portsOn(tenant.id);
        return found.length === number && found;
      });
      return { outcome, made: ports.map(({ id }) => ({ ...eventOf(id), 'binding:host_id': task.node.uuid })) };
    }

    for (const nics of [2, 8]) {
      it(`needs no look: ${nics} NICs cost ${nics} requests`, async () => {
        events.hear(eventOf(tenant.id));
        const { outcome, made } = await add(makeProvider({ poll_interval_min: LONG, event_poll_interval: LONG }), nics);
        for (const event of made) events.hear(event);
        const { bindings, failures } = await outcome;
        expect(bindings.map(({ status }) => status)).to.deep.equal(Array(nics).fill('ACTIVE'));
        expect(failures).to.deep.equal([]);
        expect(proxy.summary()).to.deep.equal(Array(nics).fill('POST /v2.0/ports'));
      });
    }

    it('looks only at those that were not heard of', async () => {
      events.hear(eventOf(tenant.id));
      const { outcome, made } = await add(makeProvider({ poll_interval_min: 0.5, event_poll_interval: LONG }), 2);
      const [heard, other] = made.map((event) => event.port_id);
      simulated.activate(other ?? '');
      for (const event of made.slice(0, 1)) events.hear(event);
      expect((await outcome).bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
      const asked = proxy.requests.filter(({ method }) => method === 'GET').map(({ path }) => path);
      expect(asked).to.have.length(1);
      expect(asked[0]).to.include(other).and.not.include(heard);
    });

    const doubtful: [string, Partial<PortEvent>][] = [
      ['another host', { 'binding:host_id': 'another' }],
      ['no host', { 'binding:host_id': null }],
      ['an error', { status: 'ERROR' }],
      ['an unbound port', { event: 'network.unbind_port', status: 'DOWN' }],
    ];
    for (const [what, fields] of doubtful) {
      it(`looks when the last event speaks of ${what}`, async () => {
        const { outcome, made } = await add(makeProvider({ poll_interval_min: 0.02, event_poll_interval: LONG }), 1);
        const [event] = made as [PortEvent];
        events.hear({ ...event, ...fields });
        await until('a look', () => proxy.requests.some(({ method, answer }) => method === 'GET' && answer !== null));
        simulated.activate(event.port_id);
        expect((await outcome).bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE']);
      });
    }
  });

  it('polls on where the look did not find what the event said', async () => {
    const provider = makeProvider({ poll_interval_min: 0.02, event_poll_interval: LONG });
    events.hear(eventOf(tenant.id));
    const { outcome, vifs } = await configure(provider, 1);
    await looked(1);
    events.hear(eventOf(vifs[0] ?? ''));
    await looked(4);
    simulated.activate(vifs[0] ?? '');
    expect((await outcome).bindings).to.have.length(1);
  });

  it('finds without an event what was bound, and expects none until the next one comes', async () => {
    const provider = makeProvider({ poll_interval_min: 0.02, event_poll_interval: 0.3 });
    events.hear(eventOf(tenant.id));
    const first = await configure(provider, 1);
    await looked(1);
    simulated.activate(first.vifs[0] ?? '');
    expect((await first.outcome).bindings).to.have.length(1);
    expect(events.expected).to.equal(false);
    expect(lines.filter((line) => line.includes('but no event arrived'))).to.have.length(1);
  });

  it('polls where no event ever came', async () => {
    const provider = makeProvider({ poll_interval_min: 0.02, event_poll_interval: LONG });
    const { outcome, vifs } = await configure(provider, 1);
    await looked(4);
    simulated.activate(vifs[0] ?? '');
    expect((await outcome).bindings).to.have.length(1);
    expect(lines.filter((line) => line.includes('but no event arrived'))).to.deep.equal([]);
  });

  it('looks when a port is said to be deleted', async () => {
    const provider = makeProvider({ poll_interval_min: 0.02, event_poll_interval: LONG });
    events.hear(eventOf(tenant.id));
    const { outcome, vifs } = await configure(provider, 1);
    await looked(1);
    await neutron.removePort(vifs[0] ?? '');
    events.hear({ ...eventOf(vifs[0] ?? ''), event: 'network.delete_port', status: 'DELETED' });
    expect((await outcome).error?.message).to.include('deleted by another client');
  });

  it('stops waiting when the operation is no longer its own', async () => {
    const provider = makeProvider({ poll_interval_min: 0.02, event_poll_interval: LONG });
    events.hear(eventOf(tenant.id));
    const over = new AbortController();
    const { outcome } = await configure(provider, 1, { signal: over.signal });
    await looked(1);
    const reason = new Error('not ours');
    over.abort(reason);
    expect(await rejection(outcome)).to.equal(reason);
  });

  it('waits long for no port that Neutron says nothing of', async () => {
    const options = providerOptions({}, { event_poll_interval: LONG });
    client = new NeutronClient(options.neutron);
    const [port] = [await neutron.makePort(tenant.id)];
    events.hear(eventOf(tenant.id));
    const operation = { portEvents: events, options, request: {}, begun: performance.now() };
    const smart = { ...port, 'binding:vnic_type': VNIC_SMARTNIC };
    const plain = { ...port, id: tenant.id, 'binding:vnic_type': VNIC_BAREMETAL };
    const hearing = new Hearing(operation);
    for (let look = 0; look < 3; look++) await hearing.pause([smart, plain], 0.01, LONG);
  });
});
