import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { InvalidParameterValue, MissingParameterValue } from '../../../src/contract/errors.js';
import { readSubject, readTask } from '../../../src/contract/task.js';
import { protobufCodec } from '../../../src/messages/protobuf.js';
import { samplePort, sampleTask, versioned } from '../../../testkit/fixtures/samples.js';

describe('contract: task', () => {
  it('fills in every field that a plain dict leaves out', () => {
    const task = readTask({
      node: { uuid: randomUUID() },
      ports: [{ uuid: randomUUID(), address: '52:54:00:AA:00:01' }],
    });
    expect(task.node).to.include({ name: null, network_provider: null, instance_uuid: null });
    expect(task.node.driver_info).to.deep.equal({});
    expect(task.ports[0]).to.include({ address: '52:54:00:aa:00:01', portgroup_uuid: null, pxe_enabled: null });
    expect(task.portgroups).to.deep.equal([]);
  });

  it('ignores fields that are not in the contract', () => {
    const plain = { ...sampleTask(), shared: true, context: { auth_token: 'planted' } };
    const task = readTask({ ...plain, node: { ...plain.node, power_state: 'power on' } });
    expect(JSON.stringify(task)).not.to.contain('planted').and.not.to.contain('power_state');
  });

  it('reads the same task from plain dicts, from versioned objects and from protobuf', () => {
    const groupUuid = randomUUID();
    const ports = [
      samplePort({ portgroup_uuid: groupUuid }),
      samplePort({ extra: { n: 1, list: [true, null, { a: 'b' }] } }),
    ];
    const group = { uuid: groupUuid, name: 'bond0', address: null, mode: '802.3ad', properties: { miimon: '100' } };
    const plain = { ...sampleTask({ network_provider: 'neutron' }), ports, portgroups: [group] };
    const objects = {
      node: versioned('Node', { ...plain.node, id: 1 }),
      ports: versioned('PortList', {
        objects: ports.map((port, index) =>
          versioned('Port', { ...port, portgroup_uuid: undefined, portgroup_id: index === 0 ? 7 : null }),
        ),
      }),
      portgroups: [versioned('Portgroup', { ...group, id: 7 })],
    };
    const body = protobufCodec.encodeRequest({
      method: 'add_cleaning_network',
      version: '1.0',
      namespace: null,
      args: { task: plain },
      uniqueId: 'u1',
      msgId: 'm1',
      replyQ: 'reply_1',
      timeout: 30,
      context: { request_id: 'req-1', global_request_id: null },
    });
    const decoded = protobufCodec.decodeRequest(body);
    const expected = readTask(plain);
    expect(expected.ports[0]?.portgroup_uuid).to.equal(groupUuid);
    expect(readTask(objects)).to.deep.equal(expected);
    expect(readTask(decoded.args['task'])).to.deep.equal(expected);
    expect(decoded).to.include({ method: 'add_cleaning_network', uniqueId: 'u1', msgId: 'm1', timeout: 30 });
  });

  it('accepts the node_id of a recorded node, and prefers a task to it', () => {
    const nodeId = randomUUID();
    expect(readSubject({ node_id: nodeId.toUpperCase() })).to.deep.equal({ kind: 'stored', nodeUuid: nodeId });
    const plain = sampleTask();
    expect(readSubject({ node_id: nodeId, task: plain }).nodeUuid).to.equal(plain.node.uuid);
  });

  describe("a node's network provider", () => {
    const rows: [string, Record<string, unknown>, string | null][] = [
      ['nothing is nobody', {}, null],
      ["Ironic's neutron is neutron", { network_interface: 'neutron' }, 'neutron'],
      ["Ironic's flat is flat", { network_interface: 'flat' }, 'flat'],
      ["Ironic's noop is none", { network_interface: 'noop' }, 'none'],
      ['a plug-in keeps its name', { network_interface: 'acme' }, 'acme'],
      ['noop is none as network_provider too', { network_provider: 'noop' }, 'none'],
      ['network_provider wins', { network_provider: 'flat', network_interface: 'neutron' }, 'flat'],
      ['null is not given', { network_provider: null, network_interface: 'flat' }, 'flat'],
    ];
    for (const [what, fields, expected] of rows) {
      it(`${what}, in a plain dict, Ironic's own Node, and protobuf`, () => {
        const plain = sampleTask(fields);
        const body = protobufCodec.encodeRequest({
          ...{ method: 'validate', version: '1.1', namespace: null, args: { task: plain }, uniqueId: 'u1' },
          ...{ msgId: null, replyQ: null, timeout: null, context: { request_id: null, global_request_id: null } },
        });
        for (const task of [
          plain,
          { ...plain, node: versioned('Node', { ...plain.node, id: 1 }) },
          protobufCodec.decodeRequest(body).args['task'],
        ]) {
          const { node } = readTask(task);
          expect(node.network_provider).to.equal(expected);
          expect(node).not.to.have.property('network_interface');
        }
      });
    }
  });

  it('does not let __proto__ reach a prototype', () => {
    const plain = JSON.parse(
      `{"node": {"uuid": "${randomUUID()}", "__proto__": {"name": "x"}, "driver_info": {"__proto__": {"polluted": true}}}}`,
    ) as unknown;
    const task = readTask(plain);
    expect(task.node.name).to.equal(null);
    expect(task.node.driver_info['polluted']).to.equal(undefined);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });

  const refused: [string, unknown, string][] = [
    ['a task that is text', { task: 'node-1' }, 'task must be an object, not a string'],
    ['a task without a node', { task: { ports: [] } }, 'task.node is missing'],
    ['neither task nor node_id', {}, 'args must hold task'],
    ['a node_id that is no UUID', { node_id: 'node-1' }, 'node_id must be a UUID'],
    ['a node UUID that is a number', { task: { node: { uuid: 5 } } }, 'task.node.uuid must be a string, not 5'],
    ['a node without UUID', { task: { node: {} } }, 'task.node.uuid is missing'],
    ['a UUID that is none', { task: { node: { uuid: 'abc' } } }, 'task.node.uuid must be a UUID'],
    ['ports that are no list', { task: { ...sampleTask(), ports: {} } }, 'task.ports must be a list'],
    ['a port that is text', { task: { ...sampleTask(), ports: ['p'] } }, 'task.ports[0] must be an object'],
    [
      'a MAC that is none',
      { task: { ...sampleTask(), ports: [samplePort({ address: 'x' })] } },
      'ports[0].address must be a MAC',
    ],
    [
      'a wrong type',
      { task: { ...sampleTask(), ports: [samplePort({ pxe_enabled: 1 })] } },
      'pxe_enabled must be true or false, not 1',
    ],
    [
      'too long a name',
      { task: sampleTask({ name: 'n'.repeat(300) }) },
      'task.node.name must be at most 255 characters',
    ],
    [
      'too many ports',
      { task: { ...sampleTask(), ports: Array.from({ length: 300 }, () => ({})) } },
      'at most 256 items',
    ],
    ['another class of object', { task: { node: versioned('Port', {}) } }, 'must be an Ironic Node object'],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => readSubject(args as Record<string, unknown>)).to.throw(Error, message);
      expect(() => readSubject(args as Record<string, unknown>))
        .to.throw()
        .that.satisfies(
          (error: unknown) => error instanceof InvalidParameterValue || error instanceof MissingParameterValue,
        );
    });
  }

  it('refuses nesting that is too deep without running out of stack', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`) as unknown;
    expect(() => readTask(sampleTask({ instance_info: deep }))).to.throw(InvalidParameterValue, 'at most 16 levels');
  });

  it('does not quote values of fields that may contain credentials', () => {
    expect(() => readTask(sampleTask({ driver_info: 'planted-password' })))
      .to.throw()
      .with.property('message')
      .not.contain('planted');
  });
});
