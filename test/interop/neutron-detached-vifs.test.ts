import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkError, TransientError, VifNotAttached } from '../../src/contract/errors.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { crash } from '../../testkit/fixtures/provider-crash.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeTask, record, vifOf } from '../../testkit/fixtures/tasks.js';
import { active, oneNic, taskAfter, toAttach, toDetach } from '../../testkit/fixtures/vif-tasks.js';

describe('VIFs that are detached, or half attached when the worker dies, on a real Neutron', () => {
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

  const makeVif = (attributes: object = {}): Promise<NeutronPort> => f.neutron.makePort(f.tenant.id, attributes);

  describe('a VIF that is detached', () => {
    it('is unbound from an active node, gets another MAC address, and the others stay', async () => {
      const task = active(await f.alive(await f.attachVifs(makeTask())));
      const recorded = record('tenant', (await f.run('configure_tenant_networks', task)).bindings);
      const [first, second] = task.ports.map((port) => vifOf(port));
      const outcome = await f.run('vif_detach', task, { ...toDetach(first ?? ''), recorded });
      expect(outcome.vifs?.map(({ id }) => id)).to.deep.equal([second]);
      expect(idsOf(outcome.bindings)).to.deep.equal([second]);
      const shown = await f.neutron.port(first ?? '');
      expect(shown).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
      expect(shown?.['binding:profile']).to.deep.equal({});
      expect(shown?.mac_address).to.not.equal(task.ports[0]?.address);
      expect(await f.neutron.port(second ?? '')).to.include({ status: 'ACTIVE' });
    });

    it('is unchanged when it was only attached', async () => {
      const vif = await makeVif();
      const task = oneNic();
      const outcome = await f.run('vif_attach', task, toAttach(vif.id));
      expect(await f.run('vif_detach', taskAfter(task, outcome), toDetach(vif.id))).to.deep.equal({
        bindings: [],
        failures: [],
        vifs: [],
      });
      const shown = await f.neutron.port(vif.id);
      expect(shown).to.include({ 'binding:host_id': '' });
      expect(shown?.mac_address).to.not.equal(task.ports[0]?.address);
    });

    it('may be missing in Neutron, or in the task', async () => {
      const gone = randomUUID();
      const task = oneNic({ internal_info: { tenant_vif_port_id: gone } });
      expect((await f.run('vif_detach', task, toDetach(gone))).vifs).to.deep.equal([]);
      const bound = await f.alive(await f.attachVifs(oneNic()));
      const recorded = record('tenant', (await f.run('configure_tenant_networks', bound)).bindings);
      const forgetful = { ...bound, ports: bound.ports.map((port) => ({ ...port, internal_info: {} })) };
      const [vif = ''] = idsOf(recorded);
      expect(await f.run('vif_detach', forgetful, { ...toDetach(vif), recorded })).to.deep.equal({
        bindings: [],
        failures: [],
        vifs: [],
      });
      expect(await f.neutron.port(vif)).to.include({ 'binding:host_id': '' });
    });

    it('must be attached; otherwise the error names node and VIF', async () => {
      const task = await f.attachVifs(oneNic());
      const vif = await makeVif();
      const error = await rejection(f.run('vif_detach', task, toDetach(vif.id)));
      expect(error).to.be.instanceOf(VifNotAttached);
      expect(error?.message).to.include(vif.id).and.include(task.node.uuid);
      expect(f.proxy.requests).to.deep.equal([]);
    });

    it('stays attached when Neutron refuses to unbind it', async () => {
      const task = await f.alive(await f.attachVifs(oneNic()));
      const recorded = record('tenant', (await f.run('configure_tenant_networks', task)).bindings);
      f.proxy.fate = ({ method }) =>
        method === 'PUT' ? { status: 403, body: { NeutronError: { type: 'PolicyNotAuthorized' } } } : 'pass';
      const error = await rejection(f.run('vif_detach', task, { ...toDetach(idsOf(recorded)[0] ?? ''), recorded }));
      expect(error).to.be.instanceOf(NetworkError);
      expect(error?.message).to.include('PolicyNotAuthorized');
      f.proxy.fate = () => ({ status: 503 });
      expect(
        await rejection(f.run('vif_detach', task, { ...toDetach(idsOf(recorded)[0] ?? ''), recorded })),
      ).to.be.instanceOf(TransientError);
    });
  });

  describe('when the worker dies while a request is under way, the same again ends as it should:', () => {
    for (const n of [0, 2, 3]) {
      it(`vif_attach on an active node, request ${n}: bound`, async () => {
        const host = await f.alive(oneNic());
        const task = active(await f.alive(oneNic()));
        // Really bound there, and ours to take: it is for this node.
        const early = {
          'binding:host_id': host.node.uuid,
          'binding:vnic_type': 'baremetal',
          device_id: task.node.uuid,
        };
        const vif = await makeVif(early);
        await crash(f, [n, 'hang after'], 'vif_attach', task, toAttach(vif.id));
        expect(idsOf((await f.run('vif_attach', task, toAttach(vif.id))).bindings)).to.deep.equal([vif.id]);
        const shown = { status: 'ACTIVE', mac_address: task.ports[0]?.address, 'binding:host_id': task.node.uuid };
        expect(await f.neutron.port(vif.id)).to.include(shown);
      });
    }

    for (const n of [0, 1, 2]) {
      it(`vif_detach, request ${n}: as the tenant made it`, async () => {
        const task = active(await f.alive(await f.attachVifs(oneNic())));
        const { bindings } = await f.run('configure_tenant_networks', task);
        const fields = { ...toDetach(idsOf(bindings)[0] ?? ''), recorded: record('tenant', bindings) };
        await crash(f, [n, 'hang after'], 'vif_detach', task, fields);
        await f.run('vif_detach', task, fields);
        const [shown] = await f.vifsOf(task);
        expect(shown).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
        expect(shown?.mac_address).to.not.equal(task.ports[0]?.address);
      });
    }
  });
});
