import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { FailedToUpdateDHCPOptOnPort, TransientError } from '../../src/contract/errors.js';
import type { DhcpOption, RecordedBinding, Task } from '../../src/contract/types.js';
import type { ProviderOutcome } from '../../src/providers/provider.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeLagTask, makePort, makeTask, record, vifOf, withVif } from '../../testkit/fixtures/tasks.js';
import { given, oneNic } from '../../testkit/fixtures/vif-tasks.js';

const option = (opt_name: string, opt_value: string | null, ip_version: number | null = null): DhcpOption => ({
  opt_name,
  opt_value,
  ip_version,
});

describe('DHCP options of a node, on a real Neutron', () => {
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

  const set = (task: Task, options: DhcpOption[], recorded: RecordedBinding[] = []): Promise<ProviderOutcome> =>
    f.run('update_dhcp_options', task, { ...given({ options }), recorded });

  /** What Neutron shows, as name, value and IP version. */
  async function shown(id: string): Promise<unknown[][]> {
    const options = (await f.neutron.port(id))?.extra_dhcp_opts ?? [];
    return options.map((own) => [own.opt_name, own.opt_value, own.ip_version]).sort();
  }

  async function dualStack(): Promise<object> {
    const subnet = { network_id: f.tenant.id, ip_version: 6, cidr: 'fd00:6::/64' };
    const made = await f.neutron.api<{ subnet: { id: string } }>('POST', 'subnets', { subnet });
    return { fixed_ips: [{ subnet_id: made.subnet.id }] };
  }

  it('are set on the port of each NIC, in one list and one update for each, and not again', async () => {
    const task = await f.attachVifs(makeTask());
    const boot = [option('67', 'boot.efi'), option('bootfile-name', 'boot6.efi', 6), option('150', '10.0.0.1', 4)];
    const outcome = await set(task, boot);
    expect(outcome).to.deep.equal({ bindings: [], failures: [], warnings: [] });
    expect(f.proxy.summary()[0]).to.equal('GET /v2.0/ports');
    expect(f.proxy.summary()).to.have.length(3);
    // Those of IPv6 are of no use to an address of IPv4.
    const expected = [
      ['150', '10.0.0.1', 4],
      ['67', 'boot.efi', 4],
    ];
    for (const port of task.ports) expect(await shown(vifOf(port))).to.deep.equal(expected);
    f.proxy.reset();
    await set(task, boot);
    expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports']);
    await set(task, [option('67', 'other.efi'), option('150', null)]);
    for (const port of task.ports) expect(await shown(vifOf(port))).to.deep.equal([['67', 'other.efi', 4]]);
  });

  it("keep the port's spelling of their names, because Neutron ignores case", async () => {
    const task = await f.attachVifs(oneNic());
    await set(task, [option('bootfile-name', 'a'), option('server-ip-address', '10.0.0.1')]);
    const outcome = await set(task, [option('Bootfile-Name', 'b'), option('SERVER-IP-ADDRESS', null)]);
    expect(outcome.failures).to.deep.equal([]);
    expect(await shown(vifOf(task.ports[0] ?? makePort()))).to.deep.equal([['bootfile-name', 'b', 4]]);
  });

  it('fail at once when Neutron cannot store them', async () => {
    const task = await f.attachVifs(oneNic());
    for (const value of ['a \u{1F600}', 'x'.repeat(256), 'two\nlines', '']) {
      const error = await rejection(set(task, [option('67', value)]));
      expect(error, JSON.stringify(value)).to.be.instanceOf(FailedToUpdateDHCPOptOnPort);
    }
  });

  it('are set on the port made for a ramdisk while there is one, and on that of a portgroup', async () => {
    const task = await f.alive(await f.attachVifs(oneNic()));
    const recorded = record('cleaning', (await f.run('add_cleaning_network', task)).bindings);
    await set(task, [option('67', 'ramdisk')], recorded);
    expect(await shown(idsOf(recorded)[0] ?? '')).to.deep.equal([['67', 'ramdisk', 4]]);
    expect(await shown(vifOf(task.ports[0] ?? makePort()))).to.deep.equal([]);
    await f.run('remove_cleaning_network', task, { recorded });

    const lag = makeLagTask();
    const vif = await f.neutron.makePort(f.tenant.id);
    await set({ ...lag, portgroups: lag.portgroups.map((group) => withVif(group, vif.id)) }, [option('67', 'lag')]);
    expect(await shown(vif.id)).to.deep.equal([['67', 'lag', 4]]);
  });

  it("are set for the IP versions of a port's addresses, and not at all without addresses", async () => {
    const vif = async (attributes: object) =>
      withVif(makePort(), (await f.neutron.makePort(f.tenant.id, attributes)).id);
    const ports = [await vif(await dualStack()), await vif({ fixed_ips: [] })];
    const outcome = await set(makeTask({ ports }), [option('67', 'four'), option('59', 'six', 6)]);
    expect(await shown(vifOf(ports[0] ?? makePort()))).to.deep.equal([['59', 'six', 6]]);
    expect(await shown(vifOf(ports[1] ?? makePort()))).to.deep.equal([]);
    expect(outcome.failures).to.deep.equal([]);
    expect(outcome.warnings?.map(({ port_uuid }) => port_uuid)).to.deep.equal([ports[1]?.uuid]);
    expect(outcome.warnings?.[0]?.reason).to.include('no address');
    const six = await set(makeTask({ ports: ports.slice(0, 1) }), [option('67', 'four')]);
    expect(six.warnings?.[0]?.reason).to.include('IPv6 only');
  });

  it('may fail on some ports, which the result names; a failure on all ports fails the method', async () => {
    const task = await f.attachVifs(makeTask());
    const [first = makePort(), second = makePort()] = task.ports;
    f.proxy.fate = ({ path }) =>
      path.endsWith(vifOf(first)) ? { status: 400, body: { NeutronError: { type: 'InvalidInput' } } } : 'pass';
    const outcome = await set(task, [option('67', 'boot')]);
    expect(outcome.failures.map(({ port_uuid }) => port_uuid)).to.deep.equal([first.uuid]);
    expect(outcome.failures[0]?.reason).to.include('InvalidInput');
    expect(await shown(vifOf(second))).to.deep.equal([['67', 'boot', 4]]);

    const all = { ...task, ports: [first, withVif(makePort(), randomUUID())] };
    const error = await rejection(set(all, [option('67', 'boot')]));
    expect(error).to.be.instanceOf(FailedToUpdateDHCPOptOnPort);
    expect(error?.message).to.include('InvalidInput').and.include('does not exist').and.include(task.node.uuid);
    const none = await rejection(set(makeTask(), [option('67', 'boot')]));
    expect(none).to.be.instanceOf(FailedToUpdateDHCPOptOnPort);
    expect(none?.message).to.include('has no Neutron port');
  });

  it('are tried again when Neutron is away for a moment', async () => {
    const task = await f.attachVifs(oneNic());
    f.proxy.fate = ({ method }) => (method === 'PUT' ? 'cut after' : 'pass');
    expect(await rejection(set(task, [option('67', 'boot')]))).to.be.instanceOf(TransientError);
    f.proxy.reset();
    await set(task, [option('67', 'boot')]);
    expect(await shown(vifOf(task.ports[0] ?? makePort()))).to.deep.equal([['67', 'boot', 4]]);
  });
});
