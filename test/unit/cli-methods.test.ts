import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { Command } from 'commander';

import { addMethodOptions, METHOD_HELP, methodName, readMethodOptions } from '../../src/cli/input/method-arguments.js';
import { describeResult } from '../../src/cli/output/output.js';
import type { ArgumentsInput } from '../../src/client/request-input.js';
import { argumentsOf } from '../../src/contract/arguments.js';
import { METHOD_NAMES, type MethodName } from '../../src/contract/methods.js';
import type { OperationResult } from '../../src/contract/types.js';
import { UsageError } from '../../src/services/errors.js';
import { rejection } from '../../testkit/fixtures/rejection.js';

const LIMIT = 1000;

/** What the options of a command line say of the method's arguments, without what is not given. */
async function read(method: MethodName, ...line: string[]): Promise<Partial<ArgumentsInput>> {
  const command = addMethodOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const args = await readMethodOptions(method, command.parse(line, { from: 'user' }).opts(), LIMIT);
  return Object.fromEntries(Object.entries(args).filter(([, value]) => (value ?? null) !== null));
}

describe('the command line: methods', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-cli-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const file = (text: string): string => {
    const path = join(directory, 'file.json');
    writeFileSync(path, text);
    return path;
  };

  it('are recognized by name', () => {
    for (const method of METHOD_NAMES) expect(methodName(method)).to.equal(method);
    expect(() => methodName('reboot')).to.throw('vif_attach');
  });

  it('are all in --help, with the options of those that take any', () => {
    for (const method of METHOD_NAMES) {
      const { type } = /^(?:add|remove)_(?<type>\w+)_network$/.exec(method)?.groups ?? {};
      expect(METHOD_HELP, method).to.match(new RegExp(`[^a-z]${type ?? method}[^a-z]`));
      const takes = new RegExp(`^ +${method} +\\[?--`, 'm').test(METHOD_HELP);
      expect(takes, method).to.equal(argumentsOf(method).length > 0);
    }
  });

  it('get the arguments that the options give', async () => {
    expect(await read('validate')).to.deep.equal({});
    expect(await read('validate', '--network-type', 'rescuing')).to.deep.equal({ network_type: 'rescuing' });
    expect(await read('reconcile')).to.deep.equal({});
    expect(await read('reconcile', '--fix')).to.deep.equal({ fix: true });
    expect((await read('vif_attach', '--vif', 'v')).vif_info).to.include({ id: 'v', port_uuid: null });
    expect(await read('vif_attach', '--vif', 'v', '--portgroup-uuid', 'g')).to.deep.equal({
      vif_info: { id: 'v', port_uuid: null, portgroup_uuid: 'g' },
    });
    expect(await read('vif_detach', '--vif-id', 'v')).to.deep.equal({ vif_id: 'v' });
    expect(await read('get_current_vif', '--port-uuid', 'p')).to.deep.equal({ port_uuid: 'p' });
    const path = file('{"uuid": "p"}');
    expect(await read('port_changed', '--port-obj', path)).to.deep.equal({ port_obj: { uuid: 'p' } });
    expect(await read('portgroup_changed', '--portgroup-obj', path)).to.deep.equal({ portgroup_obj: { uuid: 'p' } });
  });

  it('take DHCP options by name and value, of both versions, and those to be removed by name', async () => {
    const line = ['--dhcp-option', '67=a=b,c', '--dhcpv6-option', 'bootfile-url=http://[::1]/x', '--dhcp-option', '66'];
    expect(await read('update_dhcp_options', ...line, '--dhcp-option', 'tag:ipxe,67=')).to.deep.equal({
      options: [
        { opt_name: '67', opt_value: 'a=b,c', ip_version: 4 },
        { opt_name: '66', opt_value: null, ip_version: 4 },
        { opt_name: 'tag:ipxe,67', opt_value: '', ip_version: 4 },
        { opt_name: 'bootfile-url', opt_value: 'http://[::1]/x', ip_version: 6 },
      ],
    });
  });

  const refused: [MethodName, string[], string][] = [
    ['vif_list', ['--vif', 'v'], 'vif_list does not take --vif <id>'],
    ['add_rescuing_network', ['--network-type', 'rescuing'], 'does not take --network-type <type>'],
    ['reattach', ['--fix'], 'reattach does not take --fix'],
    ['vif_detach', ['--vif', 'v'], 'vif_detach does not take --vif <id>'],
    ['vif_attach', ['--vif-id', 'v'], 'vif_attach does not take --vif-id <id>'],
    ['vif_attach', ['--port-uuid', 'p'], 'vif_attach needs --vif <id>'],
    ['vif_detach', [], 'vif_detach needs --vif-id <id>'],
    ['get_current_vif', [], 'needs --port-uuid <uuid> or --portgroup-uuid <uuid>'],
    ['get_current_vif', ['--port-uuid', 'p', '--portgroup-uuid', 'g'], 'cannot be used with'],
    ['port_changed', [], 'port_changed needs --port-obj <file>'],
    ['port_changed', ['--portgroup-obj', 'missing'], 'port_changed does not take --portgroup-obj <file>'],
    ['port_changed', ['--port-obj', 'missing'], 'missing cannot be read'],
    ['portgroup_changed', [], 'portgroup_changed needs --portgroup-obj <file>'],
    ['update_dhcp_options', [], 'needs --dhcp-option <name=value> or --dhcpv6-option <name=value>'],
    ['update_dhcp_options', ['--dhcp-option', '=x'], 'name=value'],
    ['validate', ['--network-type', 'storage'], 'Allowed choices are'],
  ];
  for (const [method, line, message] of refused) {
    it(`refuse ${[method, ...line].join(' ')}`, async () => {
      expect((await rejection(read(method, ...line)))?.message).to.contain(message);
    });
  }

  it('refuse files that are too large or not JSON', async () => {
    const large = await rejection(read('port_changed', '--port-obj', file(' '.repeat(LIMIT + 1))));
    expect(large).to.be.instanceOf(UsageError).with.property('message').that.contains('larger than');
    const wrong = await rejection(read('port_changed', '--port-obj', file('{')));
    expect(wrong).to.be.instanceOf(UsageError).with.property('message').that.contains('is not JSON');
  });
});

describe('the command line: the text of an answer', () => {
  const result: OperationResult = {
    operation_id: 'op-1',
    node_uuid: 'node-1',
    method: 'vif_list',
    network_provider: 'neutron',
    network_type: null,
    status: 'succeeded',
    bindings: [],
    failures: [],
    warnings: [],
    error: null,
  };
  const after = (more: Partial<OperationResult>): string => {
    const [, ...lines] = describeResult({ ...result, ...more }).split('\n');
    return lines.join('\n');
  };

  it('is a table of VIFs', () => {
    const text = after({
      vifs: [
        { id: 'vif-1', port_uuid: 'port-1', portgroup_uuid: null },
        { id: 'vif-2', port_uuid: null, portgroup_uuid: 'group-1' },
      ],
    });
    expect(text)
      .to.match(/vif-1 +│ port port-1/)
      .and.to.match(/vif-2 +│ portgroup group-1/);
    expect(after({ vifs: [] })).to.equal('no VIF is attached');
  });

  it('is one line for a single fact', () => {
    expect(after({ current_vif: 'vif-1' })).to.equal('current VIF: vif-1');
    expect(after({ current_vif: null })).to.equal('current VIF: none');
    expect(after({ need_power_on: true })).to.equal('must be powered on: yes');
    expect(after({ need_power_on: false })).to.equal('must be powered on: no');
  });

  it('is JSON for network data', () => {
    const network_data = { links: [{ id: 'a', mtu: 1500 }], networks: [] };
    expect(JSON.parse(after({ network_data }))).to.deep.equal(network_data);
  });

  it('has the warnings, and no control characters', () => {
    const warnings = [{ port_uuid: 'port-1', portgroup_uuid: null, reason: 'binding_failed \u001b[2J' }];
    const text = after({ warnings, current_vif: '\u009b', network_data: { name: 'a\u009bb' } });
    const kind = [{ port_uuid: 'port-1', portgroup_uuid: null, kind: 'removal_unproven', reason: 'x' }];
    expect(after({ warnings: kind, vifs: [] })).to.match(/^port port-1 warning \(removal_unproven\): x\n/);
    expect(text).to.match(/^port port-1 warning: binding_failed {2}\[2J\n/);
    expect(text.replaceAll('\n', '')).to.not.match(/\p{Cc}/u);
  });
});
