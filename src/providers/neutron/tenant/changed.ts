import { isDeepStrictEqual } from 'node:util';

import { InvalidParameterValue, MissingParameterValue } from '../../../contract/errors.js';
import type { BindingFailure, Port, Portgroup, Task } from '../../../contract/types.js';
import { tenantVif } from '../../../contract/vifs.js';
import { DHCP_CLIENT_ID, type PortAttributes } from '../../../neutron/resources.js';
import { refuseMembership, refuseStandaloneMembers } from '../../ports/membership.js';
import { type PortLike, portLikesOf } from '../../ports/port-like.js';
import { recordedOn } from '../../ports/recorded.js';
import type { ProviderOutcome } from '../../provider.js';
import { makesPorts, type NeutronOperation } from '../binding/operation.js';
import { changeVif } from './vif-change.js';

/** The fields of a port, besides its MAC address, that Neutron learns only when the VIF is bound. */
const OF_PORT = ['local_link_connection', 'physical_network', 'is_smartnic', 'portgroup_uuid'] as const;
/** The same for a portgroup. */
const OF_PORTGROUP = ['name', 'mode', 'properties', 'physical_network'] as const;

/**
 * Changes the VIF of a port (NIC) as the port changes: the VIF gets its MAC address and DHCP client id. The task has
 * the port as it was. A change that Neutron can learn only from a new binding results in a warning.
 *
 * Source: Ironic, drivers/modules/network/common.py, port_changed.
 *
 * @throws Conflict when the port cannot be in its portgroup; InvalidParameterValue when the node does not have the
 *   port; and the errors of changeVif
 */
export async function portChanged(operation: NeutronOperation): Promise<Partial<ProviderOutcome>> {
  const { task, args } = operation.context;
  const is = args.port_obj;
  if (is === null) throw new MissingParameterValue('port_obj is missing: give the port after the change');
  const was = task.ports.find(({ uuid }) => uuid === is.uuid);
  if (was === undefined) throw unknown('port_obj', is, task);
  refuseMembership(was, is, task);
  const carriers = [is.uuid, was.portgroup_uuid, is.portgroup_uuid];
  const warnings = [
    ...managementWarnings(was, is, operation),
    ...bindingWarnings(differing(OF_PORT, was, is), carriers, operation),
  ];
  return follow(tenantVif(was), alone(was, task), alone(is, task), warnings, operation);
}

/**
 * Changes the VIF of a portgroup as the portgroup changes: the VIF gets its MAC address. If the portgroup loses its
 * address, the VIF keeps its own.
 *
 * @throws Conflict when a member contradicts the changed portgroup; InvalidParameterValue when the node does not have
 *   the portgroup; and the errors of changeVif
 */
export async function portgroupChanged(operation: NeutronOperation): Promise<Partial<ProviderOutcome>> {
  const { task, args } = operation.context;
  const is = args.portgroup_obj;
  if (is === null) throw new MissingParameterValue('portgroup_obj is missing: give the portgroup after the change');
  const was = task.portgroups.find(({ uuid }) => uuid === is.uuid);
  if (was === undefined) throw unknown('portgroup_obj', is, task);
  refuseStandaloneMembers(was, is, task);
  const warnings = [
    ...managementWarnings(was, is, operation),
    ...bindingWarnings(differing(OF_PORTGROUP, was, is), [is.uuid], operation),
  ];
  return follow(tenantVif(was), group(was, task), group(is, task), warnings, operation);
}

function unknown(argument: string, { uuid }: Port | Portgroup, { node }: Task): InvalidParameterValue {
  return new InvalidParameterValue(
    `${argument}.uuid ${uuid} is not in the task of node ${node.uuid}: the task must contain it as it was before the change`,
  );
}

/** The port as if it were in no portgroup: a VIF that it has is its own. */
function alone(port: Port, task: Task): PortLike[] {
  return portLikesOf({ ...task, ports: [{ ...port, portgroup_uuid: null }], portgroups: [] });
}

function group(portgroup: Portgroup, task: Task): PortLike[] {
  const ports = task.ports.filter(({ portgroup_uuid }) => portgroup_uuid === portgroup.uuid);
  return portLikesOf({ ...task, ports, portgroups: [portgroup] });
}

async function follow(
  vif: string | null,
  [was]: readonly PortLike[],
  [is]: readonly PortLike[],
  warnings: BindingFailure[],
  operation: NeutronOperation,
): Promise<Partial<ProviderOutcome>> {
  const changes = was === undefined || is === undefined ? {} : changesBetween(was, is);
  if (vif === null || was === undefined || is === undefined || Object.keys(changes).length === 0) {
    return { warnings };
  }
  const outcome = await changeVif({ vif, portLike: is, changes, undo: changesBetween(is, was) }, operation);
  return { ...outcome, warnings: [...(outcome.warnings ?? []), ...warnings] };
}

function changesBetween(from: PortLike, to: PortLike): PortAttributes {
  return {
    ...(to.address === null || to.address === from.address ? {} : { mac_address: to.address }),
    ...(to.clientId === from.clientId
      ? {}
      : { extra_dhcp_opts: [{ opt_name: DHCP_CLIENT_ID, opt_value: to.clientId }] }),
  };
}

/**
 * Warns about ports made for a ramdisk. They are not changed: the running ramdisk has the address with which it booted.
 */
function managementWarnings(
  was: Port | Portgroup,
  is: Port | Portgroup,
  operation: NeutronOperation,
): BindingFailure[] {
  const address = was.address?.toLowerCase();
  if (address === is.address?.toLowerCase()) return [];
  const { recorded } = operation.context;
  // A portgroup without an address uses that of a member.
  const carriers = [was.uuid, ...('portgroup_uuid' in was ? [was.portgroup_uuid] : [])];
  const made = recorded.filter(
    ({ network_type, mac_address, port_uuid, portgroup_uuid }) =>
      makesPorts(network_type, operation) &&
      mac_address.toLowerCase() === address &&
      carriers.includes(port_uuid ?? portgroup_uuid),
  );
  return made.map(({ port_uuid, portgroup_uuid, neutron_port_id, network_type }) => ({
    port_uuid,
    portgroup_uuid,
    reason:
      `Neutron port ${neutron_port_id} on the ${network_type} network keeps MAC address ${String(address)}. To ` +
      `boot with the new one, remove the ${network_type} network and add it again`,
  }));
}

function differing<T extends Port | Portgroup>(fields: readonly (keyof T & string)[], was: T, is: T): string[] {
  return fields.filter((field) => !isDeepStrictEqual(was[field], is[field]));
}

function bindingWarnings(
  fields: readonly string[],
  carriers: readonly (string | null)[],
  operation: NeutronOperation,
): BindingFailure[] {
  if (fields.length === 0 || !operation.wired) return [];
  const bound = recordedOn('tenant', operation.context).filter(({ port_uuid, portgroup_uuid }) =>
    carriers.includes(port_uuid ?? portgroup_uuid),
  );
  return bound.map(({ port_uuid, portgroup_uuid, neutron_port_id }) => ({
    port_uuid,
    portgroup_uuid,
    reason: `VIF ${neutron_port_id} stays bound with the old ${fields.join(', ')}: call reattach to bind it again`,
  }));
}
