import { expect } from 'chai';

import { NetworkProviderClient } from '../../src/client/network-provider-client.js';
import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { until } from '../../testkit/fixtures/poll.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { freePort } from '../../testkit/proxies/free-port.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { IronicNeutronAgent } from '../../testkit/servers/ironic-neutron-agent.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';

const VERSION = { 'X-OpenStack-Ironic-API-Version': '1.82', 'Content-Type': 'application/json' };

describe('ironic-neutron-agent of networking-baremetal', () => {
  const place = new CommandPlace();
  let api: string;
  let agent: IronicNeutronAgent;
  let cloud: TestNeutron;
  let agents: BaremetalAgents;
  let client: NetworkProviderClient;
  let node: string;

  before(async () => {
    await place.open();
    await place.renew();
    cloud = new TestNeutron();
    agents = new BaremetalAgents();
    const port = await freePort();
    api = `http://127.0.0.1:${port}`;
    const cleaning = await cloud.makeNetwork();
    const [server] = [
      place.start(['api'], {
        NETPROV_AUTH_STRATEGY: 'noauth',
        NETPROV_API_PORT: String(port),
        NETPROV_API_HEALTH_PORT: '0',
      }),
      await place.startWorker({ NETPROV_NEUTRON_ENDPOINT: cloud.endpoint, NETPROV_CLEANING_NETWORK: cleaning.id }),
    ];
    await server.says('the API answers');
    agent = new IronicNeutronAgent(api);
    client = new NetworkProviderClient({ transportUrl: place.broker.url() });
  });

  after(async () => {
    await client.close();
    await agent.stop();
    // What it reported stays alive in Neutron for an hour.
    await agents.forget(node);
    await place.clear();
    await cloud.drop();
    await agents.close();
    await place.close();
  });

  async function post(path: string, body: object): Promise<{ uuid: string }> {
    const answer = await fetch(`${api}${path}`, { method: 'POST', headers: VERSION, body: JSON.stringify(body) });
    expect(answer.status, await answer.clone().text()).to.equal(201);
    return (await answer.json()) as { uuid: string };
  }

  it('tells Neutron of nodes that were enrolled with us, and Neutron binds their ports', async () => {
    const { uuid } = await post('/v1/nodes', { name: 'known-to-neutron', network_interface: 'neutron' });
    node = uuid;
    await post('/v1/ports', {
      node_uuid: uuid,
      address: randomMac(),
      physical_network: 'physnet1',
      local_link_connection: { switch_id: '00:1c:73:00:00:01', port_id: 'Ethernet1' },
    });
    await until('Neutron knows the node', async () => {
      const found = await cloud.api<{ agents: { alive: boolean }[] }>('GET', `agents?host=${uuid}`);
      return found.agents.some(({ alive }) => alive);
    });
    const { bindings } = await client.call('add_cleaning_network', { host: HOST, nodeId: uuid });
    expect(bindings.map(({ status, vif_type, host_id }) => [status, vif_type, host_id])).to.deep.equal([
      ['ACTIVE', 'other', uuid],
    ]);
    await client.call('remove_cleaning_network', { host: HOST, nodeId: uuid });
  });
});
