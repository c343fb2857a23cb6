import { eachOnce } from './dhcp-options.js';
import { InvalidParameterValue, MissingParameterValue } from './errors.js';
import { optional, uuid } from './identifiers.js';
import { portgroupId, resolvePortgroupIds } from './ironic-object.js';
import { type MethodName, NETWORK_TYPES, type NetworkType } from './methods.js';
import { readFieldOf, shown } from './plain.js';
import { schema } from './schema.js';
import { checkedPort, checkedPortgroup } from './task.js';
import type { DhcpOption, Port, Portgroup, VifInfo } from './types.js';
import { vifId } from './vifs.js';

/** The arguments of a method besides its task. Arguments that the method does not take are null, empty or false. */
export interface MethodArguments {
  readonly network_type: NetworkType | null;
  readonly vif_info: VifInfo | null;
  readonly vif_id: string | null;
  readonly port_uuid: string | null;
  readonly portgroup_uuid: string | null;
  readonly port_obj: Port | null;
  readonly portgroup_obj: Portgroup | null;
  readonly options: readonly DhcpOption[];
  readonly fix: boolean;
}

export const NO_ARGUMENTS: MethodArguments = Object.freeze({
  network_type: null,
  vif_info: null,
  vif_id: null,
  port_uuid: null,
  portgroup_uuid: null,
  port_obj: null,
  portgroup_obj: null,
  options: [],
  fix: false,
});

type Args = Readonly<Record<string, unknown>>;

type ArgumentName = keyof MethodArguments;

/** The arguments of each method besides the task. Methods that are not listed here take none. */
const TAKEN: Partial<Record<MethodName, readonly ArgumentName[]>> = {
  validate: ['network_type'],
  vif_attach: ['vif_info'],
  vif_detach: ['vif_id'],
  get_current_vif: ['port_uuid', 'portgroup_uuid'],
  port_changed: ['port_obj'],
  portgroup_changed: ['portgroup_obj'],
  update_dhcp_options: ['options'],
  reconcile: ['fix'],
};

const READERS: { readonly [Name in ArgumentName]: (args: Args) => MethodArguments[Name] } = {
  network_type: (args) => networkType(read('network_type', args)),
  vif_info: (args) => vifInfo(read('vif_info', args) as VifInfo | null),
  vif_id: (args) => vifId(read('vif_id', args), 'vif_id'),
  port_uuid: (args) => portOrPortgroup(args).port_uuid,
  portgroup_uuid: (args) => portOrPortgroup(args).portgroup_uuid,
  port_obj: changedPort,
  portgroup_obj: changedPortgroup,
  options: (args) => dhcpOptions(read('options', args) as DhcpOption[]),
  fix: (args) => read('fix', args) === true,
};

/** The names of a method's arguments besides its task. */
export function argumentsOf(method: MethodName): readonly ArgumentName[] {
  return TAKEN[method] ?? [];
}

/**
 * Reads a method's arguments besides its task. It ignores all other arguments.
 *
 * @throws MissingParameterValue when an argument that the method needs is missing
 * @throws InvalidParameterValue that names the argument, its value, and the expected value
 */
export function readArguments(method: MethodName, args: Args): MethodArguments {
  const names = argumentsOf(method);
  if (names.length === 0) return NO_ARGUMENTS;
  return { ...NO_ARGUMENTS, ...Object.fromEntries(names.map((name) => [name, READERS[name](args)])) };
}

function read(name: ArgumentName, args: Args): unknown {
  return readFieldOf(schema.arguments, name, args);
}

function networkType(value: unknown): NetworkType | null {
  if (value === null || NETWORK_TYPES.some((type) => type === value)) return value as NetworkType | null;
  throw new InvalidParameterValue(`network_type must be one of ${NETWORK_TYPES.join(', ')}, not ${shown(value)}`);
}

function vifInfo(vif: VifInfo | null): VifInfo {
  if (vif === null)
    throw new MissingParameterValue('vif_info is missing: give an object with the id of a Neutron port');
  const { port_uuid, portgroup_uuid } = vif;
  if (port_uuid !== null && portgroup_uuid !== null) {
    throw new InvalidParameterValue('vif_info names both port_uuid and portgroup_uuid: give one of them');
  }
  return {
    id: vifId(vif.id, 'vif_info.id'),
    port_uuid: optional(port_uuid, 'vif_info.port_uuid', uuid),
    portgroup_uuid: optional(portgroup_uuid, 'vif_info.portgroup_uuid', uuid),
    project_id: project(vif.project_id),
  };
}

/** Checks the project's id. An empty id must be refused: it would turn off the check of the project. */
function project(id: string | null): string | null {
  if (id !== '') return id;
  throw new InvalidParameterValue('vif_info.project_id is empty: it must be the id of a project, or be left out');
}

function portOrPortgroup(args: Args): Pick<MethodArguments, 'port_uuid' | 'portgroup_uuid'> {
  const port_uuid = optional(read('port_uuid', args), 'port_uuid', uuid);
  const portgroup_uuid = optional(read('portgroup_uuid', args), 'portgroup_uuid', uuid);
  if (port_uuid === null && portgroup_uuid === null) {
    throw new MissingParameterValue('port_uuid or portgroup_uuid is missing: give the port or portgroup of the VIF');
  }
  if (port_uuid !== null && portgroup_uuid !== null) {
    throw new InvalidParameterValue('port_uuid and portgroup_uuid are both given: give one of them');
  }
  return { port_uuid, portgroup_uuid };
}

function changedPort(args: Args): Port {
  const { portgroups } = Object(args['task']) as { portgroups?: unknown };
  const { ports } = resolvePortgroupIds({ portgroups, ports: [args['port_obj']] }) as { ports: unknown[] };
  const port = read('port_obj', { port_obj: ports[0] }) as Port | null;
  if (port === null) throw new MissingParameterValue('port_obj is missing: give the port after the change');
  const id = portgroupId(args['port_obj']);
  if (port.portgroup_uuid === null && id !== null) {
    throw new InvalidParameterValue(
      `port_obj.portgroup_id ${shown(id)} is not in task.portgroups: add the portgroup there, or give portgroup_uuid`,
    );
  }
  return checkedPort(port, 'port_obj');
}

function changedPortgroup(args: Args): Portgroup {
  const portgroup = read('portgroup_obj', args) as Portgroup | null;
  if (portgroup !== null) return checkedPortgroup(portgroup, 'portgroup_obj');
  throw new MissingParameterValue('portgroup_obj is missing: give the portgroup after the change');
}

function dhcpOptions(options: DhcpOption[]): DhcpOption[] {
  if (options.length === 0) throw new MissingParameterValue('options is missing: it must be a list of DHCP options');
  const checked = options.map((option, index) => {
    const { opt_name: name, ip_version: version } = option as Partial<DhcpOption>;
    if (!name) throw new MissingParameterValue(`options[${index}].opt_name is missing: it must name a DHCP option`);
    if (version !== null && version !== 4 && version !== 6) {
      throw new InvalidParameterValue(`options[${index}].ip_version must be 4 or 6, not ${shown(version)}`);
    }
    return option;
  });
  return eachOnce(checked);
}
