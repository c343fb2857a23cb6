import { type Command, InvalidArgumentError, Option } from 'commander';

import type { ArgumentsInput } from '../../client/request-input.js';
import { isMethodName, METHOD_NAMES, type MethodName, NETWORK_TYPES } from '../../contract/methods.js';
import { UsageError } from '../../services/errors.js';
import { readJsonArgument } from './argument-parsers.js';

/** A method's arguments beside the task, as options of the command line. */
export interface MethodOptions {
  networkType?: NonNullable<ArgumentsInput['network_type']>;
  vif?: string;
  vifId?: string;
  portUuid?: string;
  portgroupUuid?: string;
  portObj?: string;
  portgroupObj?: string;
  dhcpOption?: DhcpOptionInput[];
  dhcpv6Option?: DhcpOptionInput[];
  fix?: boolean;
}

type DhcpOptionInput = NonNullable<ArgumentsInput['options']>[number];
type Flag = keyof MethodOptions;

/**
 * The options of each method that takes any. The method needs one of `needs`, and may have those of `may` in addition.
 */
const TAKES: Partial<Record<MethodName, { needs: readonly Flag[]; may?: readonly Flag[] }>> = {
  validate: { needs: [], may: ['networkType'] },
  vif_attach: { needs: ['vif'], may: ['portUuid', 'portgroupUuid'] },
  vif_detach: { needs: ['vifId'] },
  get_current_vif: { needs: ['portUuid', 'portgroupUuid'] },
  port_changed: { needs: ['portObj'] },
  portgroup_changed: { needs: ['portgroupObj'] },
  update_dhcp_options: { needs: ['dhcpOption', 'dhcpv6Option'] },
  reconcile: { needs: [], may: ['fix'] },
};

const SYNTAX: Readonly<Record<Flag, string>> = {
  networkType: '--network-type <type>',
  vif: '--vif <id>',
  vifId: '--vif-id <id>',
  portUuid: '--port-uuid <uuid>',
  portgroupUuid: '--portgroup-uuid <uuid>',
  portObj: '--port-obj <file>',
  portgroupObj: '--portgroup-obj <file>',
  dhcpOption: '--dhcp-option <name=value>',
  dhcpv6Option: '--dhcpv6-option <name=value>',
  fix: '--fix',
};

/** The methods and their options, for --help. Options in brackets are optional. */
export const METHOD_HELP = `
Methods:
  add_provisioning_network, remove_provisioning_network, and the same for cleaning, rescuing, inspection, servicing
  configure_tenant_networks, unconfigure_tenant_networks, reattach
  vif_attach            --vif <id> [--port-uuid <uuid> | --portgroup-uuid <uuid>]
  vif_detach            --vif-id <id>
  port_changed          --port-obj <file>
  portgroup_changed     --portgroup-obj <file>
  update_dhcp_options   --dhcp-option <name=value>... --dhcpv6-option <name=value>...
  reconcile             [--fix]    compare with Neutron; without --fix, it changes nothing

Methods that change nothing:
  validate              [--network-type <type>]
  get_current_vif       --port-uuid <uuid> | --portgroup-uuid <uuid>
  vif_list, need_power_on, get_node_network_data
`;

/** Parser of an option that is the name of a known method. */
export function methodName(text: string): MethodName {
  if (isMethodName(text)) return text;
  throw new InvalidArgumentError(`It must be one of ${METHOD_NAMES.join(', ')}.`);
}

export function addMethodOptions(command: Command): Command {
  const option = (flag: Flag, meaning: string): Option =>
    new Option(SYNTAX[flag], meaning).helpGroup('Arguments of some methods:');
  return command
    .addOption(option('networkType', 'a type of network').choices(NETWORK_TYPES))
    .addOption(option('vif', 'the Neutron port to attach'))
    .addOption(option('vifId', 'the Neutron port to detach'))
    .addOption(option('portUuid', 'a port (NIC) of the node').conflicts('portgroupUuid'))
    .addOption(option('portgroupUuid', 'a portgroup of the node'))
    .addOption(option('portObj', 'JSON with the port after the change; - for standard input'))
    .addOption(option('portgroupObj', 'JSON with the portgroup after the change; - for standard input'))
    .addOption(
      option('dhcpOption', 'a DHCP option, by name or number; without =value it is removed').argParser(dhcp(4)),
    )
    .addOption(option('dhcpv6Option', 'the same for DHCPv6').argParser(dhcp(6)))
    .addOption(option('fix', 'repair differences'));
}

function dhcp(ip_version: 4 | 6): (text: string, before?: DhcpOptionInput[]) => DhcpOptionInput[] {
  return (text, before = []) => {
    const [, name = '', value = null] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
    if (name === '') throw new InvalidArgumentError('It must be name=value, or name to remove the option.');
    return [...before, { opt_name: name, opt_value: value, ip_version }];
  };
}

/**
 * Reads the method's arguments from the options. The files may be as large as a message.
 *
 * @throws UsageError that names the option that the method does not take, or the option that it needs
 */
export async function readMethodOptions(
  method: MethodName,
  options: MethodOptions,
  maxBytes: number,
): Promise<ArgumentsInput> {
  const { needs, may = [] } = TAKES[method] ?? { needs: [] };
  const given = (Object.keys(SYNTAX) as Flag[]).filter((flag) => options[flag] !== undefined);
  const other = given.find((flag) => !needs.includes(flag) && !may.includes(flag));
  if (other !== undefined) throw new UsageError(`${method} does not take ${SYNTAX[other]}`);
  if (needs.length > 0 && !needs.some((flag) => given.includes(flag))) {
    throw new UsageError(`${method} needs ${needs.map((flag) => SYNTAX[flag]).join(' or ')}`);
  }
  const { vif, vifId, networkType, portUuid, portgroupUuid, portObj, portgroupObj } = options;
  const where = { port_uuid: portUuid ?? null, portgroup_uuid: portgroupUuid ?? null };
  const dhcpOptions = [...(options.dhcpOption ?? []), ...(options.dhcpv6Option ?? [])];
  return {
    network_type: networkType,
    vif_id: vifId,
    ...(vif === undefined ? where : { vif_info: { id: vif, ...where } }),
    // The client validates the contents of the files, as for every caller.
    port_obj:
      portObj === undefined ? null : ((await readJsonArgument(portObj, maxBytes)) as ArgumentsInput['port_obj']),
    portgroup_obj:
      portgroupObj === undefined
        ? null
        : ((await readJsonArgument(portgroupObj, maxBytes)) as ArgumentsInput['portgroup_obj']),
    options: dhcpOptions.length === 0 ? null : dhcpOptions,
    fix: options.fix,
  };
}
