import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkError } from '../../../src/contract/errors.js';
import { answerOf, METHOD_NAMES, type MethodName, METHODS } from '../../../src/contract/methods.js';
import { operationResult, readResult, type ResultParts, resultToJson } from '../../../src/contract/result.js';
import type { Answers, OperationResult } from '../../../src/contract/types.js';
import { protobufCodec } from '../../../src/messages/protobuf.js';
import { makeBinding } from '../../../testkit/fixtures/tasks.js';

const FINDING = {
  kind: 'missing_port',
  network_type: 'cleaning',
  neutron_port_id: randomUUID(),
  port_uuid: randomUUID(),
  portgroup_uuid: null,
  reason: 'it does not exist',
  repaired: true,
};
const VIF = { id: randomUUID(), port_uuid: randomUUID(), portgroup_uuid: null };

/** What each answer may be, the empty ones above all. */
const ANSWERS: Required<{ [Name in keyof Answers]: unknown[] }> = {
  vifs: [[], [VIF], [{ ...VIF, port_uuid: null, portgroup_uuid: randomUUID() }, VIF]],
  current_vif: [null, randomUUID()],
  need_power_on: [false, true],
  network_data: [{}, { links: [{ id: 'tap1', mtu: 1500, vif_id: null }], networks: [], services: [] }],
  findings: [[], [FINDING, { ...FINDING, network_type: null, port_uuid: null, repaired: false }]],
};

function resultOf(method: MethodName, parts: Partial<ResultParts> = {}): OperationResult {
  return operationResult({
    operationId: 'op-1',
    nodeUuid: randomUUID(),
    method,
    networkProvider: 'neutron',
    networkType: METHODS[method].networkType,
    bindings: [],
    failures: [],
    warnings: [],
    answers: {},
    error: null,
    ...parts,
  });
}

/** As the client library reads it, by way of each encoding. */
function read(result: OperationResult): { json: OperationResult; protobuf: OperationResult } {
  const plain = resultToJson(result);
  const reply = { result: plain, failure: null, ending: true, msgId: 'm1', uniqueId: 'u1' };
  return {
    json: readResult(JSON.parse(JSON.stringify(plain))),
    protobuf: readResult(protobufCodec.decodeReply(protobufCodec.encodeReply(reply)).result),
  };
}

describe('contract: results', () => {
  for (const method of METHOD_NAMES) {
    it(`of ${method} are the same from JSON and from protobuf`, () => {
      const name = answerOf(method);
      for (const value of name === null ? [undefined] : ANSWERS[name]) {
        const result = resultOf(method, { answers: name === null ? {} : { [name]: value } });
        const { json, protobuf } = read(result);
        expect(json).to.deep.equal(result);
        expect(protobuf).to.deep.equal(result);
        expect(Object.keys(protobuf)).to.have.members(Object.keys(result));
      }
    });
  }

  it('have bindings, failures and warnings of ports and portgroups, in both', () => {
    const group = { port_uuid: null, portgroup_uuid: randomUUID() };
    const result = resultOf('configure_tenant_networks', {
      bindings: [makeBinding({ fixed_ips: [{ subnet_id: 's', ip_address: '192.0.2.1' }] }), makeBinding(group)],
      failures: [{ ...group, reason: 'no switch' }],
      warnings: [
        { port_uuid: randomUUID(), portgroup_uuid: null, reason: 'binding_failed' },
        { ...group, kind: 'removal_unproven', reason: 'the driver does not say' },
      ],
    });
    expect(read(result)).to.deep.equal({ json: result, protobuf: result });
  });

  it('have no answer when they failed', () => {
    for (const method of METHOD_NAMES) {
      const result = resultOf(method, { error: new NetworkError('no') });
      expect(read(result), method).to.deep.equal({ json: result, protobuf: result });
    }
  });

  it('leave out the one of port_uuid and portgroup_uuid that is null', () => {
    const json = resultToJson(resultOf('vif_list', { answers: { vifs: [VIF] } })) as { vifs: object[] };
    expect(json.vifs).to.deep.equal([{ id: VIF.id, port_uuid: VIF.port_uuid }]);
  });

  it('have the kind of a warning only where it has one', () => {
    const nic = { port_uuid: randomUUID(), portgroup_uuid: null };
    const warnings = [
      { ...nic, reason: 'x' },
      { ...nic, kind: 'removal_unproven', reason: 'y' },
    ];
    const json = resultToJson(resultOf('remove_cleaning_network', { warnings })) as { warnings: object[] };
    expect(json.warnings).to.deep.equal([
      { port_uuid: nic.port_uuid, reason: 'x' },
      { port_uuid: nic.port_uuid, kind: 'removal_unproven', reason: 'y' },
    ]);
  });

  it('may be from a worker of version 1.0, which knows no warnings', () => {
    const { warnings, ...older } = resultOf('add_cleaning_network');
    expect(readResult(older)).to.deep.equal({ ...older, warnings });
    expect(resultToJson(older as OperationResult), 'as it is stored').to.deep.include({ warnings });
  });

  it('are refused when they are not results', () => {
    for (const value of [null, undefined, 'x', {}, { operation_id: 'x' }, { operation_id: 'x', bindings: [] }]) {
      expect(() => readResult(value)).to.throw('the message is not an operation result');
    }
  });
});
