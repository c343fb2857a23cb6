import { InvalidParameterValue, IronicError } from '../../contract/errors.js';
import { isManagementNetworkType, type ManagementNetworkType, type NetworkType } from '../../contract/methods.js';
import type { BindingFailure } from '../../contract/types.js';
import { portLikesOf, unusable } from '../ports/port-like.js';
import type { ProviderOutcome } from '../provider.js';
import { refuseOtherThanLocalBoot } from './binding/boot.js';
import { makesPorts, type NeutronOperation } from './binding/operation.js';
import { wantedPortLikes } from './management/add.js';
import { securityGroupsFor } from './management/port.js';
import { passedOver, portLikesWithVif } from './tenant/tenant.js';

/** The network types that every node needs. Source: Ironic, validate of the network interfaces neutron and flat. */
const LEAST: Readonly<Record<'wired' | 'flat', readonly NetworkType[]>> = {
  wired: ['provisioning', 'cleaning'],
  flat: ['cleaning'],
};

/**
 * Checks, without any change, that Neutron has the networks to which the node may be moved: that of the argument
 * network_type, or else those that every node needs. Any other obstacle is only a warning: Ironic validates a node with
 * its present ports before it changes a port, so a port that failed here could never be corrected.
 *
 * Source: Ironic, conductor/manager.py, update_port and update_portgroup; validate of the network interfaces.
 *
 * @throws MissingParameterValue or InvalidParameterValue when a network is not set, or Neutron does not have it
 */
export async function validate(operation: NeutronOperation): Promise<Partial<ProviderOutcome>> {
  const { args } = operation.context;
  const types = args.network_type === null ? LEAST[operation.wired ? 'wired' : 'flat'] : [args.network_type];
  const warnings: BindingFailure[] = [];
  for (const type of types) {
    if (!isManagementNetworkType(type)) warnings.push(...(await validateTenant(operation)));
    else if (makesPorts(type, operation)) {
      await findNetwork(type, operation);
      warnings.push(...(await refusal(() => securityGroupsFor(type, operation))));
      warnings.push(...(await refusal(() => wantedPortLikes(operation))));
    }
  }
  return { warnings: [...distinct(warnings), ...unusablePorts(operation)] };
}

async function findNetwork(type: ManagementNetworkType, operation: NeutronOperation): Promise<void> {
  const { networks, client, context, request } = operation;
  const network = await networks.find(type, context, request);
  // A name was just looked up in Neutron; a UUID has not been checked yet.
  if (network.name === null && (await client.listNetworks([network.id], request)).length === 0) {
    throw new InvalidParameterValue(`${network.label}: Neutron has no such network`);
  }
}

/** @throws InvalidParameterValue when a VIF is on a network from which the node cannot boot */
async function validateTenant(operation: NeutronOperation): Promise<BindingFailure[]> {
  if (operation.wired) await refuseOtherThanLocalBoot(operation);
  const passed = passedOver(operation).map(({ warning }) => warning);
  return [...(await refusal(() => portLikesWithVif(operation))), ...passed];
}

/** Runs a step and returns the reason if the step is refused; empty if it is not. */
async function refusal(step: () => unknown): Promise<BindingFailure[]> {
  try {
    await step();
    return [];
  } catch (error) {
    if (!(error instanceof IronicError)) throw error;
    return [{ port_uuid: null, portgroup_uuid: null, reason: error.message }];
  }
}

function distinct(warnings: readonly BindingFailure[]): BindingFailure[] {
  return [...new Map(warnings.map((warning) => [warning.reason, warning])).values()];
}

function unusablePorts({ context, wired }: NeutronOperation): BindingFailure[] {
  try {
    return portLikesOf(context.task).flatMap((portLike) => {
      const reason = unusable(portLike, wired);
      return reason === null ? [] : [{ ...portLike.ref, reason }];
    });
  } catch (error) {
    // The task contradicts itself; the step that asked for its ports has already reported this.
    if (error instanceof InvalidParameterValue) return [];
    throw error;
  }
}

/** Tells whether the node must be powered on: the agent that configures a smart NIC runs on the NIC itself. */
export function needPowerOn({ context }: Pick<NeutronOperation, 'context'>): Promise<Partial<ProviderOutcome>> {
  return Promise.resolve({ need_power_on: context.task.ports.some((port) => port.is_smartnic === true) });
}
