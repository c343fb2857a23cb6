import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NO_ARGUMENTS } from '../../src/contract/arguments.js';
import { InvalidParameterValue, MissingParameterValue, NetworkError } from '../../src/contract/errors.js';
import type { JsonObject } from '../../src/contract/types.js';
import { createFlatProvider } from '../../src/providers/flat.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeContext, makeNode, makePort, makeTask, record, runMethod } from '../../testkit/fixtures/tasks.js';

describe('what is checked before anything is changed, on a real Neutron', () => {
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

  describe('a deployment outside the provisioning network must boot locally', () => {
    const netboot = async (instance_info: JsonObject) =>
      f.attachVifs(await f.alive(makeTask({ node: makeNode({ instance_info }), ports: [makePort()] })));

    const changes = () => f.proxy.summary().filter((line) => !line.startsWith('GET'));

    for (const instance_info of [
      { capabilities: { boot_option: 'netboot' } },
      { capabilities: '{"boot_option": "netboot"}' },
      { capabilities: 'boot_mode:uefi,boot_option:netboot' },
      { boot_option: 'netboot' },
    ] as JsonObject[]) {
      it(`${JSON.stringify(instance_info)}: an error, named as such`, async () => {
        const task = await netboot(instance_info);
        for (const method of ['configure_tenant_networks', 'add_provisioning_network'] as const) {
          const error = await rejection(f.run(method, task));
          expect(error).to.be.instanceOf(InvalidParameterValue).and.have.property('message').that.includes('netboot');
        }
        expect(changes()).to.deep.equal([]);
        expect((await f.vifsOf(task))[0]).to.include({ 'binding:host_id': '' });
      });
    }

    it('local, said or by default: no error; default_boot_option may say otherwise', async () => {
      const task = await netboot({});
      const { bindings } = await f.run('configure_tenant_networks', task);
      expect(bindings).to.have.length(1);
      await f.run('unconfigure_tenant_networks', task, { recorded: record('tenant', bindings) });
      const other = f.make(createNeutronProvider, { default_boot_option: 'netboot' });
      const error = await rejection(runMethod(other, 'configure_tenant_networks', makeContext(task)));
      expect(error).to.be.instanceOf(InvalidParameterValue);
      const said = { ...task, node: { ...task.node, instance_info: { capabilities: { boot_option: 'local' } } } };
      expect((await runMethod(other, 'configure_tenant_networks', makeContext(said))).bindings).to.have.length(1);
      await f.run('unconfigure_tenant_networks', task);
    });

    it('on the provisioning network a node may boot from it', async () => {
      const task = await netboot({ capabilities: { boot_option: 'netboot' } });
      const node = { ...task.node, driver_info: { provisioning_network: f.tenant.name } };
      const { bindings } = await f.run('configure_tenant_networks', { ...task, node });
      expect(bindings).to.have.length(1);
      await f.run('unconfigure_tenant_networks', task, { recorded: record('tenant', bindings) });
    });

    it('capabilities that cannot be read are refused by name', async () => {
      const task = await netboot({ capabilities: 'netboot' });
      const error = await rejection(f.run('configure_tenant_networks', task));
      expect(error).to.be.instanceOf(InvalidParameterValue).and.have.property('message').that.includes('capabilities');
    });
  });

  describe('validate', () => {
    const args = (network_type: typeof NO_ARGUMENTS.network_type) => ({ args: { ...NO_ARGUMENTS, network_type } });

    it('succeeds, and says which ports could not be moved', async () => {
      const uncabled = makePort({ local_link_connection: {} });
      const outcome = await f.run('validate', makeTask({ ports: [makePort(), uncabled] }), args(null));
      expect(outcome.warnings?.map(({ port_uuid: uuid }) => uuid)).to.deep.equal([uncabled.uuid]);
      expect(outcome.failures).to.deep.equal([]);
    });

    it('lets a node pass whose ports have to be repaired first, and says what is wrong with them', async () => {
      const group = randomUUID();
      const twin = makePort();
      for (const [ports, reason] of [
        [[makePort({ local_link_connection: {} })], 'has no local_link_connection'],
        [[makePort({ is_smartnic: true })], 'is_smartnic'],
        [[makePort({ pxe_enabled: false })], 'no port with pxe_enabled'],
        [[], 'no port with pxe_enabled'],
        [[makePort({ portgroup_uuid: group })], `portgroup_uuid ${group} is not among`],
        [[twin, makePort({ address: twin.address })], `address ${twin.address} is also that of`],
      ] as const) {
        for (const type of [null, 'provisioning'] as const) {
          const { warnings } = await f.run('validate', makeTask({ ports: [...ports] }), args(type));
          expect(warnings).to.have.length(1);
          expect(warnings?.[0]?.reason).to.include(reason);
        }
      }
    });

    it('names a security group that is missing, and lets the node pass', async () => {
      const id = randomUUID();
      const other = f.make(createNeutronProvider, { cleaning_network_security_groups: [id] });
      const { warnings } = await runMethod(other, 'validate', makeContext(makeTask(), args(null)));
      expect(warnings?.map(({ reason }) => reason)).to.deep.equal([
        `cleaning_network_security_groups: Neutron has no security group ${id}; create it, or correct the option`,
      ]);
    });

    it('fails when a network is not there', async () => {
      const missing = randomUUID();
      const unknown = makeTask({ node: makeNode({ driver_info: { cleaning_network: missing } }) });
      for (const [task, type, Class] of [
        [makeTask(), 'rescuing', MissingParameterValue],
        [unknown, 'cleaning', InvalidParameterValue],
        [unknown, null, InvalidParameterValue],
      ] as const) {
        expect(await rejection(f.run('validate', task, args(type)))).to.be.instanceOf(Class);
      }
      expect(f.proxy.summary().every((line) => line.startsWith('GET'))).to.equal(true);
    });

    it('flat needs the cleaning network alone', async () => {
      const flat = f.make(createFlatProvider, { provisioning_network: null });
      expect((await runMethod(flat, 'validate', makeContext(makeTask()))).warnings).to.deep.equal([]);
      const none = f.make(createFlatProvider, { cleaning_network: null });
      expect(await rejection(runMethod(none, 'validate', makeContext(makeTask())))).to.be.instanceOf(
        MissingParameterValue,
      );
      for (const type of ['provisioning', 'rescuing', 'servicing', 'tenant'] as const) {
        await runMethod(none, 'validate', makeContext(makeTask(), args(type)));
      }
    });
  });

  describe('reattach', () => {
    it('unbinds the tenant ports and binds them again, with the MAC addresses that they have', async () => {
      const task = await f.attachVifs(await f.alive());
      const { bindings } = await f.run('configure_tenant_networks', task);
      f.proxy.reset();
      const again = await f.run('reattach', task, { recorded: record('tenant', bindings) });
      const hosts = f.proxy.requests
        .filter(({ method }) => method === 'PUT')
        .map(({ body }) => (JSON.parse(body) as { port: { 'binding:host_id': string } }).port['binding:host_id']);
      expect(hosts).to.deep.equal(['', '', task.node.uuid, task.node.uuid]);
      expect(again.bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
      for (const [index, vif] of (await f.vifsOf(task)).entries()) {
        expect(vif).to.include({ status: 'ACTIVE', mac_address: task.ports[index]?.address });
      }
      await f.run('unconfigure_tenant_networks', task, { recorded: record('tenant', again.bindings) });
    });

    it('says that nothing is bound when it cannot bind them again', async () => {
      const task = await f.attachVifs(await f.alive());
      const { bindings } = await f.run('configure_tenant_networks', task);
      await f.agents.forget(task.node.uuid);
      const outcome = await f.run('reattach', task, { recorded: record('tenant', bindings) });
      expect(outcome.error).to.be.instanceOf(NetworkError);
      expect(outcome.bindings).to.deep.equal([]);
      for (const vif of await f.vifsOf(task)) expect(vif).to.include({ 'binding:host_id': '' });
    });

    it('refuses before it unbinds what it could not bind again', async () => {
      const task = await f.attachVifs(await f.alive());
      const { bindings } = await f.run('configure_tenant_networks', task);
      const recorded = record('tenant', bindings);
      const node = makeNode({ ...task.node, instance_info: { boot_option: 'netboot' } });
      const error = await rejection(f.run('reattach', { ...task, node }, { recorded }));
      expect(error).to.be.instanceOf(InvalidParameterValue);
      for (const vif of await f.vifsOf(task)) {
        expect(vif).to.include({ 'binding:host_id': task.node.uuid, status: 'ACTIVE' });
      }
      await f.run('unconfigure_tenant_networks', task, { recorded });
    });

    it('refuses a node without VIFs', async () => {
      expect(await rejection(f.run('reattach', makeTask()))).to.be.instanceOf(NetworkError);
    });
  });
});
