import { z } from 'zod';

/**
 * binding:vif_details of a port, with only the part that we read: the mechanism driver of each level of its binding.
 * Only lists of ports and a port that is read have it. Neutron's answer to a POST or PUT does not, and a Neutron before
 * 2021 never has it. What cannot be read counts as missing, because no move may fail for want of it.
 *
 * Source: neutron_lib/api/definitions/portbindings.py, VIF_DETAILS_BOUND_DRIVERS; Neutron, plugins/ml2/plugin.py,
 * _update_port_dict_bound_drivers.
 */
export const VifDetails = z
  .object({ bound_drivers: z.record(z.string(), z.string()).nullish() })
  .nullish()
  .catch(null);

/** The names of the mechanism drivers that have bound the port; empty if Neutron does not name them. */
export function driversOf(port: { readonly 'binding:vif_details'?: z.infer<typeof VifDetails> | undefined }): string[] {
  return Object.values(port['binding:vif_details']?.bound_drivers ?? {});
}

/**
 * Mechanism drivers that leave the switch ports of bare-metal nodes alone. networking-baremetal's driver does so unless
 * it is told about devices (enabled_devices), which Neutron's API does not show.
 */
const WITHOUT_SWITCHES: readonly string[] = ['baremetal', 'openvswitch', 'ovn', 'linuxbridge'];

/**
 * Those of the drivers that configure switches. With one of them, Neutron cannot tell whether a NIC has left a network:
 * its ML2 plug-in only logs that a driver could not unplug a switch port.
 */
export function switchingDrivers(drivers: Iterable<string>): string[] {
  return [...drivers].filter((driver) => !WITHOUT_SWITCHES.includes(driver));
}
