import { expect } from 'chai';

import { NetworkError } from '../../src/contract/errors.js';
import type { MethodName } from '../../src/contract/methods.js';
import type { RecordedBinding, Task } from '../../src/contract/types.js';
import type { ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { until } from '../../testkit/fixtures/poll.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makePort, makeTask, record, vifOf, withVif } from '../../testkit/fixtures/tasks.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';
import type { Fate } from '../../testkit/proxies/http-proxy.js';

describe('the neutron provider, for a node whose record is complete, on a real Neutron', () => {
  let f: ProviderFixture;

  before(async () => {
    f = await ProviderFixture.start();
  });
  beforeEach(() => {
    f.proxy.reset();
  });
  after(() => f.stop());

  /** Runs a method for such a node. */
  const run = (method: MethodName, task: Task, recorded: RecordedBinding[] = []): Promise<ProviderOutcome> =>
    f.run(method, task, { fresh: true, recorded } satisfies Partial<ProviderContext>);

  /** The requests so far, by their methods, in alphabetical order: those for several ports are sent side by side. */
  const methods = (): string[] => f.proxy.requests.map(({ method }) => method).sort();

  const times = (count: number, method: string): string[] => Array<string>(count).fill(method);

  const plainTask = (nics: number): Task => makeTask({ ports: Array.from({ length: nics }, () => makePort()) });

  /** Lets a look pass when it finds everything done, so that there is only one. */
  function lookOnlyWhenActive(task: Task): void {
    const ports = async () => [...(await f.portsOf(task)), ...(await f.portsOf(task, f.tenant))];
    f.proxy.fate = async ({ method, path }): Promise<Fate> => {
      if (method !== 'GET' || !path.includes('?id=')) return 'pass';
      await until('all ports are ACTIVE', async () => (await ports()).every(({ status }) => status === 'ACTIVE'));
      return 'pass';
    };
  }

  /** A port that netprov made for the node's first NIC, and of which the record knows nothing. */
  const leftover = ({ node, ports }: Task): Promise<{ id: string }> =>
    f.neutron.makePort(f.provisioning.id, {
      mac_address: ports[0]?.address,
      device_owner: 'baremetal:none',
      device_id: node.uuid,
    });

  describe('sends', () => {
    for (const nics of [2, 8]) {
      it(`${nics + 1} requests to add a network to ${nics} NICs without events, and ${nics} to remove it`, async () => {
        const task = await f.alive(plainTask(nics));
        lookOnlyWhenActive(task);
        const { bindings } = await run('add_provisioning_network', task);
        expect(bindings.map(({ status }) => status)).to.deep.equal(times(nics, 'ACTIVE'));
        expect(methods()).to.deep.equal(['GET', ...times(nics, 'POST')]);
        f.proxy.reset();
        const removed = await run('remove_provisioning_network', task, record('provisioning', bindings));
        expect(removed).to.deep.equal({ bindings: [], failures: [] });
        expect(methods()).to.deep.equal(times(nics, 'DELETE'));
        expect(await f.portsOf(task)).to.deep.equal([]);
      });
    }

    it('13 requests for a deployment with 2 NICs without events', async () => {
      const task = await f.alive(await f.attachVifs(makeTask()));
      const tenant = record('tenant', (await run('configure_tenant_networks', task)).bindings);
      f.proxy.reset();
      lookOnlyWhenActive(task);
      await run('unconfigure_tenant_networks', task, tenant);
      expect(methods()).to.deep.equal(['GET', ...times(4, 'PUT')]);
      const { bindings } = await run('add_provisioning_network', task);
      await run('remove_provisioning_network', task, record('provisioning', bindings));
      const before = f.proxy.requests.length;
      const configured = await run('configure_tenant_networks', task);
      expect(f.proxy.requests.slice(before).map(({ method }) => method)).to.deep.equal(['PUT', 'PUT', 'GET']);
      expect(idsOf(configured.bindings)).to.deep.equal(task.ports.map(vifOf).sort());
      expect(f.proxy.requests).to.have.length(13);
      await f.run('unconfigure_tenant_networks', task);
    });
  });

  describe('when something is in the way', () => {
    it('adopts a port of its own, and brings it up to date', async () => {
      const task = await f.alive(makeTask());
      const left = await leftover(task);
      const { bindings, failures } = await run('add_provisioning_network', task);
      expect(failures).to.deep.equal([]);
      expect(bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
      expect(idsOf(bindings)).to.include(left.id);
      expect((await f.portsOf(task)).map(({ id }) => id)).to.have.members(idsOf(bindings));
    });

    it('adopts a port of its own if Neutron refuses another one because of a quota', async () => {
      const task = await f.alive(oneNic());
      const left = await leftover(task);
      const body = {
        NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['port'].", detail: '' },
      };
      f.proxy.fate = ({ method }) => (method === 'POST' ? { status: 409, body } : 'pass');
      const { bindings } = await run('add_provisioning_network', task);
      expect(idsOf(bindings)).to.deep.equal([left.id]);
      f.proxy.reset();
      f.proxy.fate = ({ method }) => (method === 'POST' ? { status: 409, body } : 'pass');
      const { error } = await run('add_provisioning_network', oneNic());
      expect(error?.message).to.include('OverQuota');
    });

    it('names a port that is not its own, and does not change it', async () => {
      const task = await f.alive(makeTask());
      const marks = { mac_address: task.ports[0]?.address, device_owner: 'compute:nova', device_id: 'somebody' };
      const foreign = await f.neutron.makePort(f.provisioning.id, marks);
      const { bindings, failures } = await run('add_provisioning_network', task);
      expect(bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal([task.ports[1]?.uuid]);
      expect(failures.map(({ port_uuid }) => port_uuid)).to.deep.equal([task.ports[0]?.uuid]);
      expect(failures[0]?.reason).to.include(foreign.id).and.include('compute:nova');
      expect(await f.neutron.port(foreign.id)).to.deep.equal(foreign);

      const removed = await run('remove_provisioning_network', task, record('provisioning', bindings));
      expect(removed.error?.message).to.include(foreign.id);
      expect(removed.bindings).to.deep.equal([]);
      expect((await f.portsOf(task)).map(({ id }) => id)).to.deep.equal([foreign.id]);
    });

    it('takes the MAC address from a VIF of the node on the same network', async () => {
      const plain = await f.alive(oneNic());
      const vif = await f.neutron.makePort(f.provisioning.id, { mac_address: plain.ports[0]?.address });
      const task = { ...plain, ports: plain.ports.map((port) => withVif(port, vif.id)) };
      const { bindings } = await run('add_provisioning_network', task);
      expect(bindings[0]).to.include({ status: 'ACTIVE', mac_address: task.ports[0]?.address });
      expect(idsOf(bindings)).to.not.include(vif.id);
      expect((await f.neutron.port(vif.id))?.mac_address).to.not.equal(task.ports[0]?.address);
    });

    it('removes a port of its own in place of a recorded port, and one of a NIC without a recorded port', async () => {
      const task = await f.alive(makeTask({ ports: [makePort(), makePort({ pxe_enabled: false })] }));
      const { bindings } = await run('add_provisioning_network', task);
      const recorded = record('provisioning', bindings);
      const second = await leftover({ ...task, ports: task.ports.slice(1) });
      expect(await run('remove_provisioning_network', task, recorded)).to.deep.equal({ bindings: [], failures: [] });
      expect(await f.neutron.port(second.id)).to.equal(null);

      const one = { ...task, ports: task.ports.slice(0, 1) };
      const other = await leftover(one);
      f.proxy.reset();
      expect(await run('remove_provisioning_network', one, recorded)).to.deep.equal({ bindings: [], failures: [] });
      expect(f.proxy.requests.map(({ method }) => method)).to.deep.equal(['DELETE', 'GET', 'DELETE']);
      expect(await f.neutron.port(other.id)).to.equal(null);
    });

    it('removes the recorded ports even if Neutron refuses to list others, and fails', async () => {
      const task = await f.alive(oneNic());
      const { bindings } = await run('add_provisioning_network', task);
      f.proxy.fate = ({ method }) => (method === 'GET' ? { status: 403 } : 'pass');
      const recorded = record('provisioning', bindings);
      const removed = await f.run('remove_provisioning_network', task, { recorded });
      expect(removed.bindings).to.deep.equal([]);
      expect(removed.error).to.be.instanceOf(NetworkError);
      expect(removed.error?.message).to.include('403');
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    it('takes a VIF over from another host, even if its MAC address changes', async () => {
      const elsewhere = await f.alive(oneNic());
      const bound = { 'binding:host_id': elsewhere.node.uuid, 'binding:vnic_type': 'baremetal' };
      const vif = await f.neutron.makePort(f.tenant.id, bound);
      const task = await f.alive(makeTask({ ports: [withVif(makePort(), vif.id)] }));
      const { bindings } = await run('configure_tenant_networks', task);
      expect(bindings[0]).to.include({ status: 'ACTIVE', host_id: task.node.uuid });
      expect(bindings[0]?.mac_address).to.equal(task.ports[0]?.address);
      await f.run('unconfigure_tenant_networks', task);
    });

    it('binds no VIF if one is missing, or one cannot have its MAC address', async () => {
      const holder = await f.neutron.makePort(f.tenant.id, { mac_address: makePort().address });
      const half = await f.attachVifs(makeTask({ ports: [makePort(), makePort({ address: holder.mac_address })] }));
      const missing = withVif(makePort(), '99999999-2222-4333-8444-555555555555');
      const task = await f.alive({ ...half, ports: [...half.ports, missing] });
      const { bindings, failures, error } = await run('configure_tenant_networks', task);
      expect(bindings).to.deep.equal([]);
      expect(failures.map(({ port_uuid }) => port_uuid)).to.deep.equal(task.ports.slice(1).map(({ uuid }) => uuid));
      expect(error?.message).to.include(holder.id).and.include('99999999-2222-4333-8444-555555555555');
      for (const vif of await f.vifsOf(half)) expect(vif).to.include({ 'binding:host_id': '' });
    });
  });
});
