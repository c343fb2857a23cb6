import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { METHOD_NAMES } from '../../src/contract/methods.js';
import {
  type ArgumentsInput,
  InvalidParameterValue,
  type MethodName,
  METHODS,
  MissingParameterValue,
  RPCVersionCapError,
  type TaskInput,
} from '../../src/index.js';
import { jsonCodec } from '../../src/rpc/index.js';
import { OpenClients } from '../../testkit/fixtures/open-clients.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Netprov } from '../../testkit/servers/netprov.js';

const HOST = 'conductor-1';
const QUEUE = `ironic.network_provider.${HOST}`;

/** What the methods cannot do without. */
const ARGUMENTS: Partial<Record<MethodName, ArgumentsInput>> = {
  vif_attach: { vif_info: { id: randomUUID() } },
  vif_detach: { vif_id: randomUUID() },
  get_current_vif: { port_uuid: randomUUID() },
  port_changed: { port_obj: { uuid: randomUUID(), address: '52:54:00:00:00:0b' } },
  portgroup_changed: { portgroup_obj: { uuid: randomUUID() } },
  update_dhcp_options: { options: [{ opt_name: '67', opt_value: 'boot.efi' }] },
};

const sample = (): TaskInput => sampleTask() as TaskInput;

describe('the client library: methods of version 1.1', () => {
  let broker: TestBroker;
  const clients = new OpenClients(() => broker);
  before(async () => {
    broker = await TestBroker.create();
  });
  after(() => broker.drop());
  afterEach(() => clients.closeAll());

  describe('without a worker', () => {
    it('refuses invalid arguments, and arguments that the method does not have', async () => {
      const client = clients.open({ transportUrl: 'rabbit://127.0.0.1:1/' });
      const refusals: [Promise<unknown>, typeof InvalidParameterValue | typeof MissingParameterValue, string][] = [
        [client.call('vif_attach', { task: sample() }), MissingParameterValue, 'vif_info is missing'],
        [
          client.cast('validate', { task: sample(), args: { network_type: 'storage' as 'tenant' } }),
          InvalidParameterValue,
          'network_type must be one of',
        ],
        [
          client.cast('vif_list', { task: sample(), args: { vif_id: randomUUID() } }),
          InvalidParameterValue,
          'vif_list does not take vif_id: besides the task, it takes nothing',
        ],
        [
          client.cast('get_current_vif', { task: sample(), args: { vif_info: { id: randomUUID() } } }),
          InvalidParameterValue,
          'get_current_vif does not take vif_info: besides the task, it takes port_uuid or portgroup_uuid',
        ],
      ];
      await Promise.all(
        refusals.map(async ([promise, type, message]) => {
          const error = await rejection(promise);
          expect(error).to.be.instanceOf(type);
          expect(error?.message).to.contain(message);
        }),
      );
    });

    it("requests the method's own version, and never one above its cap", async () => {
      const versions = async (versionCap: string | undefined): Promise<string[]> => {
        const client = clients.open(versionCap === undefined ? {} : { versionCap });
        for (const method of METHOD_NAMES) {
          const { [method]: args = {} } = ARGUMENTS;
          const casting = client.cast(method, { host: HOST, task: sample(), args });
          const { since } = METHODS[method];
          if (versionCap !== undefined && since > versionCap) {
            const error = await rejection(casting);
            expect(error).to.be.instanceOf(RPCVersionCapError);
            expect(error).to.include({ name: 'RPCVersionCapError', version: since, versionCap });
            expect(error?.message).to.contain(method);
          } else await casting;
        }
        const sent = [];
        for (;;) {
          const message = await broker.onChannel((channel) => channel.get(QUEUE, { noAck: true }));
          if (!message) return sent;
          const { method, version } = jsonCodec.decodeRequest(message.content);
          sent.push(`${method} ${version}`);
        }
      };
      // Stands in for the worker's queue, from which only a consumer can take.
      await broker.onChannel(async (channel) => {
        await channel.assertExchange('ironic', 'topic', { durable: false });
        await channel.assertQueue(QUEUE, { durable: true });
        await channel.bindQueue(QUEUE, 'ironic', QUEUE);
      });
      const all = METHOD_NAMES.map((method) => `${method} ${METHODS[method].since}`);
      expect(await versions(undefined)).to.deep.equal(all);
      expect(await versions('1.2')).to.deep.equal(all);
      expect(await versions('1.1')).to.deep.equal(all.filter((sent) => !sent.endsWith(' 1.2')));
      expect(await versions('1.0')).to.deep.equal(all.filter((sent) => sent.endsWith(' 1.0')));
      expect(
        await rejection(clients.open({ versionCap: '2.0' }).cast('vif_list', { task: sample() })),
      ).to.be.instanceOf(RPCVersionCapError);
      await broker.onChannel((channel) => channel.deleteQueue(QUEUE));
      expect(() => clients.open({ versionCap: 'newest' })).to.throw(
        InvalidParameterValue,
        'versionCap must be a version',
      );
    });
  });

  describe('with a worker', () => {
    let database: TestDatabase;
    let worker: Netprov;
    before(async () => {
      database = await createDatabase();
      worker = new Netprov(['worker', '--host', HOST], {
        NETPROV_TRANSPORT_URL: broker.url(),
        NETPROV_DATABASE_URL: database.connection,
        NETPROV_HEALTH_PORT: '0',
      });
      await worker.says('the worker is ready');
    });
    after(async () => {
      await worker.stop();
      await database.drop();
    });

    for (const encoding of ['json', 'protobuf'] as const) {
      describe(`in ${encoding}`, () => {
        it('attaches VIFs and asks for them', async () => {
          const client = clients.open({ encoding });
          const task = sample();
          const [first] = task.ports ?? [];
          const port_uuid = first?.uuid ?? '';
          const [id, other] = [randomUUID(), randomUUID()];
          const node = { host: HOST, nodeId: task.node.uuid };
          const vif = { id, port_uuid, portgroup_uuid: null };

          const attached = await client.call('vif_attach', { host: HOST, task, args: { vif_info: { id, port_uuid } } });
          expect(attached).to.deep.include({ network_type: 'tenant', status: 'succeeded', vifs: [vif] });
          const listed = await client.call('vif_list', node);
          expect(listed).to.deep.include({ network_type: null, vifs: [vif], bindings: [], warnings: [] });
          const current = await client.call('get_current_vif', { ...node, args: { port_uuid } });
          expect(current.current_vif).to.equal(id);

          const twice = client.call('vif_attach', { ...node, args: { vif_info: { id } } });
          expect(await rejection(twice)).to.include({ className: 'VifAlreadyAttached' });
          const unknown = client.call('vif_detach', { ...node, args: { vif_id: other } });
          expect(await rejection(unknown)).to.include({ className: 'VifNotAttached' });
          expect((await client.call('vif_detach', { ...node, args: { vif_id: id } })).vifs).to.deep.equal([]);
          const none = await client.call('get_current_vif', { ...node, args: { port_uuid } });
          expect(none.current_vif).to.equal(null);
          expect((await client.call('vif_list', node)).vifs).to.deep.equal([]);
        });

        it('returns the answers that only some methods have', async () => {
          const client = clients.open({ encoding });
          const network_data = { links: [{ id: 'tap1', type: 'phy', mtu: 1500 }], networks: [], services: [] };
          const { node, ports = [] } = sample();
          const task = { node: { ...node, network_data }, ports };
          expect(await client.call('need_power_on', { task })).to.include({ need_power_on: false });
          const data = await client.call('get_node_network_data', { task });
          expect(data).to.deep.include({ network_data });
          const valid = await client.call('validate', { task, args: { network_type: 'cleaning' } });
          expect(valid).to.include({ network_type: 'cleaning', status: 'succeeded' });
          expect(valid).not.to.have.any.keys('vifs', 'current_vif', 'need_power_on', 'network_data');
        });

        it('changes a port', async () => {
          const client = clients.open({ encoding });
          const task = sample();
          const port_obj = { ...task.ports?.[0], uuid: task.ports?.[0]?.uuid ?? '', address: '52:54:00:00:00:0b' };
          await client.call('port_changed', { host: HOST, task, args: { port_obj } });
          const args = { port_obj: { ...port_obj, address: 'x' } };
          const wrong = await rejection(client.call('port_changed', { host: HOST, task, args }));
          expect(wrong).to.be.instanceOf(InvalidParameterValue);
          expect(wrong?.message).to.contain('port_obj.address must be a MAC address');
        });

        it('gets the refusal of a method that the provider lacks', async () => {
          const error = await rejection(clients.open({ encoding }).call('reattach', { host: HOST, task: sample() }));
          expect(error).to.deep.include({ className: 'UnsupportedDriverExtension' });
          expect(error?.message).to.contain('none').and.to.contain('reattach');
        });
      });
    }
  });
});
