import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { ClientFixture, PORT, UNKNOWN } from '../../testkit/fixtures/client-fixture.js';
import { randomMac } from '../../testkit/fixtures/samples.js';

const PORTGROUP = [
  'uuid',
  'address',
  'created_at',
  'extra',
  'standalone_ports_supported',
  'node_uuid',
  'name',
  'internal_info',
  'mode',
  'properties',
];

const link = (...values: string[]): string => values.map((value) => `--local-link-connection ${value}`).join(' ');
const CABLED = link('switch_id=00:1c:73:00:00:01', 'port_id=Ethernet1', 'switch_info=tor-1');

describe("ports and portgroups, by the real client before Ironic's API and ours", () => {
  let f: ClientFixture;
  let [alpha, gamma] = ['', ''];
  let [mac, other] = ['', ''];

  before(async () => {
    f = await ClientFixture.start();
  });

  after(async () => {
    await f.stop();
  });

  beforeEach(async () => {
    f.begin();
    [alpha, gamma] = [f.name('alpha'), f.name('gamma')];
    [mac, other] = [randomMac(), randomMac()];
    // Networks are of no matter to these.
    await f.enroll(0, `--name ${alpha} --network-interface noop`);
  });

  afterEach(async () => {
    await f.clear();
  });

  const make = (uuid: string, address: string, options = ''): Promise<unknown> =>
    f.both.same(PORT, `port create ${address} --node ${f.uuids[0]} --uuid ${uuid} ${options}`);

  it('are created with their cabling, and shown by UUID and by MAC address', async () => {
    const port = randomUUID();
    const options = '--pxe-enabled false --physical-network physnet1 --extra client-id=ff';
    const made = await make(port, mac.toUpperCase(), `${CABLED} ${options}`);
    expect(made).to.include({ address: mac, pxe_enabled: false, physical_network: 'physnet1', is_smartnic: false });
    expect(await f.both.same(PORT, `port show ${port}`)).to.deep.equal(made);
    expect(await f.both.same(PORT, `port show --address ${mac}`)).to.deep.equal(made);
    await f.both.same(['uuid', 'address'], `port show ${port} --fields uuid address`);
  });

  it('are created with few fields, and as smart NICs', async () => {
    const plain = await make(randomUUID(), mac);
    expect(plain).to.deep.include({ pxe_enabled: true, local_link_connection: {}, physical_network: null });
    const smart = await make(randomUUID(), other, `--is-smartnic ${link('hostname=host-1', 'port_id=rep0-0')}`);
    expect(smart).to.include({ is_smartnic: true });
  });

  it('are changed, listed and deleted', async () => {
    const [first = '', second = ''] = [randomUUID(), randomUUID()].sort();
    await make(first, mac, `${CABLED} --physical-network physnet1`);
    await make(second, other);
    const options = `--extra a=b --physical-network physnet2 ${link('port_id=Ethernet9')}`;
    await f.both.does(`port set ${first} --pxe-disabled ${options}`);
    const set = await f.both.same([...PORT, 'updated_at'], `port show ${first}`);
    expect(set).to.deep.include({ pxe_enabled: false, physical_network: 'physnet2', updated_at: 'a time' });
    await f.both.does(`port unset ${first} --extra a --physical-network`);
    expect(await f.both.same(PORT, `port show ${first}`)).to.deep.include({ extra: {}, physical_network: null });
    const list = `port list --node ${alpha}`;
    expect(await f.both.same(['uuid', 'address'], list)).to.have.length(2);
    expect(await f.both.same(['uuid'], `${list} --limit 1 --marker ${first}`)).to.deep.equal([{ uuid: second }]);
    await f.both.same(['uuid'], `${list} --sort address:desc`);
    await f.both.same(['uuid', 'extra', 'node_uuid'], `${list} --fields uuid extra node_uuid`);
    const long = ['pxe_enabled', 'physical_network', 'local_link_connection', 'is_smartnic'];
    await f.both.same(['uuid', 'address', 'node_uuid', 'portgroup_uuid', ...long], `${list} --long`);
    expect(await f.both.same(['uuid'], `port list --address ${mac.toUpperCase()}`)).to.deep.equal([{ uuid: first }]);
    await f.both.does(`port delete ${first}`);
    const said = await f.both.refused(404, `port delete ${first} ${second}`);
    expect(said).to.include(`Port ${first} could not be found.`);
    expect(await f.both.same(['uuid'], list)).to.deep.equal([]);
  });

  it('are refused with the same status as in Ironic when a request is wrong', async () => {
    const port = randomUUID();
    await make(port, mac);
    await make(randomUUID(), other);
    const create = `port create ${randomMac()}`;
    const here = `--node ${f.uuids[0]}`;
    // Since Ironic 23.1 a port may have a name.
    const named = (await f.ironicMinor()) >= 88;
    const refusals: [number, string, string][] = [
      [409, `port create ${mac} ${here}`, `A port with MAC address ${mac} already exists.`],
      [409, `port set ${port} --address ${other}`, `A port with MAC address ${other} already exists.`],
      [400, `port create nonsense ${here}`, 'address'],
      [400, `${create} --node ${alpha}`, 'node_uuid'],
      [400, `${create} --node ${UNKNOWN}`, `Node ${UNKNOWN} could not be found.`],
      [400, `${create} ${here} --port-group ${UNKNOWN}`, `Portgroup ${UNKNOWN} could not be found.`],
      [400, `${create} ${here} --pxe-enabled perhaps`, 'pxe_enabled'],
      [400, `${create} ${here} ${link('port_id=Ethernet1')}`, 'switch_id'],
      [400, `${create} ${here} ${CABLED} ${link('color=red')}`, 'color'],
      [400, `${create} ${here} ${link('switch_id=nonsense', 'port_id=Ethernet1')}`, 'switch_id'],
      [400, `port set ${port} --address nonsense`, 'address'],
      [400, `port unset ${port} --extra missing`, '/extra/missing'],
      [named ? 404 : 400, 'port show nonsense', named ? 'Port nonsense could not be found.' : 'UUID'],
      [404, `port show ${UNKNOWN}`, `Port ${UNKNOWN} could not be found.`],
      [404, `port set ${UNKNOWN} --extra a=b`, `Port ${UNKNOWN} could not be found.`],
      [404, `port list --node ${gamma}`, `Node ${gamma} could not be found.`],
      [404, `port list --marker ${UNKNOWN}`, `Port ${UNKNOWN} could not be found.`],
      [404, `port list --port-group ${gamma}`, `Portgroup ${gamma} could not be found.`],
      [400, 'port list --address nonsense', 'address'],
      [404, `port show --address ${randomMac()}`, 'Not Found'],
    ];
    for (const [status, command, words] of refusals) {
      expect(await f.both.refused(status, command), command).to.include(words);
    }
  });

  it('are put into portgroups, which are made, changed, listed and deleted', async () => {
    const [port, bond] = [randomUUID(), f.name('bond')];
    const create = `port group create --node ${f.uuids[0]}`;
    const options = `--name ${bond} --address ${mac} --mode 802.3ad --property miimon=100 --extra a=b`;
    await f.both.make('bond', PORTGROUP, `${create} ${options}`);
    await f.both.make('plain', PORTGROUP, `${create} --name ${f.name('plain')} --unsupport-standalone-ports`);
    expect(await f.both.same(PORTGROUP, `port group show ${bond}`)).to.include({ uuid: '{bond}', mode: '802.3ad' });
    const shown = await f.both.same(['uuid', 'name'], `port group show --address ${mac}`);
    expect(shown).to.deep.equal({ uuid: '{bond}', name: bond });
    const plain = { mode: 'active-backup', standalone_ports_supported: false, address: null };
    expect(await f.both.same(PORTGROUP, 'port group show {plain}')).to.include(plain);
    expect(await make(port, other, '--port-group {bond}')).to.include({ portgroup_uuid: '{bond}' });
    expect(await f.both.same(['uuid'], `port list --port-group ${bond}`)).to.deep.equal([{ uuid: port }]);
    // Of the real Ironic of Debian 12 only its database refuses that, with 500.
    const { netprov } = await f.both.run(`port group delete ${bond}`);
    expect(netprov.stderr).to.include('contains ports. (HTTP 400)');
    await f.both.does(`port unset ${port} --port-group`);
    await f.both.does(`port set ${port} --port-group {bond}`);
    await f.both.does(`port group set ${bond} --mode active-backup --property miimon=50 --extra c=d`);
    await f.both.does(`port group unset ${bond} --address --extra a`);
    const set = await f.both.same([...PORTGROUP, 'updated_at'], `port group show ${bond}`);
    expect(set).to.deep.include({
      address: null,
      mode: 'active-backup',
      properties: { miimon: 50 },
      extra: { c: 'd' },
    });
    const list = `port group list --node ${alpha}`;
    expect(await f.both.same(['uuid', 'name', 'address'], `${list} --sort name`)).to.have.length(2);
    await f.both.same(['mode', 'properties', 'standalone_ports_supported', 'node_uuid'], `${list} --sort name --long`);
    expect(await f.both.same(['name'], `port group list --address ${mac}`)).to.deep.equal([]);
    await f.both.refused(409, `${create} --name ${bond}`);
    await f.both.refused(400, `port group create --node ${alpha} --name ${gamma}`);
    await f.both.refused(400, `port group create --node ${UNKNOWN} --name ${gamma}`);
    expect(await f.both.refused(404, `port group show ${gamma}`)).to.include(`Portgroup ${gamma} could not be found.`);
    await f.both.does(`port delete ${port}`);
    expect(await f.both.refused(404, `port group delete ${bond} ${gamma}`)).to.include(gamma);
  });
});
