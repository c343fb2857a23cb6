import { expect } from 'chai';

import { TransientError } from '../../src/contract/errors.js';
import type { Task } from '../../src/contract/types.js';
import { crash, type CrashPoint } from '../../testkit/fixtures/provider-crash.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { record } from '../../testkit/fixtures/tasks.js';
import type { Fate, ProxiedRequest } from '../../testkit/proxies/http-proxy.js';

describe('the neutron provider when requests to Neutron fail', () => {
  let f: ProviderFixture;

  before(async () => {
    f = await ProviderFixture.start();
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await f.stop();
  });

  const taskWithVifs = async (): Promise<Task> => f.attachVifs(await f.alive());

  async function expectOnePortPerNic(task: Task, at = f): Promise<void> {
    const ports = await at.portsOf(task);
    expect(ports.map(({ mac_address }) => mac_address)).to.have.members(task.ports.map(({ address }) => address));
    for (const port of ports) expect(port).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid });
  }

  /** Lets the nth request of this kind meet this fate, and all others pass. */
  function nth(n: number, fate: Fate, kind: (request: ProxiedRequest) => boolean = () => true) {
    let count = 0;
    return (request: ProxiedRequest): Fate => (kind(request) && count++ === n ? fate : 'pass');
  }

  const isPost = ({ method }: ProxiedRequest): boolean => method === 'POST';

  const boundaries = (after: number): CrashPoint[] => [
    [1, 'hang before'],
    ...Array.from({ length: after }, (_, n): CrashPoint => [n, 'hang after']),
  ];

  describe('a crash while any request is under way, and the same method again', () => {
    for (const [n, fate] of boundaries(4)) {
      it(`add_provisioning_network, request ${n}, ${fate}: one port per NIC`, async () => {
        const task = await f.alive();
        await crash(f, [n, fate], 'add_provisioning_network', task);
        const again = await f.run('add_provisioning_network', task);
        expect(again.bindings).to.have.length(2);
        await expectOnePortPerNic(task);
      });
    }

    for (const [n, fate] of boundaries(3)) {
      it(`remove_provisioning_network, request ${n}, ${fate}: no port`, async () => {
        const task = await f.alive();
        await f.run('add_provisioning_network', task);
        await crash(f, [n, fate], 'remove_provisioning_network', task);
        expect(await f.run('remove_provisioning_network', task)).to.deep.equal({ bindings: [], failures: [] });
        expect(await f.portsOf(task)).to.deep.equal([]);
      });
    }

    for (const [n, fate] of boundaries(4)) {
      it(`configure_tenant_networks, request ${n}, ${fate}: every VIF bound`, async () => {
        const task = await taskWithVifs();
        await crash(f, [n, fate], 'configure_tenant_networks', task);
        await f.run('configure_tenant_networks', task);
        for (const vif of await f.vifsOf(task)) {
          expect(vif).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid });
        }
      });
    }

    for (const [n, fate] of boundaries(5)) {
      it(`unconfigure_tenant_networks, request ${n}, ${fate}: every VIF as the tenant made it`, async () => {
        const task = await taskWithVifs();
        await f.run('configure_tenant_networks', task);
        await crash(f, [n, fate], 'unconfigure_tenant_networks', task);
        await f.run('unconfigure_tenant_networks', task);
        for (const [index, vif] of (await f.vifsOf(task)).entries()) {
          expect(vif).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
          expect(vif?.mac_address).to.not.equal(task.ports[index]?.address);
        }
      });
    }
  });

  describe('faults that pass', () => {
    const faults: [string, Fate][] = [
      ['the answer to a create is lost', 'cut after'],
      ['the connection is cut before Neutron sees a create', 'cut before'],
      ['a create is answered with 503', { status: 503 }],
      ['a create is answered with 429', { status: 429 }],
    ];
    const soItPasses = 'a TransientError, nothing is left, and the next try succeeds';
    const expectPasses = async (fate: Fate, at: ProviderFixture): Promise<void> => {
      const task = await at.alive();
      at.proxy.fate = nth(1, fate, isPost);
      expect(await rejection(at.run('add_provisioning_network', task))).to.be.instanceOf(TransientError);
      expect(await at.portsOf(task)).to.deep.equal([]);
      at.proxy.reset();
      await at.run('add_provisioning_network', task);
      await expectOnePortPerNic(task, at);
    };

    for (const [what, fate] of faults) {
      it(`${what}: ${soItPasses}`, () => expectPasses(fate, f));
    }

    describe('with limits of 30 s', () => {
      let hasty: ProviderFixture;
      before(async () => {
        hasty = await ProviderFixture.start({ timeout: 30, change_timeout: 30, binding_timeout: 30 });
      });
      afterEach(() => {
        hasty.proxy.reset();
      });
      after(() => hasty.stop());

      it(`a create hangs: ${soItPasses}`, () => expectPasses('hang before', hasty));

      it('adopts what a lost create left behind when even the roll-back fails', async () => {
        const task = await hasty.alive();
        let lost = false;
        hasty.proxy.fate = (request) => {
          if (lost) return { status: 503 };
          lost = isPost(request) && hasty.proxy.requests.filter(isPost).length === 2;
          return lost ? 'cut after' : 'pass';
        };
        expect(await rejection(hasty.run('add_provisioning_network', task))).to.be.instanceOf(TransientError);
        hasty.proxy.reset();
        await hasty.run('add_provisioning_network', task);
        await expectOnePortPerNic(task, hasty);
      });
    });

    it('goes on polling when a poll fails', async () => {
      const task = await f.alive();
      f.proxy.fate = ({ method, index }) => (method === 'GET' && index > 0 && index < 5 ? { status: 503 } : 'pass');
      const added = await f.run('add_provisioning_network', task);
      expect(added.failures).to.deep.equal([]);
      await expectOnePortPerNic(task);
    });

    it('keeps what is on record when adding again fails', async () => {
      const task = await f.alive();
      const { bindings } = await f.run('add_provisioning_network', task);
      f.proxy.fate = () => ({ status: 503 });
      const recorded = record('provisioning', bindings);
      expect(await rejection(f.run('add_provisioning_network', task, { recorded }))).to.be.instanceOf(TransientError);
      await expectOnePortPerNic(task);
    });

    it('unbinds again what was bound when another VIF cannot be, for now', async () => {
      const task = await taskWithVifs();
      f.proxy.fate = nth(1, { status: 503 }, ({ method }) => method === 'PUT');
      expect(await rejection(f.run('configure_tenant_networks', task))).to.be.instanceOf(TransientError);
      for (const vif of await f.vifsOf(task)) expect(vif).to.include({ 'binding:host_id': '' });
      f.proxy.reset();
      const configured = await f.run('configure_tenant_networks', task);
      expect(configured.bindings).to.have.length(2);
    });

    it('removes the rest when one deletion fails, and all with the next try', async () => {
      const task = await f.alive();
      await f.run('add_provisioning_network', task);
      f.proxy.fate = nth(0, { status: 500 }, ({ method }) => method === 'DELETE');
      expect(await rejection(f.run('remove_provisioning_network', task))).to.be.instanceOf(TransientError);
      expect(await f.portsOf(task)).to.have.length(1);
      f.proxy.reset();
      await f.run('remove_provisioning_network', task);
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    it('survives connections that Neutron closed while they were idle', async () => {
      const task = await f.alive();
      await f.run('remove_provisioning_network', task);
      f.proxy.cut();
      expect(await f.run('remove_provisioning_network', task)).to.deep.equal({ bindings: [], failures: [] });
    });
  });

  describe('faults that stay', () => {
    it('keeps the ports that Neutron refuses to delete, and says so', async () => {
      const task = await f.alive();
      const { bindings } = await f.run('add_provisioning_network', task);
      f.proxy.fate = ({ method }) =>
        method === 'DELETE'
          ? { status: 403, body: { NeutronError: { type: 'PolicyNotAuthorized', message: 'no' } } }
          : 'pass';
      const recorded = record('provisioning', bindings);
      const outcome = await f.run('remove_provisioning_network', task, { recorded });
      expect(outcome.error?.message).to.include('PolicyNotAuthorized');
      expect(outcome.bindings).to.have.length(2);
      expect(outcome.failures).to.have.length(2);
      await expectOnePortPerNic(task);
    });

    it('fails when a full subnet has no address, and leaves nothing', async () => {
      const task = await f.alive();
      const body = { NeutronError: { type: 'IpAddressGenerationFailure', message: 'No more IP addresses available.' } };
      f.proxy.fate = (request) => (isPost(request) ? { status: 409, body } : 'pass');
      const outcome = await f.run('add_provisioning_network', task);
      expect(outcome.error?.message).to.include('No more IP addresses available.');
      expect(outcome.failures).to.have.length(2);
      expect(await f.portsOf(task)).to.deep.equal([]);
    });
  });
});
