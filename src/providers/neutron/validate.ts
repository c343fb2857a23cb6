import { InvalidParameterValue } from '../../contract/errors.js';
import { isManagementNetworkType, type ManagementNetworkType, type NetworkType } from '../../contract/methods.js';
import type { BindingFailure } from '../../contract/types.js';
import type { ProviderOutcome } from '../provider.js';
import { wantedPortLikes } from './add-management.js';
import { refuseOtherThanLocalBoot } from './boot.js';
import { makesPorts, type Operation } from './operation.js';
import { portLikesOf, unusable } from './port-like.js';
import { securityGroupsFor } from './security-groups.js';
import { operationError } from './settle.js';
import { portLikesWithVif } from './tenant.js';

/** What a node cannot do without. Source: Ironic, validate of the network interfaces neutron and flat. */
const LEAST: Readonly<Record<'wired' | 'flat', readonly NetworkType[]>> = {
  wired: ['provisioning', 'cleaning'],
  flat: ['cleaning'],
};

/**
 * Checks, without a change, that the node could be moved to a type of network; where none is named, to those that it
 * cannot do without. Ports that could not be moved are in the result; when none could, it is an error.
 */
export async function validate(operation: Operation): Promise<Partial<ProviderOutcome>> {
  const { args } = operation.context;
  const types = args.network_type === null ? LEAST[operation.wired ? 'wired' : 'flat'] : [args.network_type];
  for (const type of types) {
    if (type === 'tenant') await validateTenant(operation);
    else if (isManagementNetworkType(type) && makesPorts(type, operation)) await validateManagement(type, operation);
  }
  return { failures: unusablePorts(operation) };
}

async function validateManagement(type: ManagementNetworkType, operation: Operation): Promise<void> {
  const { networks, client, context, request } = operation;
  const network = await networks.find(type, context, request);
  // A name was just looked up; a UUID is only a wish.
  if (network.name === null && (await client.listNetworks([network.id], request)).length === 0) {
    throw new InvalidParameterValue(`${network.label}: Neutron has no such network`);
  }
  await securityGroupsFor(type, operation);
  const wanted = wantedPortLikes(operation);
  const failures = unusablePorts(operation);
  if (
    wanted.every(({ ref }) =>
      failures.some((own) => own.port_uuid === ref.port_uuid && own.portgroup_uuid === ref.portgroup_uuid),
    )
  ) {
    throw operationError(`node ${context.task.node.uuid} cannot be bound to the ${type} network`, failures);
  }
}

async function validateTenant(operation: Operation): Promise<void> {
  portLikesWithVif(operation.context.task);
  if (operation.wired) await refuseOtherThanLocalBoot(operation);
}

function unusablePorts({ context, wired }: Operation): BindingFailure[] {
  return portLikesOf(context.task).flatMap((portLike) => {
    const reason = unusable(portLike, wired);
    return reason === null ? [] : [{ ...portLike.ref, reason }];
  });
}

/** A smart NIC is configured by an agent that runs on it, and so only while the node is powered on. */
export function needPowerOn({ context }: Pick<Operation, 'context'>): Promise<Partial<ProviderOutcome>> {
  return Promise.resolve({ need_power_on: context.task.ports.some((port) => port.is_smartnic === true) });
}
