import { isDeepStrictEqual } from 'node:util';
import { InvalidParameterValue, NetworkError } from '../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES } from '../../contract/methods.js';
import type { Vif } from '../../contract/types.js';
import { attachedVifs, withVifs } from '../../contract/vifs.js';
import { NeutronError } from '../../neutron/errors.js';
import { type NeutronPort, type PortAttributes, VNIC_BAREMETAL } from '../../neutron/resources.js';
import { chooseCarrier, refuseAttached } from '../carrier.js';
import type { ProviderOutcome } from '../provider.js';
import { recordedOn, refuseBeside, withoutNetworkType } from '../recorded.js';
import { refuseOtherThanLocalBoot } from './boot.js';
import { isBound } from './changes.js';
import type { Operation } from './operation.js';
import { physicalNetworksFor } from './physnets.js';
import { type PortLike, portLikesOf, unusable } from './port-like.js';
import { failureOf, operationError } from './settle.js';
import { bindVifs, holderOf } from './tenant.js';
import { UNBOUND } from './unbind.js';
import { detachedVifs, fetchVifs, unbindVifs } from './vifs.js';

/** State of a node that its tenant uses: what is attached to it is bound at once. */
const ACTIVE = 'active';

/**
 * Attaches a VIF to a free port or portgroup, whose MAC address it gets. On an active node it is bound at once; on any
 * other it is left unbound, for configure_tenant_networks.
 *
 * Nothing of the choice is on record before the end, so a repeat chooses anew: from the same task it chooses the same,
 * and finds in Neutron what it did before.
 */
export async function attachVif(operation: Operation): Promise<Partial<ProviderOutcome>> {
  const { context } = operation;
  const { task } = context;
  const wanted = wantedVif(operation);
  refuseAttached(task, wanted.id);
  const detached = detachedVifs(context);
  const found = await fetchVifs([{ vif: wanted.id }, ...detached], operation);
  const port = found.get(wanted.id);
  if (port === undefined) {
    throw new InvalidParameterValue(
      `vif_info.id ${wanted.id} does not exist in Neutron: name a Neutron port that the tenant made`,
    );
  }
  const physnets = await physicalNetworksFor(port, operation);
  const { ref } = chooseCarrier(task, wanted, physnets, (portLike) => unusable(portLike, operation.wired));
  const attached = withAttached(operation, { id: wanted.id, ...ref });
  const isHere = (other: { ref: PortLike['ref'] }): boolean => isDeepStrictEqual(other.ref, ref);
  // One NIC, one VIF: what was on it and is not in the task any more may still be bound in Neutron.
  const stale = detached.filter((other) => isHere(other) && other.vif !== wanted.id);
  const left = await unbindVifs(stale, found, operation);
  if (left.length > 0) throw operationError('a detached VIF cannot be unbound', left.map(failureOf));

  const gone = new Set([wanted.id, ...stale.map(({ vif }) => vif)]);
  const others = recordedOn('tenant', context).filter((binding) => !gone.has(binding.neutron_port_id));
  const carrier = portLikesOf(attached.context.task).filter(isHere);
  const bound = task.node.provision_state === ACTIVE ? await bindNow(carrier, found, attached) : null;
  if (bound === null) for (const own of carrier) await prepare(port, own, operation);
  const outcome = bound ?? { bindings: [], failures: [] };
  return {
    ...outcome,
    bindings: [...others.map(withoutNetworkType), ...outcome.bindings],
    ...(outcome.error === undefined ? { vifs: attachedVifs(attached.context.task) } : {}),
  };
}
