import { expect } from 'chai';

import { ClientFixture, PORT } from '../../testkit/fixtures/client-fixture.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import type { Netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { startNetprovWorker } from '../../testkit/servers/steered-worker.js';

const HOST = 'conductor-1';
/** Whose network a VIF is on: a MAC address is one port's on a network, and the node has the same on both sides. */
const SIDES = ['ironic', 'netprov'] as const;

describe("VIFs, by the real client before Ironic's API and ours, in a real Neutron", () => {
  let f: ClientFixture;
  let broker: TestBroker;
  let neutron: TestNeutron;
  let worker: Netprov;
  let networks: Record<(typeof SIDES)[number], string>;
  let node: string;

  before(async () => {
    neutron = new TestNeutron();
    networks = { ironic: (await neutron.makeNetwork()).id, netprov: (await neutron.makeNetwork()).id };
    broker = await TestBroker.create();
    const env = { NETPROV_TRANSPORT_URL: broker.url(), NETPROV_NEUTRON_ENDPOINT: neutron.endpoint };
    f = await ClientFixture.start(env);
    worker = await startNetprovWorker({ ...env, ...f.databaseEnv, NETPROV_HOST: HOST, NETPROV_HEALTH_PORT: 'null' });
  });

  after(async () => {
    await worker.stop();
    await f.stop();
    await broker.drop();
    await neutron.drop();
  });

  beforeEach(async () => {
    f.begin();
    node = f.name('alpha');
    // Ironic does not even list VIFs of a node for which it does not know these.
    const known = `--driver-info cleaning_network=${networks.ironic} --driver-info provisioning_network=${networks.ironic}`;
    await f.enroll(0, `--name ${node} ${known}`);
  });

  afterEach(async () => {
    await f.clear();
  });

  /** A Neutron port on each side's network, called `{name}`. */
  const makeVif = async (name: string): Promise<Record<(typeof SIDES)[number], string>> => {
    const [ironic, netprov] = [await neutron.makePort(networks.ironic), await neutron.makePort(networks.netprov)];
    const vif = { ironic: ironic.id, netprov: netprov.id };
    f.both.call(name, vif);
    return vif;
  };

  it("are attached to the node's ports, listed and detached, and Neutron shows it", async () => {
    const [mac, port] = [randomMac(), f.uuids[1]];
    const cabled = '--local-link-connection switch_id=00:1c:73:00:00:01 --local-link-connection port_id=Ethernet1';
    await f.both.same(PORT, `port create ${mac} --node ${f.uuids[0]} --uuid ${port} ${cabled}`);
    const [first] = [await makeVif('first'), await makeVif('second')];
    expect(await f.both.same(['id'], `node vif list ${node}`)).to.deep.equal([]);
    await f.both.does(`node vif attach ${node} {first}`);
    expect(await f.both.same(['id'], `node vif list ${node}`)).to.deep.equal([{ id: '{first}' }]);
    const shown = await f.both.same(PORT, `port show ${port}`);
    expect(shown).to.deep.include({ internal_info: { tenant_vif_port_id: '{first}' } });
    for (const side of SIDES) expect(await neutron.port(first[side])).to.include({ mac_address: mac });
    expect(await f.both.refused(409, `node vif attach ${node} {first}`)).to.include('{first}');
    expect(await f.both.refused(400, `node vif attach ${node} {second}`)).to.include('{second}');
    await f.both.refused(400, `node vif detach ${node} {second}`);
    await f.both.does(`node vif detach ${node} {first}`);
    expect(await f.both.same(['id'], `node vif list ${f.uuids[0]}`)).to.deep.equal([]);
    expect(await f.both.same(PORT, `port show ${port}`)).to.deep.include({ internal_info: {} });
    await f.both.does(`node vif attach ${node} {first} --port-uuid ${port}`);
    await f.both.does(`node vif detach ${node} {first}`);
  });

  it('are refused for an unknown node, and for a node without a free port', async () => {
    await makeVif('vif');
    const gone = f.name('gamma');
    expect(await f.both.refused(404, `node vif list ${gone}`)).to.equal(
      `Node ${gone} could not be found. (HTTP 404)\n`,
    );
    await f.both.refused(404, `node vif attach ${gone} {vif}`);
    await f.both.refused(400, `node vif attach ${node} {vif}`);
    await f.both.refused(400, `node vif attach ${node} nonsense`);
  });
});
