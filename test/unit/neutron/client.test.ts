import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { NeutronClient } from '../../../src/neutron/client.js';
import { NeutronError } from '../../../src/neutron/errors.js';
import type { NeutronOptions } from '../../../src/neutron/options.js';
import { HttpProxy } from '../../support/http-proxy.js';
import { neutronOptions, TestNeutron } from '../../support/neutron.js';
import { rejection } from '../../support/rejection.js';
import { SimulatedNeutron } from '../../support/simulated-neutron.js';

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
    const made = new NeutronClient(neutronOptions({ endpoint_override: proxy.url, timeout: 2, ...options }));
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
    expect(proxy.requests[0]?.headers).to.include({ 'x-openstack-request-id': requestId, 'x-roles': 'admin' });
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
    expect(await rejection(client.findNetworks('x'))).to.include({ code: 'NEUTRON_UNREACHABLE', transient: true });
    expect(proxy.requests).to.have.length(2);
    proxy.reset();
    proxy.fate = () => 'cut before';
    expect(await rejection(client.createPort({ network_id: network.id }))).to.include({ code: 'NEUTRON_UNREACHABLE' });
    expect(proxy.requests).to.have.length(1);
  });

  it('waits no longer than the timeout, or the shorter one of the request', async () => {
    proxy.fate = () => 'hang before';
    const hasty = makeClient({ timeout: 0.5 });
    expect(await rejection(hasty.findNetworks('x'))).to.include({ code: 'NEUTRON_TIMEOUT', transient: true });
    const error = await rejection(client.findNetworks('x', { timeout: 0.5 }));
    expect(error?.message).to.include('within 0.5 s');
    expect(await rejection(hasty.findNetworks('x', { timeout: 60 }))).to.include({ code: 'NEUTRON_TIMEOUT' });
  });

  it('says that nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const error = await rejection(makeClient({ endpoint_override: `http://127.0.0.1:${port}` }).findNetworks('x'));
    expect(error).to.be.instanceOf(NeutronError).and.include({ code: 'NEUTRON_UNREACHABLE', transient: true });
    expect(error?.message).to.include('ECONNREFUSED');
  });

  it('throws the reason when it is aborted, before and under way', async () => {
    const reason = new Error('no longer ours');
    expect(await rejection(client.findNetworks('x', { signal: AbortSignal.abort(reason) }))).to.equal(reason);
    const controller = new AbortController();
    proxy.fate = () => {
      controller.abort(reason);
      return 'hang before';
    };
    expect(await rejection(client.findNetworks('x', { signal: controller.signal }))).to.equal(reason);
  });

  it('reads all pages where the server cuts lists', async () => {
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
      expect(await rejection(client.findNetworks('x'))).to.include({ code: 'NEUTRON_UNUSABLE', transient: false });
    }
    const port = await new TestNeutron(simulated.url).makePort(network.id);
    const shown: Record<string, unknown> = { ...port };
    delete shown['binding:host_id'];
    proxy.fate = () => ({ status: 200, body: { ports: [shown] } });
    const error = await rejection(client.listPorts({ id: [port.id] }));
    expect(error?.message).to.include('binding:host_id').and.include('admin role');
  });

  it('does not read endless answers', async () => {
    proxy.fate = () => ({ status: 200, body: 'x'.repeat(33 * 1024 * 1024) });
    expect(await rejection(client.findNetworks('x'))).to.include({ code: 'NEUTRON_UNUSABLE' });
  });

  it('says which option is missing when there is neither a catalog nor an endpoint', async () => {
    const error = await rejection(makeClient({ endpoint_override: null }).findNetworks('x'));
    expect(error).to.include({ code: 'NEUTRON_AUTH' });
    expect(error?.message).to.include('neutron.endpoint_override');
  });
});
