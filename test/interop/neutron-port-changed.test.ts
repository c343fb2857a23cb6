import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { FailedToUpdateMacOnPort, TransientError } from '../../src/contract/errors.js';
import type { Port, RecordedBinding, Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import type { ProviderOutcome } from '../../src/providers/provider.js';
import { crash } from '../../testkit/fixtures/provider-crash.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { makePort, makeTask, record, vifOf, withVif } from '../../testkit/fixtures/tasks.js';
import { active, boundNode, given, oneNic } from '../../testkit/fixtures/vif-tasks.js';
import type { Fate } from '../../testkit/proxies/http-proxy.js';

describe('a port that changes, on a real Neutron', () => {
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

  const change = (task: Task, port_obj: Port, recorded: RecordedBinding[] = []): Promise<ProviderOutcome> =>
    f.run('port_changed', task, { ...given({ port_obj }), recorded });
  const shown = (port: Port): Promise<NeutronPort | null> => f.neutron.port(vifOf(port));
  const puts = (): string[] => f.proxy.requests.filter(({ method }) => method === 'PUT').map(({ body }) => body);

  describe('a new MAC address', () => {
    it('reaches a bound VIF, which stays bound with what it had, in two updates', async () => {
      const { task, port, recorded } = await boundNode(f);
      const before = await shown(port);
      const address = randomMac();
      const outcome = await change(task, { ...port, address }, recorded);
      expect(puts()).to.have.length(2);
      const now = await shown(port);
      expect(now).to.include({
        status: 'ACTIVE',
        mac_address: address,
        'binding:host_id': task.node.uuid,
        'binding:vif_type': 'other',
      });
      expect(now?.['binding:profile']).to.deep.equal(before?.['binding:profile']);
      expect(now?.fixed_ips).to.deep.equal(before?.fixed_ips);
      expect(outcome).to.deep.include({ failures: [], warnings: [] });
      expect(outcome.bindings).to.have.length(1);
      expect(outcome.bindings[0]).to.include({ neutron_port_id: vifOf(port), mac_address: address, status: 'ACTIVE' });
      f.proxy.reset();
      await change(task, { ...port, address }, record('tenant', outcome.bindings));
      expect(puts()).to.deep.equal([]);
    });

    it('has a VIF bound again that has it already, and that Neutron never brought up', async () => {
      const { task, port, recorded } = await boundNode(f);
      const address = randomMac();
      await change(task, { ...port, address }, recorded);
      await f.neutron.loseProgress(vifOf(port));
      f.proxy.reset();
      await change(task, { ...port, address }, recorded);
      expect(puts()).to.have.length(2);
      expect(await shown(port)).to.include({ status: 'ACTIVE', mac_address: address });
    });

    it('reaches an unbound VIF in one update, and one that could not be bound', async () => {
      const task = await f.attachVifs(makeTask());
      for (const [index, port] of task.ports.entries()) {
        const host = index === 0 ? '' : 'nova-compute-1';
        await f.neutron.changePort(vifOf(port), { 'binding:host_id': host });
        f.proxy.reset();
        const address = randomMac();
        expect(await change(task, { ...port, address })).to.deep.include({ bindings: [], failures: [] });
        expect(puts()).to.have.length(1);
        expect(await shown(port)).to.include({ mac_address: address, 'binding:host_id': host });
      }
    });

    it('is refused when another port has it; the error names that port, and the VIF is unchanged', async () => {
      const { task, port, recorded } = await boundNode(f);
      const before = await shown(port);
      const holder = await f.neutron.makePort(f.tenant.id, { device_id: 'holder' });
      const error = await rejection(change(task, { ...port, address: holder.mac_address }, recorded));
      expect(error).to.be.instanceOf(FailedToUpdateMacOnPort);
      expect(error?.message).to.include(port.uuid).and.include(holder.id).and.include('put back as it was');
      const { status, ...now } = (await shown(port)) ?? { status: '' };
      expect(now).to.deep.include({
        mac_address: port.address,
        'binding:host_id': task.node.uuid,
        'binding:vif_type': 'other',
      });
      expect(now).to.deep.include({ 'binding:profile': before?.['binding:profile'] });
      expect(status).to.be.oneOf(['ACTIVE', 'DOWN']);
    });

    const faults: [string, Fate][] = [
      ['the second update is answered with 503', { status: 503 }],
      ['the answer to the second update is lost', 'cut after'],
    ];
    for (const [what, fate] of faults) {
      it(`is tried again when ${what}; until then the VIF is as it was`, async () => {
        const { task, port, recorded } = await boundNode(f);
        const address = randomMac();
        let updates = 0;
        f.proxy.fate = ({ method }) => (method === 'PUT' && updates++ === 1 ? fate : 'pass');
        expect(await rejection(change(task, { ...port, address }, recorded))).to.be.instanceOf(TransientError);
        expect(await shown(port)).to.include({ mac_address: port.address, 'binding:host_id': task.node.uuid });
        const outcome = await change(task, { ...port, address }, recorded);
        expect(outcome.bindings[0]).to.include({ mac_address: address, status: 'ACTIVE' });
      });
    }

    for (const n of [0, 1, 2]) {
      it(`is there and bound when the worker dies after request ${n} and does it again`, async () => {
        const { task, port, recorded } = await boundNode(f);
        const fields = { ...given({ port_obj: { ...port, address: randomMac() } }), recorded };
        await crash(f, [n, 'hang after'], 'port_changed', task, fields);
        const outcome = await f.run('port_changed', task, fields);
        expect(outcome.bindings[0]).to.include({ mac_address: fields.args.port_obj?.address, status: 'ACTIVE' });
        const now = await shown(port);
        expect(now).to.include({
          mac_address: fields.args.port_obj?.address,
          status: 'ACTIVE',
          'binding:host_id': task.node.uuid,
        });
        expect(now?.['binding:profile']).to.deep.equal(recorded[0]?.profile);
      });
    }

    it('is set and bound after such a crash for a node that was in use before it had a record', async () => {
      const { task, port } = await boundNode(f);
      const adopted = active(task);
      const fields = given({ port_obj: { ...port, address: randomMac() } });
      await crash(f, [1, 'hang after'], 'port_changed', adopted, fields);
      expect(await shown(port)).to.include({ 'binding:host_id': '' });
      expect((await f.run('port_changed', adopted, fields)).bindings).to.deep.equal([]);
      const now = { mac_address: fields.args.port_obj?.address, status: 'ACTIVE', 'binding:host_id': task.node.uuid };
      expect(await shown(port)).to.include(now);
    });

    it('is taken back when the VIF cannot be bound again, and a lost binding is removed from the record', async () => {
      const { task, port, recorded } = await boundNode(f);
      await f.agents.forget(task.node.uuid);
      const outcome = await change(task, { ...port, address: randomMac() }, recorded);
      expect(outcome.error).to.be.instanceOf(FailedToUpdateMacOnPort);
      expect(outcome.error?.message).to.include('binding_failed').and.include('could not be put back');
      expect(outcome.bindings).to.deep.equal([]);
      expect(outcome.failures[0]).to.include({ port_uuid: port.uuid });
      expect(await shown(port)).to.include({ mac_address: port.address, 'binding:host_id': task.node.uuid });
    });

    it("does not change the ramdisk's port on that NIC, and warns", async () => {
      const task = await f.alive(oneNic());
      const [port = makePort()] = task.ports;
      const recorded = record('cleaning', (await f.run('add_cleaning_network', task)).bindings);
      f.proxy.reset();
      const outcome = await change(task, { ...port, address: randomMac() }, recorded);
      expect(f.proxy.requests).to.deep.equal([]);
      expect(outcome.warnings?.[0]?.reason)
        .to.include(idsOf(recorded)[0])
        .and.include('cleaning')
        .and.include(port.address);
      await f.run('remove_cleaning_network', task, { recorded });
    });

    it('needs a VIF that Neutron has', async () => {
      const port = withVif(makePort(), randomUUID());
      const error = await rejection(change(makeTask({ ports: [port] }), { ...port, address: randomMac() }));
      expect(error).to.be.instanceOf(FailedToUpdateMacOnPort);
      expect(error?.message).to.include(vifOf(port)).and.include(port.uuid);
    });
  });
});
