import { Conflict, InvalidParameterValue } from '../../contract/errors.js';
import type { Port, Portgroup, Task } from '../../contract/types.js';
import { tenantVif } from '../../contract/vifs.js';

/**
 * Refuses a port that cannot be a member of its portgroup. If the portgroup has standalone_ports_supported false, its
 * members must not boot from the network or have VIFs of their own. A port that has a VIF cannot join any portgroup,
 * because the portgroup would be connected in its place.
 *
 * Source: Ironic, drivers/modules/network/common.py, port_changed.
 *
 * @throws Conflict that names the reasons; InvalidParameterValue when the portgroup is not in the task
 */
export function refuseMembership(was: Port, is: Port, task: Task): void {
  if (is.portgroup_uuid === null) return;
  const portgroup = task.portgroups.find(({ uuid }) => uuid === is.portgroup_uuid);
  if (portgroup === undefined) {
    throw new InvalidParameterValue(`port_obj.portgroup_uuid ${is.portgroup_uuid} is not among the task's portgroups`);
  }
  const vif = tenantVif(was);
  const joins = is.portgroup_uuid !== was.portgroup_uuid;
  const only = portgroup.standalone_ports_supported === false;
  const looked = joins || boots(is) !== boots(was) || vif !== null;
  const reasons = [
    ...(only && looked && boots(is) ? ['pxe_enabled is true: set it to false'] : []),
    ...(vif !== null && (only || joins) ? [`VIF ${vif} is attached to the port: detach it`] : []),
  ];
  if (reasons.length === 0) return;
  const supports = only ? ', whose standalone_ports_supported is false' : '';
  throw new Conflict(
    `port ${is.uuid} cannot be a member of portgroup ${portgroup.uuid}${supports}: ${reasons.join('; ')}`,
  );
}

/**
 * Refuses to set standalone_ports_supported of a portgroup to false while a member boots from the network or has its
 * own VIF.
 *
 * Source: Ironic, drivers/modules/network/common.py, portgroup_changed.
 *
 * @throws Conflict that names the members
 */
export function refuseStandaloneMembers(was: Portgroup, is: Portgroup, task: Task): void {
  if (is.standalone_ports_supported !== false || was.standalone_ports_supported === false) return;
  const reasons = task.ports
    .filter(({ portgroup_uuid }) => portgroup_uuid === is.uuid)
    .flatMap((port) => {
      const vif = tenantVif(port);
      return [
        ...(boots(port) ? [`port ${port.uuid} has pxe_enabled true: set it to false`] : []),
        ...(vif === null ? [] : [`port ${port.uuid} has VIF ${vif}: detach it`]),
      ];
    });
  if (reasons.length === 0) return;
  throw new Conflict(
    `standalone_ports_supported of portgroup ${is.uuid} cannot be set to false: ${reasons.join('; ')}`,
  );
}

/** Ironic's default for pxe_enabled is true. */
function boots({ pxe_enabled: enabled }: Port): boolean {
  return enabled !== false;
}
