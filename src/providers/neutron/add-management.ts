import { NetworkError } from '../../contract/errors.js';
import type { ManagementNetworkType } from '../../contract/methods.js';
import { NeutronError } from '../../neutron/errors.js';
import {
  DEVICE_OWNER_BAREMETAL,
  type NeutronPort,
  type PortAttributes,
  VNIC_BAREMETAL,
} from '../../neutron/resources.js';
import type { ProviderOutcome } from '../provider.js';
import { recordedElsewhere, recordedOn, refuseBeside, withoutNetworkType } from '../recorded.js';
import { changesTo } from './changes.js';
import { deletePorts, type Remainder } from './delete.js';
import type { WantedNetwork } from './networks.js';
import { type Attempt, attempt, bindingOf, describe, isOurs, type Operation } from './operation.js';
import { type PortLike, portLikesOf, unusable } from './port-like.js';
import { awaitBindings, failureOf, failuresOf, giveUp, operationError, transientError } from './settle.js';

interface Target {
  readonly type: ManagementNetworkType;
  readonly network: WantedNetwork;
}

/**
 * Adds a management network to a node: one Neutron port, bound to the node, for each of its port-like objects that
 * boot from the network. What is there already, from an earlier try or a lost answer, is adopted.
 *
 * When some cannot be bound the others stay and the result says which; when none can, everything made is removed.
 */
export async function addManagementNetwork(
  type: ManagementNetworkType,
  operation: Operation,
): Promise<ProviderOutcome> {
  const { context } = operation;
  refuseBeside(['tenant'], context);
  const target = { type, network: await operation.networks.find(type, context, operation.request) };
  const wanted = portLikesOf(context.task).filter((portLike) => portLike.bootMac !== null);
  if (wanted.length === 0) {
    throw new NetworkError(
      `node ${context.task.node.uuid} has no port with pxe_enabled: no NIC to boot the ramdisk from`,
    );
  }
  const existing = await portsWithMacs(wanted, target, operation);
  await removeOutdated(existing, target, operation);
  const attempts = await Promise.all(
    wanted.map((portLike) => attempt(portLike, (own) => ensurePort(own, existing, target, operation))),
  );
  await awaitBindings(attempts, operation);
  context.signal.throwIfAborted();
  return conclude(attempts, target, operation);
}

/** Every port on the network with the MAC of one of these, whoever it belongs to. A MAC is unique on a network. */
async function portsWithMacs(
  portLikes: readonly PortLike[],
  { network }: Target,
  { client, request }: Operation,
): Promise<NeutronPort[]> {
  const macs = portLikes.map((portLike) => portLike.bootMac).filter((mac) => mac !== null);
  return client.listPorts({ network_id: network.id, mac_address: macs }, request);
}

/** Removes what is on record but not among the ports found: it is of another network, or of a NIC that is no more. */
async function removeOutdated(existing: readonly NeutronPort[], { type }: Target, operation: Operation): Promise<void> {
  const kept = new Set([...existing.map(({ id }) => id), ...recordedElsewhere(type, operation.context)]);
  const outdated = recordedOn(type, operation.context).filter((binding) => !kept.has(binding.neutron_port_id));
  const left = await deletePorts(outdated.map(withoutNetworkType), operation);
  if (left.length > 0) throw operationError(`an earlier ${type} binding cannot be removed`, left.map(failureOf));
}

async function ensurePort(
  own: Attempt,
  existing: readonly NeutronPort[],
  target: Target,
  operation: Operation,
): Promise<NeutronPort> {
  const reason = unusable(own.portLike);
  if (reason !== null) throw new NetworkError(reason);
  const found = existing.find((port) => port.mac_address.toLowerCase() === own.portLike.bootMac);
  if (found === undefined) return createPort(own, target, operation);
  try {
    return await adoptPort(own, found, target, operation);
  } catch (error) {
    // Somebody deleted it since it was listed.
    if (error instanceof NeutronError && error.status === 404) return createPort(own, target, operation);
    throw error;
  }
}

/** Everything in one request: Neutron binds the port while it makes it. */
function attributesOf(portLike: PortLike, { network }: Target, { context }: Operation): PortAttributes {
  const { node } = context.task;
  return {
    network_id: network.id,
    admin_state_up: true,
    mac_address: portLike.bootMac,
    device_owner: DEVICE_OWNER_BAREMETAL,
    device_id: node.instance_uuid ?? node.uuid,
    'binding:host_id': node.uuid,
    'binding:vnic_type': VNIC_BAREMETAL,
    'binding:profile': portLike.profile,
  };
}

async function createPort(own: Attempt, target: Target, operation: Operation): Promise<NeutronPort> {
  own.touched = true;
  try {
    const port = await operation.client.createPort(attributesOf(own.portLike, target, operation), operation.request);
    operation.context.log.info('Neutron port created', { port: port.id, network: port.network_id });
    return port;
  } catch (error) {
    if (!(error instanceof NeutronError)) throw error;
    if (error.type === 'NetworkNotFound') throw operation.networks.gone(target.network);
    if (error.type !== 'MacAddressInUse') throw error;
    // The list did not show it: an earlier create of ours, whose answer was lost, may have been done only now.
    const [holder] = await portsWithMacs([own.portLike], target, operation);
    if (holder === undefined) throw error;
    return adoptPort(own, holder, target, operation);
  }
}

async function adoptPort(own: Attempt, port: NeutronPort, target: Target, operation: Operation): Promise<NeutronPort> {
  own.touched = isOurs(port, operation.context);
  if (!own.touched) {
    throw new NetworkError(`MAC address ${port.mac_address} is in use by ${describe(port)}, which is not ours`);
  }
  own.port = port;
  const changes = changesTo(port, attributesOf(own.portLike, target, operation));
  if (changes === null) return port;
  operation.context.log.info('Neutron port adopted', { port: port.id, changes: Object.keys(changes) });
  return operation.client.updatePort(port.id, changes, operation.request);
}

/** Decides what the attempts amount to, and undoes those that lead to nothing. */
async function conclude(attempts: readonly Attempt[], target: Target, operation: Operation): Promise<ProviderOutcome> {
  const transient = transientError(attempts);
  if (transient !== null) return giveUp(transient, () => rollBack(attempts, target, operation), operation);
  const failed = attempts.filter((own) => own.error !== null);
  const left = await rollBack(failed, target, operation);
  const failures = failuresOf(attempts, left);
  const standing = attempts.filter((own) => own.error === null || isRecorded(own.port, operation));
  const bindings = [
    ...standing.flatMap((own) => (own.port === null ? [] : [bindingOf(own.portLike.ref, own.port)])),
    ...left.map(({ binding }) => binding),
  ];
  if (failed.length < attempts.length) return { bindings, failures };
  const { node } = operation.context.task;
  const what = `node ${node.uuid} cannot be bound to the ${target.type} network ${target.network.id}`;
  return { bindings, failures, error: operationError(what, failures, attempts) };
}

/**
 * Removes what this operation made. What was sent counts, not what was answered: a create without an answer may have
 * been done, so the network is looked at again. A port on record was there before, and stays.
 */
async function rollBack(attempts: readonly Attempt[], target: Target, operation: Operation): Promise<Remainder[]> {
  const touched = attempts.filter((own) => own.touched);
  const found = await portsWithMacs(
    touched.map((own) => own.portLike),
    target,
    operation,
  );
  const made = found.filter((port) => isOurs(port, operation.context) && !isRecorded(port, operation));
  const bindings = made.map((port) => {
    const owner = touched.find((own) => own.portLike.bootMac === port.mac_address.toLowerCase());
    return bindingOf(owner?.portLike.ref ?? { port_uuid: null, portgroup_uuid: null }, port);
  });
  return deletePorts(bindings, operation);
}

/** Whether the port is on record, under whichever network type: two of them may be one network. */
function isRecorded(port: NeutronPort | null, { context }: Operation): boolean {
  return context.recorded.some((binding) => binding.neutron_port_id === port?.id);
}
