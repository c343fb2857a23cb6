import type { WarningKind } from '../../../contract/result.js';
import type { BindingFailure, PortBinding } from '../../../contract/types.js';
import { switchingDrivers } from '../../../neutron/mechanism-drivers.js';
import type { ProviderOutcome } from '../../provider.js';
import type { NeutronOperation, Remainder } from './operation.js';
import { isBound, switchPorts } from './update.js';

/**
 * Notes the ports that leave their switch ports without a proof, in `operation.unproven`: mechanism drivers that
 * configure switches have bound them, or Neutron does not say which drivers have. Asks Neutron only if nothing is known
 * of the drivers of a switch.
 *
 * @param leaving ports that will be deleted or unbound without quarantine, each on a switch port
 * @throws errors of Neutron
 */
export async function noteUnproven(leaving: readonly PortBinding[], operation: NeutronOperation): Promise<void> {
  const { client, request, switchDrivers, unproven } = operation;
  const plugged = leaving.filter(isPlugged);
  const unknown = plugged.filter(({ profile }) => switchDrivers.of(profile) === null);
  if (unknown.length > 0) {
    switchDrivers.learn(await client.listPorts({ id: unknown.map(({ neutron_port_id: id }) => id) }, request));
  }
  for (const binding of plugged) {
    const drivers = switchDrivers.of(binding.profile);
    const switching = switchingDrivers(drivers ?? []);
    if (drivers === null || drivers.size === 0 || switching.length > 0) {
      unproven.push({ binding, reason: reasonFor(binding, switching) });
    }
  }
}

function isPlugged({ host_id: host, vif_type }: PortBinding): boolean {
  return host !== '' && isBound({ 'binding:vif_type': vif_type });
}

function reasonFor({ neutron_port_id: port, network_id: network }: PortBinding, drivers: readonly string[]): string {
  const unsaid =
    drivers.length > 0
      ? `Neutron does not say whether its mechanism driver ${drivers.join(', ')} has unplugged the switch port`
      : 'Neutron says neither which mechanism driver had bound it, nor whether that one has unplugged the switch port';
  return (
    `Neutron port ${port} was taken off network ${network}, but ${unsaid}: if not, the NIC stays on the network until ` +
    'its switch port is plugged in elsewhere; set quarantine_network to have a removal proven'
  );
}

/**
 * Adds a warning for each port that left its switch port without a proof, unless the switch port was plugged in
 * elsewhere since: Neutron calls a port ACTIVE only if its driver could plug it in.
 */
export function withUnproven<Outcome extends object>(outcome: Outcome, { unproven }: NeutronOperation): Outcome {
  if (unproven.length === 0) return outcome;
  const { warnings = [], bindings = [], standing }: Partial<ProviderOutcome> = outcome;
  const now: readonly PortBinding[] = standing ?? bindings;
  const open = unproven.filter(({ binding }) => !now.some((other) => isInstead(other, binding)));
  const further = new Map(open.map((remainder) => [remainder.binding.neutron_port_id, warningOf(remainder)]));
  return further.size === 0 ? outcome : { ...outcome, warnings: [...warnings, ...further.values()] };
}

/** Whether the other binding has all switch ports of this one now, or is this one, which then has not left. */
function isInstead(other: PortBinding, own: PortBinding): boolean {
  const there = new Set(switchPorts(other.profile));
  const stands = other.status === 'ACTIVE' || other.neutron_port_id === own.neutron_port_id;
  return stands && isPlugged(other) && switchPorts(own.profile).every((name) => there.has(name));
}

function warningOf({ binding: { port_uuid, portgroup_uuid }, reason }: Remainder): BindingFailure {
  return { port_uuid, portgroup_uuid, kind: 'removal_unproven' satisfies WarningKind, reason };
}
