import { expect } from 'chai';

import { Conflict, FailedToUpdateDHCPOptOnPort, InvalidParameterValue } from '../../src/contract/errors.js';
import type { Port, Portgroup, RecordedBinding, Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import type { ProviderOutcome } from '../../src/providers/provider.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { makeLagTask, makePort, makePortgroup, record, vifOf, withVif } from '../../testkit/fixtures/tasks.js';
import { boundNode, given, oneNic } from '../../testkit/fixtures/vif-tasks.js';

describe('what else changes of a port, and a portgroup that changes, on a real Neutron', () => {
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
  const changeGroup = (
    task: Task,
    portgroup_obj: Portgroup,
    recorded: RecordedBinding[] = [],
  ): Promise<ProviderOutcome> => f.run('portgroup_changed', task, { ...given({ portgroup_obj }), recorded });
  const shown = (port: Port | Portgroup): Promise<NeutronPort | null> => f.neutron.port(vifOf(port));
  const puts = (): string[] => f.proxy.requests.filter(({ method }) => method === 'PUT').map(({ body }) => body);

  it('a new DHCP client id reaches the VIF, and goes again, without unbinding it', async () => {
    const { task, port, recorded } = await boundNode(f);
    const options = async () =>
      (await shown(port))?.extra_dhcp_opts?.map(({ opt_name, opt_value }) => [opt_name, opt_value]);
    const first = { ...port, extra: { 'client-id': 'ff:01' } };
    await change(task, first, recorded);
    expect(await options()).to.deep.equal([['61', 'ff:01']]);
    const second = { ...port, extra: { 'client-id': 'ff:02' } };
    await change({ ...task, ports: [first] }, second, recorded);
    expect(await options()).to.deep.equal([['61', 'ff:02']]);
    const address = randomMac();
    const outcome = await change({ ...task, ports: [second] }, { ...port, address }, recorded);
    expect(await options()).to.deep.equal([]);
    expect(outcome.bindings[0]).to.include({ mac_address: address, status: 'ACTIVE' });
    expect(puts()).to.have.length(4);
    f.proxy.fate = ({ method }) => (method === 'PUT' ? { status: 400 } : 'pass');
    const error = await rejection(change(task, { ...port, extra: { 'client-id': 'ff:03' } }, recorded));
    expect(error).to.be.instanceOf(FailedToUpdateDHCPOptOnPort);
    expect(error?.message).to.include(port.uuid);
  });

  it('a change that needs a new binding is a warning', async () => {
    const { task, port, recorded } = await boundNode(f);
    const cabled = { ...port, local_link_connection: { switch_id: '00:11:22:33:44:66', port_id: 'Ethernet1/2' } };
    const outcome = await change(task, { ...cabled, physical_network: null }, recorded);
    expect(f.proxy.requests).to.deep.equal([]);
    expect(outcome.warnings?.map(({ port_uuid }) => port_uuid)).to.deep.equal([port.uuid]);
    expect(outcome.warnings?.[0]?.reason).to.include('local_link_connection, physical_network').and.include('reattach');
    expect(
      (await change(task, { ...port, extra: { note: 'x' }, pxe_enabled: false }, recorded)).warnings,
    ).to.deep.equal([]);
    expect((await change(task, cabled)).warnings).to.deep.equal([]);
  });

  it('a port or portgroup must be in the task, and what contradicts it is refused before anything is asked', async () => {
    const lag = makeLagTask();
    const task = await f.attachVifs(oneNic());
    const [port = makePort()] = task.ports;
    for (const refused of [change(task, makePort()), changeGroup(task, makePortgroup())]) {
      expect(await rejection(refused)).to.be.instanceOf(InvalidParameterValue);
    }
    const joins = { ...port, portgroup_uuid: lag.portgroups[0]?.uuid ?? null, address: randomMac() };
    expect(await rejection(change({ ...task, portgroups: lag.portgroups }, joins))).to.be.instanceOf(Conflict);
    const [group = makePortgroup()] = lag.portgroups.map((own) => ({ ...own, standalone_ports_supported: true }));
    const whole = { ...group, standalone_ports_supported: false, address: randomMac() };
    expect(await rejection(changeGroup({ ...lag, portgroups: [group] }, whole))).to.be.instanceOf(Conflict);
    expect(f.proxy.requests).to.deep.equal([]);
  });

  describe('a portgroup', () => {
    /** A node whose portgroup's VIF is bound and on record. */
    async function boundGroup(address: string | null) {
      const lag = makeLagTask({ address });
      const portgroups = [withVif(lag.portgroups[0] ?? makePortgroup(), (await f.neutron.makePort(f.tenant.id)).id)];
      const task = await f.alive({ ...lag, portgroups });
      const { bindings } = await f.run('configure_tenant_networks', task);
      f.proxy.reset();
      return { task, group: portgroups[0] ?? makePortgroup(), recorded: record('tenant', bindings) };
    }

    it('that gets a MAC address, or another one, gives it to its VIF', async () => {
      const { task, group, recorded } = await boundGroup(null);
      for (const address of [randomMac(), randomMac()]) {
        const outcome = await changeGroup(task, { ...group, address }, recorded);
        expect(outcome.bindings[0]).to.include({ portgroup_uuid: group.uuid, mac_address: address, status: 'ACTIVE' });
        const now = await shown(group);
        expect(now).to.include({ mac_address: address, status: 'ACTIVE' });
        expect(now?.['binding:profile']).to.deep.equal(recorded[0]?.profile);
      }
    });

    it('that loses its MAC address leaves it to its VIF; a new mode needs a new binding', async () => {
      const address = randomMac();
      const { task, group, recorded } = await boundGroup(address);
      const outcome = await changeGroup(task, { ...group, address: null, mode: 'active-backup' }, recorded);
      expect(f.proxy.requests).to.deep.equal([]);
      expect(await shown(group)).to.include({ mac_address: address });
      expect(outcome.warnings?.[0]).to.include({ portgroup_uuid: group.uuid });
      expect(outcome.warnings?.[0]?.reason).to.include('mode').and.include('reattach');
    });
  });
});
