import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { ClientFixture, NODE, PORT, UNKNOWN } from '../../testkit/fixtures/client-fixture.js';
import { randomMac } from '../../testkit/fixtures/samples.js';

/** All that both keep of a node. */
const DESCRIBED = [
  ...NODE,
  'description',
  'driver_info',
  'instance_info',
  'boot_interface',
  'network_data',
  'owner',
  'lessee',
  'created_at',
];
/** What a list has of each node. */
const LISTED = ['uuid', 'name', 'instance_uuid'];

describe("nodes, by the real client before Ironic's API and ours", () => {
  // A command takes a tenth of a second, and two on a busy machine; the client starts in half a second.
  let f: ClientFixture;
  let [alpha, beta, gamma] = ['', '', ''];

  before(async () => {
    f = await ClientFixture.start();
  });

  after(async () => {
    await f.stop();
  });

  beforeEach(() => {
    f.begin();
    [alpha, beta, gamma] = [f.name('alpha'), f.name('beta'), f.name('gamma')];
  });

  afterEach(async () => {
    await f.clear();
  });

  it("are created with the operators' fields, and shown by UUID and by name", async () => {
    const free = '--property cpus=4 --property cpu_arch=x86_64 --extra rack=r1 --extra slots=[1,2]';
    const infos = '--driver-info provisioning_network=prov --boot-interface fake';
    const made = await f.enroll(0, `--name ${alpha} ${free} ${infos}`);
    expect(made).to.include({ uuid: f.uuids[0], name: alpha, network_interface: 'neutron' });
    const shown = await f.both.same(DESCRIBED, `node show ${alpha}`);
    expect(shown).to.deep.include({
      extra: { rack: 'r1', slots: [1, 2] },
      properties: { cpus: 4, cpu_arch: 'x86_64' },
      created_at: 'a time',
    });
    expect(await f.both.same(DESCRIBED, `node show ${f.uuids[0]}`)).to.deep.equal(shown);
    await f.both.same(['uuid', 'extra'], `node show ${alpha} --fields uuid extra`);
  });

  /**
   * What makes Ironic list a node that was changed. Some releases that know parents of nodes (since 1.83) make it its own
   * parent (authorize_node_link_patch, seen in 29.0.5 and 35.0.1), and leave children out of lists.
   */
  async function children(): Promise<string> {
    return (await f.ironicMinor()) >= 83 ? '--include-children' : '';
  }

  it('are changed field by field, and key by key in free-form objects', async () => {
    await f.enroll(0, `--name ${alpha} --extra rack=r1 --property cpus=4`);
    await f.both.does(`node set ${alpha} --extra slot=7 --extra rack=r2 --property memory_mb=4096`);
    await f.both.does(`node set ${alpha} --description 'the first one' --driver-info cleaning_network=c`);
    await f.both.does(`node set ${alpha} --name ${beta} --network-interface flat --boot-interface fake`);
    await f.both.does(`node set ${beta} --instance-info 'capabilities={"boot_option": "local"}'`);
    await f.both.does(`node set ${beta} --owner p1 --lessee p2`);
    const list = `node list ${await children()} --owner p1 --lessee p2`;
    await f.both.same(['uuid', 'owner', 'lessee'], `${list} --fields uuid owner lessee`);
    const set = await f.both.same(DESCRIBED, `node show ${beta}`);
    expect(set).to.deep.include({ extra: { rack: 'r2', slot: 7 }, properties: { cpus: 4, memory_mb: 4096 } });
    expect(set).to.deep.include({ description: 'the first one', driver_info: { cleaning_network: 'c' } });
    expect(set).to.deep.include({ instance_info: { capabilities: { boot_option: 'local' } } });
    await f.both.does(`node unset ${beta} --extra slot --property cpus --description --name`);
    await f.both.does(`node unset ${f.uuids[0]} --driver-info cleaning_network --instance-info capabilities`);
    await f.both.does(`node unset ${f.uuids[0]} --owner --lessee`);
    const unset = await f.both.same(DESCRIBED, `node show ${f.uuids[0]}`);
    expect(unset).to.deep.include({ name: null, extra: { rack: 'r2' }, description: null, driver_info: {} });
  });

  it('take network data from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netprov-test-'));
    const file = join(folder, 'network-data.json');
    const data = { networks: [], links: [], services: [] };
    writeFileSync(file, JSON.stringify(data));
    await f.enroll(0, `--name ${alpha} --network-data ${file}`);
    expect(await f.both.same(['network_data'], `node show ${alpha}`)).to.deep.equal({ network_data: data });
    await f.both.does(`node unset ${alpha} --network-data`);
    expect(await f.both.same(['network_data'], `node show ${alpha}`)).to.deep.equal({ network_data: {} });
    rmSync(folder, { recursive: true });
  });

  it('have an instance that no other node has, and are found by it', async () => {
    const instance = randomUUID();
    await f.enroll(0, `--name ${alpha}`);
    await f.enroll(1, `--name ${beta}`);
    await f.both.does(`node set ${alpha} --instance-uuid ${instance}`);
    const [all, show] = [await children(), `node show --instance ${instance}`];
    // This looks in a list too, but takes no such option.
    if (all === '') await f.both.same(['uuid', 'instance_uuid'], show);
    else expect((await f.both.run(show)).netprov.stdout).to.include(f.uuids[0]);
    const list = `node list ${all} --resource-class ${f.run}`;
    expect(await f.both.same(LISTED, `${list} --associated`)).to.have.length(1);
    expect(await f.both.same(LISTED, `${list} --unassociated`)).to.have.length(1);
    await f.both.refused(409, `node set ${beta} --instance-uuid ${instance}`);
    expect(await f.both.refused(409, `node delete ${alpha}`)).to.include(instance);
    await f.both.refused(404, `node show --instance ${UNKNOWN}`);
    await f.both.does(`node unset ${alpha} --instance-uuid`);
  });

  it('are listed in pages, sorted, filtered and with the fields asked for', async () => {
    await f.enroll(0, `--name ${beta}`);
    await f.enroll(1, `--name ${alpha}`);
    await f.enroll(2, `--name ${gamma}`);
    const list = `node list --resource-class ${f.run}`;
    expect(await f.both.same(LISTED, list)).to.have.length(3);
    expect(await f.both.same(LISTED, `${list} --limit 2`)).to.have.length(2);
    expect(await f.both.same(LISTED, `${list} --limit 2 --marker ${f.uuids[1]}`)).to.have.length(1);
    expect(await f.both.same(LISTED, `${list} --limit 0`)).to.have.length(3);
    const sorted = await f.both.same(['name'], `${list} --sort name:desc`);
    expect(sorted).to.deep.equal([{ name: gamma }, { name: beta }, { name: alpha }]);
    await f.both.same(['uuid', 'extra', 'network_interface'], `${list} --fields uuid extra network_interface`);
    const long = ['driver', 'driver_info', 'network_interface', 'properties', 'extra', 'created_at', 'description'];
    await f.both.same([...LISTED, ...long, 'instance_info', 'network_data'], `${list} --long`);
    expect(await f.both.same(LISTED, `${list} --driver fake-hardware`)).to.have.length(3);
    expect(await f.both.same(LISTED, `${list} --driver redfish`)).to.deep.equal([]);
    expect(await f.both.same(LISTED, `${list} --provision-state active`)).to.deep.equal([]);
  });

  it('are deleted one by one, and unknown ones are named', async () => {
    await f.enroll(0, `--name ${alpha}`);
    await f.enroll(1, `--name ${beta}`);
    await f.both.does(`node delete ${alpha}`);
    const said = await f.both.refused(404, `node delete ${alpha} ${beta}`);
    expect(said).to.equal(`Failed to delete node ${alpha}: Node ${alpha} could not be found. (HTTP 404)\n`);
    expect(await f.both.same(LISTED, `node list --resource-class ${f.run}`)).to.deep.equal([]);
  });

  it('are refused with the same status as in Ironic when a request is wrong', async () => {
    await f.enroll(0, `--name ${alpha}`);
    await f.enroll(1, `--name ${beta}`);
    const create = 'node create --driver fake-hardware';
    const refusals: [number, string, string][] = [
      [404, `node show ${gamma}`, `Node ${gamma} could not be found.`],
      [404, `node show ${UNKNOWN}`, `Node ${UNKNOWN} could not be found.`],
      [404, `node set ${gamma} --extra a=b`, `Node ${gamma} could not be found.`],
      [404, `node list --marker ${UNKNOWN}`, UNKNOWN],
      [400, 'node list --marker nonsense', 'marker'],
      [409, `${create} --name ${alpha}`, `A node with name ${alpha} already exists.`],
      [409, `${create} --uuid ${f.uuids[0]}`, `A node with UUID ${f.uuids[0]} already exists.`],
      [409, `node set ${alpha} --name ${beta}`, `A node with name ${beta} already exists.`],
      [400, `${create} --uuid nonsense`, 'uuid'],
      [400, `${create} --name ${UNKNOWN}`, 'name'],
      [400, `${create} --name detail`, 'detail'],
      [400, `${create} --network-interface token-ring`, 'token-ring'],
      [400, `node set ${alpha} --name 'two words'`, 'name'],
      [400, `node set ${alpha} --network-interface token-ring`, 'token-ring'],
      [400, `node set ${alpha} --instance-uuid nonsense`, 'instance_uuid'],
      [400, `node unset ${alpha} --extra missing`, '/extra/missing'],
      [400, `node unset ${alpha} --property missing`, '/properties/missing'],
    ];
    for (const [status, command, words] of refusals) {
      expect(await f.both.refused(status, command), command).to.include(words);
    }
  });

  it('show only the fields of older versions in these versions', async () => {
    const port = randomUUID();
    await f.enroll(0, `--name ${alpha} --boot-interface fake`);
    await f.both.same(PORT, `port create ${randomMac()} --node ${f.uuids[0]} --uuid ${port}`);
    const first = ['uuid', 'driver', 'extra', 'properties', 'created_at', 'instance_uuid', 'driver_info'];
    const fields: Record<string, string[]> = {
      '1.1': first,
      '1.19': [...first, 'name'],
      '1.20': [...first, 'name', 'network_interface'],
      '1.21': [...first, 'name', 'network_interface', 'resource_class'],
      latest: DESCRIBED,
    };
    const unknown = ['name', 'network_interface', 'resource_class', 'description'];
    for (const [version, shown] of Object.entries(fields)) {
      const command = `node show ${f.uuids[0]} --os-baremetal-api-version ${version}`;
      await f.both.same(shown, command);
      await f.both.lacks(
        unknown.filter((field) => !shown.includes(field)),
        command,
      );
    }
    await f.both.same(['uuid', 'address', 'extra'], `port show ${port} --os-baremetal-api-version 1.18`);
    await f.both.lacks(['pxe_enabled', 'local_link_connection'], `port show ${port} --os-baremetal-api-version 1.18`);
    await f.both.same(['pxe_enabled', 'local_link_connection'], `port show ${port} --os-baremetal-api-version 1.19`);
  });

  it('refuse changes of fields that the requested version lacks, and unknown versions', async () => {
    await f.enroll(0, `--name ${alpha}`);
    const commands: [string, string][] = [
      ['1.19', 'node list --fields uuid network_interface'],
      ['1.19', `node set ${alpha} --network-interface flat`],
      ['1.20', `node set ${alpha} --description new`],
      ['1.18', `port create ${randomMac()} --node ${f.uuids[0]} --pxe-enabled true`],
      ['1.33', `port create ${randomMac()} --node ${f.uuids[0]} --physical-network physnet1`],
      ['1.999', 'node list'],
    ];
    for (const [version, command] of commands) {
      const said = await f.both.refused(null, `${command} --os-baremetal-api-version ${version}`);
      expect(said.replace(/\s+/g, ' '), command).to.include('Supported version range is 1.1 to 1.');
    }
    await f.both.refused(404, 'port group list --os-baremetal-api-version 1.22');
    await f.both.refused(404, `node show ${alpha} --os-baremetal-api-version 1.4`);
    await f.both.refused(404, `node vif list ${f.uuids[0]} --os-baremetal-api-version 1.27`);
    // Our own, asked without a version, which is 1.1, knows names.
    expect((await fetch(`${f.endpoint}/v1/nodes/${alpha}/network`)).status).to.equal(200);
  });
});
