import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect } from 'chai';

import { NeutronClient } from '../../../src/neutron/client.js';
import type { NeutronOptions } from '../../../src/neutron/paced-requests.js';
import type { PortAttributes } from '../../../src/neutron/resources.js';
import { OpenStackError } from '../../../src/openstack/errors.js';
import { SimulatedNeutron } from '../../../testkit/fakes/simulated-neutron.js';
import { until } from '../../../testkit/fixtures/poll.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import { HttpProxy } from '../../../testkit/proxies/http-proxy.js';
import { neutronOptions, TestNeutron } from '../../../testkit/servers/neutron.js';

describe('the Neutron client, on a simulated Neutron', () => {
  let simulated: SimulatedNeutron;
  let proxy: HttpProxy;
  let client: NeutronClient;
  let network: { id: string; name: string };
  const others: NeutronClient[] = [];

  before(async () => {
    simulated = await SimulatedNeutron.start({ bindAll: true, activeAfter: 5 });
    proxy = await HttpProxy.start(simulated.url);
    client = makeClient();
    network = await new TestNeutron(simulated.url).makeNetwork();
  });

  beforeEach(() => {
    proxy.reset();
  });

  after(async () => {
    for (const one of others) await one.close();
    await proxy.stop();
    await simulated.stop();
  });

  function makeClient(options: Partial<NeutronOptions> = {}): NeutronClient {
    const made = new NeutronClient(
      neutronOptions({ endpoint_override: proxy.url, timeout: 2, change_timeout: 2, ...options }),
    );
    others.push(made);
    return made;
  }

  it('makes, lists, changes and deletes ports', async () => {
    const port = await client.createPort({ network_id: network.id, device_id: 'x' });
    expect(await client.listPorts({ id: [port.id] })).to.deep.equal([port]);
    expect(await client.updatePort(port.id, { device_id: 'y' })).to.include({ device_id: 'y' });
    await client.deletePort(port.id);
    await client.deletePort(port.id);
    expect(await client.listPorts({ id: [port.id] })).to.deep.equal([]);
  });

  it('finds networks by name', async () => {
    expect(await client.findNetworks(network.name)).to.deep.equal([{ id: network.id, name: network.name }]);
    expect(await client.findNetworks('a & b')).to.deep.equal([]);
  });

  it('gives Neutron the request id, and in its errors the one that Neutron gave', async () => {
    const requestId = `req-${randomUUID()}`;
    await client.findNetworks('x', { requestId });
    expect(proxy.requests[0]?.headers).to.include({ 'x-openstack-request-id': requestId, 'x-roles': 'admin,service' });
    expect((await rejection(client.updatePort(randomUUID(), {})))?.message).to.match(
      /PortNotFound.*\(req-[0-9a-f-]+\)$/,
    );
  });

  it('keeps connections alive, and repeats a GET on one that turned out to be closed', async () => {
    await client.findNetworks('x');
    proxy.cut();
    expect(await client.findNetworks('x')).to.deep.equal([]);
  });

  it('repeats a GET once, and nothing else', async () => {
    proxy.fate = () => 'cut before';
    expect(await rejection(client.findNetworks('x'))).to.include({ code: 'neutron_unreachable', transient: true });
    expect(proxy.requests).to.have.length(2);
    proxy.reset();
    proxy.fate = () => 'cut before';
    expect(await rejection(client.createPort({ network_id: network.id }))).to.include({ code: 'neutron_unreachable' });
    expect(proxy.requests).to.have.length(1);
  });

  it('waits no longer than the timeout, or the shorter one of the request', async () => {
    proxy.fate = () => 'hang before';
    const hasty = makeClient({ timeout: 0.5 });
    expect(await rejection(hasty.findNetworks('x'))).to.include({ code: 'neutron_timeout', transient: true });
    const error = await rejection(client.findNetworks('x', { timeout: 0.5 }));
    expect(error?.message).to.include('within 0.5 s');
    expect(await rejection(hasty.findNetworks('x', { timeout: 60 }))).to.include({ code: 'neutron_timeout' });
  });

  it('says that the connection was refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const error = await rejection(makeClient({ endpoint_override: `http://127.0.0.1:${port}` }).findNetworks('x'));
    expect(error).to.be.instanceOf(OpenStackError).and.include({ code: 'neutron_unreachable', transient: true });
    expect(error?.message).to.include('ECONNREFUSED');
  });

  it("throws the signal's reason when it is aborted, before or during a request", async () => {
    const reason = new Error('no longer ours');
    expect(await rejection(client.findNetworks('x', { signal: AbortSignal.abort(reason) }))).to.equal(reason);
    const controller = new AbortController();
    proxy.fate = () => {
      controller.abort(reason);
      return 'hang before';
    };
    expect(await rejection(client.findNetworks('x', { signal: controller.signal }))).to.equal(reason);
  });

  it('reads all pages when the server cuts lists', async () => {
    const page = (name: string, next?: string) => ({
      status: 200,
      body: {
        networks: [{ id: name, name }],
        ...(next === undefined
          ? {}
          : { networks_links: [{ rel: 'next', href: `http://elsewhere/v2.0/networks?${next}` }] }),
      },
    });
    proxy.fate = ({ path }) => (path.includes('marker=1') ? page('2') : page('1', 'name=x&marker=1'));
    expect(await client.findNetworks('x')).to.deep.equal([
      { id: '1', name: '1' },
      { id: '2', name: '2' },
    ]);
  });

  it('refuses answers that are not what the API promises', async () => {
    for (const body of ['<html>Welcome</html>', {}, { networks: [{}] }, 'null']) {
      proxy.fate = () => ({ status: 200, body });
      expect(await rejection(client.findNetworks('x'))).to.include({ code: 'neutron_unusable', transient: false });
    }
    const port = await new TestNeutron(simulated.url).makePort(network.id);
    const shown: Record<string, unknown> = { ...port };
    delete shown['binding:host_id'];
    proxy.fate = () => ({ status: 200, body: { ports: [shown] } });
    const error = await rejection(client.listPorts({ id: [port.id] }));
    expect(error?.message).to.include('binding:host_id').and.include('admin role');
  });

  for (const [what, requestId] of [
    ['a newline', 'req-1\nX-Roles: admin'],
    ['an emoji', 'req-😀'],
    ['a NUL', 'req-\0'],
  ] as const) {
    it(`refuses ${what} in a header for good, and loses no connection by it`, async () => {
      const lean = makeClient({ max_connections: 1 });
      for (let count = 0; count < 3; count++) {
        const error = await rejection(lean.findNetworks('x', { requestId }));
        expect(error).to.be.instanceOf(OpenStackError).and.include({ code: 'neutron_invalid', transient: false });
        expect(error?.message).to.include('X-OpenStack-Request-ID');
      }
      expect(proxy.requests).to.have.length(0);
      expect(await lean.findNetworks('x')).to.deep.equal([]);
      expect(lean.availability.away).to.equal(null);
    });
  }

  for (const endpoint_override of ['no URL', 'ftp://127.0.0.1', 'http://[::1']) {
    it(`refuses the endpoint ${endpoint_override} for good`, async () => {
      const error = await rejection(makeClient({ endpoint_override }).findNetworks('x'));
      expect(error).to.be.instanceOf(OpenStackError).and.include({ code: 'neutron_invalid', transient: false });
    });
  }

  it('refuses a body that JSON cannot represent, as a permanent error', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const profile = cyclic as Required<PortAttributes>['binding:profile'];
    const error = await rejection(client.createPort({ network_id: network.id, 'binding:profile': profile }));
    expect(error).to.be.instanceOf(OpenStackError).and.include({ code: 'neutron_invalid', transient: false });
  });

  describe('while a server holds all connections', () => {
    let holding: Promise<unknown>[];
    let held: NeutronClient;

    beforeEach(async () => {
      proxy.fate = () => 'hang before';
      held = makeClient({ max_connections: 2, timeout: 600 });
      holding = [1, 2].map(() => rejection(held.findNetworks('held')));
      await until('both connections are held', () => proxy.hanging === 2);
    });

    afterEach(async () => {
      await held.close();
      await Promise.all(holding);
    });

    it('waits for its turn no longer than its own timeout', async () => {
      const error = await rejection(held.findNetworks('x', { timeout: 0.2 }));
      expect(error).to.include({ code: 'neutron_timeout', transient: true });
      expect(error?.message).to.include('not sent within 0.2 s').and.include('2 other requests');
    });

    it('waits no longer when it is aborted, and sends nothing afterwards', async () => {
      const controller = new AbortController();
      const reason = new Error('no longer ours');
      const waiting = rejection(held.findNetworks('aborted', { signal: controller.signal }));
      controller.abort(reason);
      expect(await waiting).to.equal(reason);
      proxy.reset();
      proxy.cut();
      expect(await held.findNetworks('after')).to.deep.equal([]);
      expect(proxy.requests.filter(({ path }) => path.includes('aborted'))).to.deep.equal([]);
    });
  });

  describe('while Neutron is overloaded', () => {
    let asking: NeutronClient;

    beforeEach(async () => {
      asking = makeClient({ timeout: 0.5 });
      proxy.fate = () => 'hang before';
      expect(await rejection(asking.findNetworks('slow'))).to.include({ code: 'neutron_timeout' });
      proxy.reset();
    });

    it('sends one request at a time, and more with each answer', async () => {
      expect(asking.requestLimit).to.equal(1);
      let answer = (): void => undefined;
      const answered = new Promise<'pass'>((resolve) => {
        answer = (): void => {
          resolve('pass');
        };
      });
      proxy.fate = () => answered;
      const asked = [1, 2, 3].map(() => asking.findNetworks('x'));
      await until('the first one is sent', () => proxy.requests.length > 0);
      for (let turn = 0; turn < 100; turn++) await nextTurn();
      expect(proxy.requests).to.have.length(1);
      answer();
      await Promise.all(asked);
      expect(asking.requestLimit).to.be.above(1);
    });

    it('looks whether Neutron is away without waiting for a turn, and refuses what waits when it is', async () => {
      proxy.fate = ({ method }) => (method === 'GET' ? { status: 503 } : 'hang before');
      for (let count = 0; count < 3; count++) await rejection(asking.findNetworks('x'));
      // The first change is the fifth fault when it has waited for as long as a read may take.
      const change = rejection(asking.updatePort(randomUUID(), {}));
      await until('a change is under way', () => proxy.hanging === 1);
      const waiting = [1, 2, 3].map(() => rejection(asking.findNetworks('waiting')));
      waiting.push(rejection(asking.updatePort('waiting', {})));
      for (const error of await Promise.all(waiting)) {
        expect(error).to.include({ code: 'neutron_unreachable', transient: true });
        expect(error?.message).to.include('not sent: Neutron is away').and.include('503');
      }
      expect(proxy.requests.filter(({ path }) => path.includes('waiting'))).to.deep.equal([]);
      expect(proxy.hanging).to.equal(1);
      expect(await change).to.include({ code: 'neutron_timeout' });
    });
  });

  it('waits longer for the answer to a change than for that to a read, and sends the change once', async () => {
    const attributes = { network_id: network.id, device_id: 'x' };
    const [changed, gone] = await Promise.all([client.createPort(attributes), client.createPort(attributes)]);
    const patient = makeClient({ timeout: 0.5, change_timeout: 60 });
    const answered = new AbortController();
    proxy.requests.length = 0;
    proxy.fate = async ({ method }) => {
      if (method === 'GET') return 'hang before';
      await once(answered.signal, 'abort');
      return 'pass';
    };
    const changes = Promise.all([
      patient.createPort(attributes),
      patient.updatePort(changed.id, { device_id: 'y' }),
      patient.deletePort(gone.id),
    ]);
    await until('the changes are sent', () => proxy.requests.length === 3);
    expect(await rejection(patient.findNetworks('x'))).to.include({ code: 'neutron_timeout' });
    answered.abort();
    const [made, updated, deleted] = await changes;
    expect([made.device_id, updated.device_id, deleted]).to.deep.equal(['x', 'y', true]);
    expect(proxy.requests.filter(({ method }) => method !== 'GET')).to.have.length(3);
  });

  it('keeps its pace when changes time out: they may wait for one dead switch', async () => {
    const asking = makeClient({ timeout: 0.2 });
    proxy.fate = ({ method }) => (method === 'PUT' ? 'hang before' : 'pass');
    const changes = [1, 2, 3].map(() => rejection(asking.updatePort(randomUUID(), {})));
    for (const error of await Promise.all(changes)) expect(error).to.include({ code: 'neutron_timeout' });
    expect(asking.requestLimit).to.equal(32);
  });

  it('stops reading an answer that is too large', async () => {
    proxy.fate = () => ({ status: 200, body: 'x'.repeat(33 * 1024 * 1024) });
    expect(await rejection(client.findNetworks('x'))).to.include({ code: 'neutron_unusable' });
  });

  it('says which option is missing when there is neither a catalog nor an endpoint', async () => {
    const error = await rejection(makeClient({ endpoint_override: null }).findNetworks('x'));
    expect(error).to.include({ code: 'neutron_auth' });
    expect(error?.message).to.include('neutron.endpoint_override');
  });
});
