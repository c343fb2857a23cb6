import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { argumentsOf, NO_ARGUMENTS, readArguments } from '../../../src/contract/arguments.js';
import { InvalidParameterValue, MissingParameterValue } from '../../../src/contract/errors.js';
import { METHOD_NAMES, type MethodName } from '../../../src/contract/methods.js';
import { protobufCodec } from '../../../src/messages/protobuf.js';
import { samplePort, sampleTask, versioned } from '../../../testkit/fixtures/samples.js';

type Args = Record<string, unknown>;

const PORT = randomUUID();
const GROUP = randomUUID();
const VIF = randomUUID();
const NO_VIF_INFO = { port_uuid: null, portgroup_uuid: null, project_id: null };

/** The arguments as they arrive in a protobuf request. */
function throughProtobuf(method: MethodName, args: Args): Args {
  const request = { version: '1.1', namespace: null, uniqueId: 'u1', msgId: null, replyQ: null, timeout: null };
  const context = { request_id: null, global_request_id: null };
  return protobufCodec.decodeRequest(protobufCodec.encodeRequest({ ...request, context, method, args })).args;
}

describe('contract: arguments', () => {
  it('are empty for a method without arguments', () => {
    for (const method of METHOD_NAMES.filter((name) => argumentsOf(name).length === 0)) {
      expect(readArguments(method, { vif_id: 5, network_type: 'none', options: 'x' }), method).to.equal(NO_ARGUMENTS);
    }
  });

  const taken: [MethodName, Args, Partial<typeof NO_ARGUMENTS>][] = [
    ['validate', {}, {}],
    ['validate', { network_type: null }, {}],
    ['validate', { network_type: 'rescuing' }, { network_type: 'rescuing' }],
    ['vif_attach', { vif_info: { id: VIF } }, { vif_info: { ...NO_VIF_INFO, id: VIF } }],
    [
      'vif_attach',
      { vif_info: { id: VIF, portgroup_uuid: GROUP, port_uuid: null, project_id: 'p' } },
      { vif_info: { id: VIF, port_uuid: null, portgroup_uuid: GROUP, project_id: 'p' } },
    ],
    ['vif_detach', { vif_id: VIF }, { vif_id: VIF }],
    ['get_current_vif', { port_uuid: PORT }, { port_uuid: PORT }],
    ['get_current_vif', { portgroup_uuid: GROUP }, { portgroup_uuid: GROUP }],
    [
      'update_dhcp_options',
      { options: [{ opt_name: 'bootfile-name', opt_value: null, ip_version: 6 }, { opt_name: '67' }] },
      {
        options: [
          { opt_name: 'bootfile-name', opt_value: null, ip_version: 6 },
          { opt_name: '67', opt_value: null, ip_version: null },
        ],
      },
    ],
    [
      'update_dhcp_options',
      {
        options: [
          { opt_name: '67', opt_value: 'x' },
          { opt_name: '67', opt_value: 'x', ip_version: 4 },
          { opt_name: '67', opt_value: 'y', ip_version: 6 },
        ],
      },
      {
        options: [
          { opt_name: '67', opt_value: 'x', ip_version: null },
          { opt_name: '67', opt_value: 'y', ip_version: 6 },
        ],
      },
    ],
  ];
  for (const [method, args, expected] of taken) {
    it(`of ${method}: ${Object.keys(args).join()} ${Object.keys(expected).join()}`, () => {
      const task = sampleTask();
      const all = { ...NO_ARGUMENTS, ...expected };
      expect(readArguments(method, { task, ...args })).to.deep.equal(all);
      expect(readArguments(method, throughProtobuf(method, { task, ...args }))).to.deep.equal(all);
    });
  }

  it('have UUIDs and MAC addresses in lower case', () => {
    const info = { id: VIF.toUpperCase(), port_uuid: PORT.toUpperCase() };
    expect(readArguments('vif_attach', { vif_info: info }).vif_info).to.include({ id: VIF, port_uuid: PORT });
    const port = samplePort();
    const loud = { ...port, uuid: port.uuid.toUpperCase(), address: port.address.toUpperCase() };
    const { port_obj: read } = readArguments('port_changed', { port_obj: loud });
    expect(read).to.include({ uuid: port.uuid, address: port.address });
  });

  describe('that are objects', () => {
    const group = { id: 7, uuid: GROUP, name: 'bond0', address: '52:54:00:00:00:0a', mode: '802.3ad' };
    const plainTask = { ...sampleTask(), portgroups: [group] };
    const fields = samplePort({ is_smartnic: false, internal_info: { tenant_vif_port_id: VIF } });

    it('are the same from a plain dict, from a versioned object and from protobuf', () => {
      const plain = { task: plainTask, port_obj: { ...fields, portgroup_uuid: GROUP } };
      const objects = {
        task: { ...sampleTask(), portgroups: [versioned('Portgroup', group)] },
        port_obj: versioned('Port', { ...fields, id: 20, node_id: 1, portgroup_id: 7 }),
      };
      const { port_obj: expected } = readArguments('port_changed', plain);
      expect(expected).to.include({ uuid: fields.uuid, portgroup_uuid: GROUP });
      expect(readArguments('port_changed', objects).port_obj).to.deep.equal(expected);
      const list = { ...objects.task, portgroups: versioned('PortgroupList', { objects: objects.task.portgroups }) };
      expect(readArguments('port_changed', { ...objects, task: list }).port_obj).to.deep.equal(expected);
      expect(readArguments('port_changed', throughProtobuf('port_changed', plain)).port_obj).to.deep.equal(expected);

      const changed = readArguments('portgroup_changed', { portgroup_obj: group });
      expect(changed.portgroup_obj).to.include({ uuid: GROUP, address: '52:54:00:00:00:0a' });
      expect(readArguments('portgroup_changed', { portgroup_obj: versioned('Portgroup', group) })).to.deep.equal(
        changed,
      );
    });

    it('name the portgroup of a port, when it can be found', () => {
      const port = (more: Args): Args => ({ port_obj: versioned('Port', { ...fields, ...more }) });
      expect(readArguments('port_changed', port({ portgroup_id: null })).port_obj?.portgroup_uuid).to.equal(null);
      const unknown = { ...port({ portgroup_id: 8 }), task: plainTask };
      for (const args of [unknown, port({ portgroup_id: 8 }), { ...port({ portgroup_id: 8 }), node_id: PORT }]) {
        expect(() => readArguments('port_changed', args)).to.throw(InvalidParameterValue, 'port_obj.portgroup_id 8');
      }
    });

    it('are of the right class, whatever is beside them', () => {
      for (const task of [sampleTask(), plainTask]) {
        const args = { task, port_obj: versioned('Portgroup', group) };
        expect(() => readArguments('port_changed', args)).to.throw(InvalidParameterValue, 'an Ironic Port object');
      }
      const args = { portgroup_obj: versioned('Port', fields) };
      expect(() => readArguments('portgroup_changed', args)).to.throw(InvalidParameterValue, 'an Ironic Portgroup');
    });
  });

  const long = 'x'.repeat(300);
  const refused: [MethodName, string, Args, typeof InvalidParameterValue | typeof MissingParameterValue, string][] = [
    ['validate', 'an unknown type', { network_type: 'storage' }, InvalidParameterValue, 'network_type must be one of'],
    ['validate', 'an empty type', { network_type: '' }, InvalidParameterValue, 'network_type must be one of'],
    ['validate', 'a number', { network_type: 5 }, InvalidParameterValue, 'network_type must be a string, not 5'],
    ['validate', 'a long type', { network_type: long }, InvalidParameterValue, 'network_type must be at most 255'],
    ['vif_attach', 'no vif_info', {}, MissingParameterValue, 'vif_info is missing'],
    ['vif_attach', 'no id', { vif_info: {} }, MissingParameterValue, 'vif_info.id is missing'],
    ['vif_attach', 'an id alone', { vif_info: VIF }, InvalidParameterValue, 'vif_info must be an object, not a string'],
    ['vif_attach', 'two words', { vif_info: { id: 'vif 1' } }, InvalidParameterValue, 'vif_info.id must be the UUID'],
    ['vif_attach', 'a path', { vif_info: { id: '..' } }, InvalidParameterValue, 'vif_info.id must be the UUID'],
    ['vif_detach', 'a path', { vif_id: '.' }, InvalidParameterValue, 'vif_id must be the UUID'],
    ['vif_attach', 'a long id', { vif_info: { id: long } }, InvalidParameterValue, 'vif_info.id must be at most 255'],
    ['vif_attach', 'a number', { vif_info: { id: 5 } }, InvalidParameterValue, 'vif_info.id must be a string, not 5'],
    [
      'vif_attach',
      'a port that is no UUID',
      { vif_info: { id: VIF, port_uuid: 'eth0' } },
      InvalidParameterValue,
      'vif_info.port_uuid must be a UUID',
    ],
    [
      'vif_attach',
      'port and portgroup',
      { vif_info: { id: VIF, port_uuid: PORT, portgroup_uuid: GROUP } },
      InvalidParameterValue,
      'vif_info names both port_uuid and portgroup_uuid',
    ],
    [
      'vif_attach',
      'an empty project',
      { vif_info: { id: VIF, project_id: '' } },
      InvalidParameterValue,
      'vif_info.project_id is empty',
    ],
    ['vif_detach', 'no vif_id', { vif_info: { id: VIF } }, MissingParameterValue, 'vif_id is missing'],
    ['vif_detach', 'a long id', { vif_id: long }, InvalidParameterValue, 'vif_id must be at most 255'],
    ['vif_detach', 'a list', { vif_id: [VIF] }, InvalidParameterValue, 'vif_id must be a string'],
    ['get_current_vif', 'neither', {}, MissingParameterValue, 'port_uuid or portgroup_uuid is missing'],
    [
      'get_current_vif',
      'both',
      { port_uuid: PORT, portgroup_uuid: GROUP },
      InvalidParameterValue,
      'port_uuid and portgroup_uuid are both given',
    ],
    ['get_current_vif', 'a name', { port_uuid: 'eth0' }, InvalidParameterValue, 'port_uuid must be a UUID'],
    ['get_current_vif', 'an object', { portgroup_uuid: {} }, InvalidParameterValue, 'portgroup_uuid must be a string'],
    ['port_changed', 'no port_obj', {}, MissingParameterValue, 'port_obj is missing'],
    ['port_changed', 'a UUID', { port_obj: PORT }, InvalidParameterValue, 'port_obj must be an object, not a string'],
    ['port_changed', 'no address', { port_obj: { uuid: PORT } }, MissingParameterValue, 'port_obj.address is missing'],
    [
      'port_changed',
      'a wrong address',
      { port_obj: samplePort({ address: 'x' }) },
      InvalidParameterValue,
      'port_obj.address must be a MAC address',
    ],
    [
      'port_changed',
      'a wrong type',
      { port_obj: samplePort({ pxe_enabled: 'yes' }) },
      InvalidParameterValue,
      'port_obj.pxe_enabled must be true or false',
    ],
    ['portgroup_changed', 'no portgroup_obj', {}, MissingParameterValue, 'portgroup_obj is missing'],
    ['portgroup_changed', 'no uuid', { portgroup_obj: {} }, MissingParameterValue, 'portgroup_obj.uuid is missing'],
    ['update_dhcp_options', 'no options', {}, MissingParameterValue, 'options is missing'],
    ['update_dhcp_options', 'an empty list', { options: [] }, MissingParameterValue, 'options is missing'],
    ['update_dhcp_options', 'a dict', { options: { '67': 'x' } }, InvalidParameterValue, 'options must be a list'],
    ['update_dhcp_options', 'a text', { options: ['67=x'] }, InvalidParameterValue, 'options[0] must be an object'],
    ['update_dhcp_options', 'no name', { options: [{ opt_value: 'x' }] }, MissingParameterValue, 'options[0].opt_name'],
    [
      'update_dhcp_options',
      'one option with two values',
      {
        options: [
          { opt_name: '67', opt_value: 'x' },
          { opt_name: '67', opt_value: 'y' },
        ],
      },
      InvalidParameterValue,
      'options[1] has DHCP option "67" of IPv4 with the value "y", and options[0] has it with the value "x"',
    ],
    [
      'update_dhcp_options',
      'one option with a value and with none, whatever its case',
      {
        options: [
          { opt_name: 'Tftp', opt_value: 'x', ip_version: 6 },
          { opt_name: 'TFTP ', ip_version: 6 },
        ],
      },
      InvalidParameterValue,
      'give each option once',
    ],
    [
      'update_dhcp_options',
      'a version 5',
      { options: [{ opt_name: '67' }, { opt_name: '67', ip_version: 5 }] },
      InvalidParameterValue,
      'options[1].ip_version must be 4 or 6, not 5',
    ],
    [
      'update_dhcp_options',
      'a version in words',
      { options: [{ opt_name: '67', ip_version: 'six' }] },
      InvalidParameterValue,
      'options[0].ip_version must be a whole number',
    ],
    [
      'update_dhcp_options',
      'a long value',
      { options: [{ opt_name: '67', opt_value: long }] },
      InvalidParameterValue,
      'options[0].opt_value must be at most 255',
    ],
    [
      'update_dhcp_options',
      'too many',
      { options: Array.from({ length: 257 }, () => ({ opt_name: '67' })) },
      InvalidParameterValue,
      'options must be at most 256 items',
    ],
  ];
  for (const [method, what, args, type, message] of refused) {
    it(`refuses ${what} for ${method}`, () => {
      expect(() => readArguments(method, { task: sampleTask(), ...args })).to.throw(type, message);
    });
  }
});
