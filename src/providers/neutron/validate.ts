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

/** What a node cannot do without. Source: Ironic, validate of the network interfaces neutron and flat. */
const LEAST: Readonly<Record<'wired' | 'flat', readonly NetworkType[]>> = {
  wired: ['provisioning', 'cleaning'],
  flat: ['cleaning'],
};

/**
 * Checks, without a change, that Neutron has the networks that the node is to be moved to; where none is named, those
 * that it cannot do without. What else would hinder a move is a warning: Ironic validates a node with its ports as they
 * are before it changes one, so a port that failed here could never be repaired.
 *
 * Source: Ironic, conductor/manager.py, update_port and update_portgroup; validate of the network interfaces.
 *
 * @throws MissingParameterValue or InvalidParameterValue when a network is not set, or is none of Neutron's
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
  // A name was just looked up; a UUID is only a wish.
  if (network.name === null && (await client.listNetworks([network.id], request)).length === 0) {
    throw new InvalidParameterValue(`${network.label}: Neutron has no such network`);
  }
}

/** @throws InvalidParameterValue when the node's VIFs are where it cannot boot from */
async function validateTenant(operation: NeutronOperation): Promise<BindingFailure[]> {
  if (operation.wired) await refuseOtherThanLocalBoot(operation);
  const passed = passedOver(operation).map(({ warning }) => warning);
  return [...(await refusal(() => portLikesWithVif(operation))), ...passed];
}

/** Why a step is refused; none: it is not. */
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
    // A task that contradicts itself: the step that asks for its ports has said so.
    if (error instanceof InvalidParameterValue) return [];
    throw error;
  }
}

/** A smart NIC is configured by an agent that runs on it, and so only while the node is powered on. */
export function needPowerOn({ context }: Pick<NeutronOperation, 'context'>): Promise<Partial<ProviderOutcome>> {
  return Promise.resolve({ need_power_on: context.task.ports.some((port) => port.is_smartnic === true) });
}
