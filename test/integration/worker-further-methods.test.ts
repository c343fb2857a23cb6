import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NO_ARGUMENTS, readArguments } from '../../src/contract/arguments.js';
import {
  BASE_METHOD_NAMES,
  type BaseMethodName,
  METHOD_NAMES,
  type MethodName,
  METHODS,
} from '../../src/contract/methods.js';
import { readResult } from '../../src/contract/result.js';
import { readTask } from '../../src/contract/task.js';
import type { Answers } from '../../src/contract/types.js';
import { protobufCodec } from '../../src/messages/protobuf.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import type { RpcClient } from '../../src/rpc/index.js';
import { NodeRecord, without } from '../../testkit/fixtures/node-record.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { samplePort, sampleTask, versioned } from '../../testkit/fixtures/samples.js';
import { makeBinding } from '../../testkit/fixtures/tasks.js';
import { connectClient, nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

type Args = Record<string, unknown>;
type Seen = Pick<ProviderContext, 'task' | 'args'> & { method: MethodName };

const FURTHER = METHOD_NAMES.filter((method) => METHODS[method].since === '1.1');
const target = (version = '1.1'): { topic: string; server: string; version: string } => {
  return { topic: TOPIC, server: 'conductor-1', version };
};

/** A node with a LAG of two NICs, and what the methods take beside it, in plain dicts. */
function plainArguments(): { task: ReturnType<typeof sampleTask>; of: Partial<Record<MethodName, Args>> } {
  const group = { uuid: randomUUID(), name: 'bond0', address: '52:54:00:00:00:0a', mode: '802.3ad', properties: {} };
  const ports = [samplePort({ portgroup_uuid: group.uuid }), samplePort({ portgroup_uuid: group.uuid })];
  const port = { ...ports[0], address: '52:54:00:00:00:0b', internal_info: { tenant_vif_port_id: randomUUID() } };
  const of = {
    validate: { network_type: 'servicing' },
    vif_attach: { vif_info: { id: randomUUID(), portgroup_uuid: group.uuid } },
    vif_detach: { vif_id: randomUUID() },
    get_current_vif: { port_uuid: port.uuid },
    port_changed: { port_obj: port },
    portgroup_changed: { portgroup_obj: { ...group, mode: 'active-backup', properties: { miimon: '100' } } },
    update_dhcp_options: {
      options: [{ opt_name: '67', opt_value: 'boot.efi', ip_version: 4 }, { opt_name: 'server-ip-address' }],
    },
  };
  return { task: { ...sampleTask(), ports, portgroups: [group] }, of };
}

/** The same as Ironic's versioned objects: a Port names its portgroup by the database id of that. */
function asObjects({ node, ports, portgroups }: ReturnType<typeof sampleTask>, args: Args): Args {
  const port = ({ portgroup_uuid: group, ...fields }: Args): object =>
    versioned('Port', { ...fields, portgroup_id: group === undefined ? null : 7 });
  const { port_obj, portgroup_obj, ...others } = args;
  return {
    task: {
      node: versioned('Node', { ...node, id: 1 }),
      ports: versioned('PortList', { objects: ports.map(port) }),
      portgroups: portgroups.map((group) => versioned('Portgroup', { ...group, id: 7 })),
    },
    ...(port_obj === undefined ? {} : { port_obj: port(port_obj as Args) }),
    ...(portgroup_obj === undefined ? {} : { portgroup_obj: versioned('Portgroup', { ...portgroup_obj, id: 7 }) }),
    ...others,
  };
}

describe('worker: the methods of version 1.1', () => {
  let fixture: WorkerFixture;
  let inProtobuf: { client: RpcClient; close: () => Promise<void> };
  before(async () => {
    fixture = await WorkerFixture.create();
    inProtobuf = await connectClient(fixture.broker, protobufCodec);
  });
  after(async () => {
    await inProtobuf.close();
    await fixture.drop();
  });
  afterEach(() => fixture.reset());

  /** Starts a worker that does what the script says. Answers with what reaches the provider. */
  async function serve(
    script: (method: MethodName, context: ProviderContext) => Partial<ProviderOutcome> | Promise<never> = () => ({}),
  ): Promise<Seen[]> {
    const seen: Seen[] = [];
    const provider = scriptedProvider(async (method, context) => {
      seen.push({ method, task: context.task, args: context.args });
      const outcome = await script(method, context);
      return METHODS[method].since === '1.0' ? { ...nothingDone, ...outcome } : outcome;
    });
    await fixture.start({ none: provider });
    return seen;
  }
  const call = async (method: MethodName, args: Args, options = target()): Promise<ReturnType<typeof readResult>> =>
    readResult(await fixture.client.call(options, method, args));
  const record = (node: string): NodeRecord => new NodeRecord(fixture.database, node);

  describe('arguments', () => {
    for (const method of FURTHER) {
      it(`of ${method} reach the provider from plain dicts, versioned objects and protobuf`, async () => {
        const seen = await serve();
        const { task, of } = plainArguments();
        const args = of[method] ?? {};
        const expected = { method, task: readTask(task), args: readArguments(method, { task, ...args }) };
        await fixture.client.call(target(), method, { task, ...args });
        await fixture.client.call(target(), method, asObjects(task, args));
        await inProtobuf.client.call(target(), method, { task, ...args });
        expect(seen).to.have.length(3);
        for (const { task: had, ...others } of seen) {
          const { node } = had;
          expect({ ...others, task: { ...had, node: { ...node, network_provider: null } } }).to.deep.equal(expected);
        }
        if (args !== of[method]) expect(expected.args).to.equal(NO_ARGUMENTS);
      });
    }
  });

  describe('answers', () => {
    const vifs = [{ id: 'vif-1', port_uuid: null, portgroup_uuid: 'group-1' }];
    const answers: [MethodName, Answers][] = [
      ['vif_list', { vifs }],
      ['vif_list', { vifs: [] }],
      ['get_current_vif', { current_vif: 'vif-1' }],
      ['get_current_vif', { current_vif: null }],
      ['need_power_on', { need_power_on: true }],
      ['need_power_on', { need_power_on: false }],
      ['get_node_network_data', { network_data: { links: [{ id: 'a', mtu: 1500 }], services: [] } }],
    ];
    for (const [method, answer] of answers) {
      it(`of ${method}, ${JSON.stringify(answer)}, are the same in JSON and in protobuf`, async () => {
        await serve(() => answer);
        const args = { task: sampleTask(), port_uuid: randomUUID() };
        const raw = (await fixture.client.call(target(), method, args)) as Answers;
        const [name = ''] = Object.keys(answer);
        expect(Object.keys(raw), 'null too is in the JSON').to.include(name);
        const json = readResult(raw);
        const protobuf = readResult(await inProtobuf.client.call(target(), method, args));
        expect(json).to.deep.include({ method, status: 'succeeded', ...answer });
        expect({ ...protobuf, operation_id: json.operation_id }).to.deep.equal(json);
      });
    }

    it('are the same when the request comes again, to another worker too', async () => {
      const vif_info = { id: randomUUID() };
      const answer = { vifs: [{ ...vif_info, port_uuid: randomUUID(), portgroup_uuid: null }] };
      const queue = `${TOPIC}_results.conductor-1`;
      const first = await serve((method) => (method === 'get_current_vif' ? { current_vif: null } : answer));
      await fixture.listen(queue);
      const requests: [MethodName, Args][] = [
        ['vif_attach', { task: sampleTask(), vif_info }],
        ['get_current_vif', { task: sampleTask(), port_uuid: randomUUID() }],
      ];
      const ids = [];
      const answered = [];
      for (const [method, args] of requests) {
        ids.push(await fixture.client.cast(target(), method, args));
        answered.push(await fixture.nextResult(queue));
      }
      expect(answered[1]?.result).to.have.property('current_vif', null);
      await fixture.reset();
      const second = await serve();
      for (const [index, [method, args]] of requests.entries()) {
        await fixture.client.cast(target(), method, args, { uniqueId: ids[index] ?? '' });
        const before = answered[index];
        if (!before) throw new Error('it was not answered before');
        expect(await fixture.nextRepeat(queue, before)).to.deep.equal(before);
      }
      expect([first.length, second.length]).to.deep.equal([2, 0]);
    });

    it('contain only the fields of the method, whatever else a plug-in returns', async () => {
      const { task } = plainArguments();
      await serve((method) => ({
        bindings: [makeBinding()],
        vifs: [{ id: randomUUID(), port_uuid: task.ports[0]?.uuid ?? '', portgroup_uuid: null }],
        ...(method === 'need_power_on' ? { need_power_on: true } : { current_vif: randomUUID() }),
      }));
      const before = (await call('reattach', { task })).bindings;
      expect(before).to.have.length(1);
      const on = await record(task.node.uuid).all();
      expect(without(await call('need_power_on', { task }), 'operation_id')).to.deep.equal({
        node_uuid: task.node.uuid,
        method: 'need_power_on',
        network_provider: 'none',
        network_type: null,
        status: 'succeeded',
        bindings: [],
        failures: [],
        warnings: [],
        need_power_on: true,
        error: null,
      });
      expect(await call('update_dhcp_options', { task, options: [{ opt_name: '67' }] })).not.to.have.any.keys(
        'vifs',
        'current_vif',
      );
      expect(await record(task.node.uuid).all()).to.deep.equal(on);
    });
  });

  it('are refused by name when the provider lacks them, and no record changes', async () => {
    const base = scriptedProvider((_, { recorded }) =>
      Promise.resolve({ bindings: recorded.length > 0 ? [...recorded] : [makeBinding()], failures: [] }),
    );
    const provider = Object.fromEntries(BASE_METHOD_NAMES.map((name) => [name, base[name]]));
    await fixture.start({ none: provider as Pick<NetworkProvider, BaseMethodName> });
    const { task, of } = plainArguments();
    await call('configure_tenant_networks', { task });
    const before = await record(task.node.uuid).all();
    expect(Object.values(before).map((items) => items.length)).to.deep.equal([1, 2, 1, 1]);
    for (const method of FURTHER) {
      const error = await rejection(call(method, { task, ...of[method] }));
      expect(error, method).to.include({
        className: 'UnsupportedDriverExtension',
        module: 'ironic.common.exception',
        message: `network provider none does not support ${method}`,
      });
    }
    expect(await record(task.node.uuid).all()).to.deep.equal(before);
    const operations = await record(task.node.uuid).operations();
    expect(operations.filter(({ status }) => status === 'failed')).to.have.length(FURTHER.length);
  });

  describe('versions', () => {
    it('of 1.0 are served as before, even for a method of 1.1, as in oslo.messaging', async () => {
      const seen = await serve();
      const { task, of } = plainArguments();
      for (const method of METHOD_NAMES) {
        expect(await call(method, { task, ...of[method] }, target('1.0')), method).to.include({ status: 'succeeded' });
      }
      expect(seen.map(({ method }) => method)).to.deep.equal(METHOD_NAMES);
    });

    it('that are newer than 1.2 are refused', async () => {
      const seen = await serve();
      for (const version of ['1.3', '2.0', '0.9']) {
        const error = await rejection(call('vif_list', { task: sampleTask() }, target(version)));
        expect(error).to.include({
          className: 'UnsupportedVersion',
          module: 'oslo_messaging.rpc.dispatcher',
          message: `Endpoint does not support RPC version ${version}. Attempted method: vif_list`,
        });
      }
      expect(seen).to.deep.equal([]);
    });
  });
});
