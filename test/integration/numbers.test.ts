import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { readResult } from '../../src/contract/result.js';
import type { JsonObject, PortBinding } from '../../src/contract/types.js';
import { protobufCodec } from '../../src/messages/protobuf.js';
import { patchOf, TestApi } from '../../testkit/fixtures/api-client.js';
import { randomMac, samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { connectClient, EXCHANGE, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const RESULTS = `${TOPIC}_results.conductor-1`;
const TARGET = { topic: TOPIC, server: 'conductor-1' };
/** As many bits as a WWN and a switch's port_id may have, and one more than a double holds. */
const LINK = { port_id: 18446744073709551615n, switch_info: -9223372036854775808n, hostname: 9007199254740993n };

describe('whole numbers that a double does not hold', () => {
  let fixture: WorkerFixture;
  let seen: JsonObject[];

  before(async () => {
    fixture = await WorkerFixture.create();
  });
  beforeEach(async () => {
    seen = [];
    const binding = (profile: JsonObject): PortBinding => ({
      ...{ port_uuid: randomUUID(), portgroup_uuid: null, neutron_port_id: randomUUID(), network_id: randomUUID() },
      ...{ host_id: 'h', vnic_type: 'baremetal', vif_type: 'other', status: 'ACTIVE', mac_address: randomMac() },
      fixed_ips: [],
      profile,
    });
    const none = scriptedProvider((_method, { task: { ports } }) => {
      const link = ports[0]?.local_link_connection ?? {};
      seen.push(link);
      return Promise.resolve({ bindings: [binding({ local_link_information: [link] })], failures: [] });
    });
    await fixture.start({ none });
    await fixture.listen(RESULTS);
  });
  afterEach(() => fixture.reset());
  after(() => fixture.drop());

  it('reach the provider, the record and the result unchanged', async () => {
    const task = sampleTask();
    task.ports = [samplePort({ local_link_connection: 'the link' })];
    const link = '{"port_id": 18446744073709551615, "switch_info": -9223372036854775808, "hostname": 9007199254740993}';
    const args = JSON.stringify({ task }).replace('"the link"', link);
    const inner = `{"method": "add_cleaning_network", "args": ${args}, "version": "1.0", "_unique_id": "${randomUUID()}"}`;
    const body = Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': inner }));
    await fixture.broker.onChannel((channel) =>
      Promise.resolve(channel.publish(EXCHANGE, `${TOPIC}.conductor-1`, body, { contentType: 'application/json' })),
    );
    const { result } = await fixture.nextResult(RESULTS);
    expect(result.bindings[0]?.profile).to.deep.equal({ local_link_information: [LINK] });
    expect(seen).to.deep.equal([LINK]);

    // What is on record comes to the provider too, and does not differ from what comes again.
    const digest = async (): Promise<unknown> => {
      const sql = 'SELECT task_digest FROM nodes WHERE uuid = ?';
      const [row] = await fixture.database.dataSource.query<{ task_digest: string }[]>(sql, [task.node.uuid]);
      return row?.task_digest;
    };
    const before = await digest();
    await fixture.client.call(TARGET, 'add_cleaning_network', { node_id: task.node.uuid });
    expect(seen).to.deep.equal([LINK, LINK]);
    expect(await digest()).to.equal(before);
    for (const sql of [
      'SELECT local_link_connection AS kept FROM ports WHERE node_uuid = ?',
      'SELECT profile AS kept FROM port_bindings WHERE node_uuid = ? LIMIT 1',
    ]) {
      const [row] = await fixture.database.dataSource.query<{ kept: string }[]>(sql, [task.node.uuid]);
      expect(row?.kept).to.contain('18446744073709551615').and.to.contain('9007199254740993');
    }
  });

  it('are strings in protobuf, whose numbers are doubles', async () => {
    const { client, close } = await connectClient(fixture.broker, protobufCodec);
    try {
      const task = sampleTask();
      task.ports = [samplePort({ local_link_connection: LINK })];
      const result = readResult(await client.call(TARGET, 'add_cleaning_network', { task }));
      const texts = {
        port_id: '18446744073709551615',
        switch_info: '-9223372036854775808',
        hostname: '9007199254740993',
      };
      expect(seen).to.deep.equal([texts]);
      expect(result.bindings[0]?.profile).to.deep.equal({ local_link_information: [texts] });
    } finally {
      await close();
    }
  });

  it('are accepted, stored and shown by the REST API', async () => {
    const api = await TestApi.start(fixture.database.dataSource);
    try {
      const { uuid: node_uuid } = await api.create('nodes', {
        extra: { wwn: LINK.port_id },
        properties: { serial: LINK.hostname },
      });
      const node = await api.get(`/v1/nodes/${String(node_uuid)}`);
      expect(node.body).to.deep.include({ extra: { wwn: LINK.port_id }, properties: { serial: LINK.hostname } });
      const port = await api.create('ports', { node_uuid, address: randomMac(), extra: { wwn: 1 } });
      const url = `/v1/ports/${String(port['uuid'])}`;
      const patched = await api.ask('PATCH', url, patchOf({ 'extra/wwn': 6178254816587243137n }));
      expect(patched.body).to.deep.include({ extra: { wwn: 6178254816587243137n } });
      expect((await api.get(url)).body).to.deep.include({ extra: { wwn: 6178254816587243137n } });
      // Not compared with the answer from above: the new port changed the node's updated_at.
      const list = await api.get(`/v1/nodes/detail`);
      const again = await api.get(`/v1/nodes/${String(node_uuid)}`);
      expect(list.body['nodes']).to.deep.include.members([again.body]);
      expect(again.body).to.deep.include({ extra: { wwn: LINK.port_id }, properties: { serial: LINK.hostname } });
      const large = await api.ask('PATCH', url, patchOf({ 'extra/wwn': 2n ** 64n }));
      expect(large).to.include({ status: 400 });
      expect(large.fault).to.include('64 bits');
    } finally {
      await api.close();
    }
  });
});
