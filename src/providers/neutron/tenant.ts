import { InvalidParameterValue, NetworkError } from '../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES } from '../../contract/methods.js';
import type { Task } from '../../contract/types.js';
import { NeutronError } from '../../neutron/errors.js';
import { type NeutronPort, type PortAttributes, VNIC_BAREMETAL } from '../../neutron/resources.js';
import type { ProviderOutcome } from '../provider.js';
import { refuseBeside } from '../recorded.js';
import { changesTo, isBound } from './changes.js';
import type { Remainder } from './delete.js';
import { type Attempt, attempt, bindingOf, describe, type Operation } from './operation.js';
import { type PortLike, portLikesOf, unusable } from './port-like.js';
import { awaitBindings, failureOf, failuresOf, giveUp, operationError, transientError } from './settle.js';
import { attachments, detachedVifs, fetchVifs, unbindVifs } from './vifs.js';

/**
 * Binds the Neutron ports that Nova or the user made for the node, its VIFs. One that is bound already, with the right
 * data, is left as it is. All are bound or none: when one fails, those bound in this operation are unbound again.
 */
export async function configureTenantNetworks(operation: Operation): Promise<ProviderOutcome> {
  const { context } = operation;
  refuseBeside(MANAGEMENT_NETWORK_TYPES, context);
  const wanted = portLikesWithVif(context.task);
  const detached = detachedVifs(context);
  const vifs = await fetchVifs([...attachments(context.task), ...detached], operation);
  const left = await unbindVifs(detached, vifs, operation);
  if (left.length > 0) throw operationError('a detached VIF cannot be unbound', left.map(failureOf));
  const attempts = await Promise.all(
    wanted.map((portLike) => attempt(portLike, (own) => bindVif(own, vifs, operation))),
  );
  if (attempts.every((own) => own.error === null)) await awaitBindings(attempts, operation);
  context.signal.throwIfAborted();
  return conclude(attempts, operation);
}

/** Unbinds the node's VIFs; whoever made them removes them. */
export async function unconfigureTenantNetworks(operation: Operation): Promise<ProviderOutcome> {
  const { context } = operation;
  const doomed = [...attachments(context.task), ...detachedVifs(context)];
  const left = await unbindVifs(doomed, await fetchVifs(doomed, operation), operation);
  const bindings = left.map(({ binding }) => binding);
  const failures = left.map(failureOf);
  if (left.length === 0) return { bindings, failures };
  const what = `node ${context.task.node.uuid} cannot be unbound from its tenant networks`;
  return { bindings, failures, error: operationError(what, failures) };
}

function portLikesWithVif(task: Task): PortLike[] {
  const attached = attachments(task);
  if (attached.length === 0) {
    throw new NetworkError(
      `node ${task.node.uuid} has no VIF: attach a Neutron port to one of its ports or portgroups`,
    );
  }
  const twice = attached.find(({ vif }, index) => attached.findIndex((other) => other.vif === vif) !== index);
  if (twice !== undefined) {
    throw new InvalidParameterValue(`VIF ${twice.vif} is attached to several ports of node ${task.node.uuid}`);
  }
  const portLikes = portLikesOf(task).filter((portLike) => portLike.vif !== null);
  const member = task.ports.find(
    (port) => port.portgroup_uuid !== null && attached.some(({ ref }) => ref.port_uuid === port.uuid),
  );
  if (member !== undefined) {
    throw new InvalidParameterValue(
      `port ${member.uuid} has a VIF, but is a member of portgroup ${String(member.portgroup_uuid)}: attach the VIF to the portgroup`,
    );
  }
  return portLikes;
}

async function bindVif(
  own: Attempt,
  vifs: ReadonlyMap<string, NeutronPort>,
  operation: Operation,
): Promise<NeutronPort> {
  const { portLike } = own;
  const { client, context, request } = operation;
  const reason = unusable(portLike);
  if (reason !== null) throw new NetworkError(reason);
  const port = vifs.get(portLike.vif ?? '');
  if (port === undefined) throw new NetworkError(`VIF ${String(portLike.vif)} does not exist in Neutron`);
  own.port = port;
  const wanted = attributesOf(portLike, operation);
  const changes = changesTo(port, wanted);
  if (changes === null) return port;
  own.touched = true;
  try {
    // Neutron refuses to change the MAC address of a bound port, such as an older Nova leaves: it is unbound first.
    const unbind = isBound(port) && changes.mac_address !== undefined;
    if (unbind) await client.updatePort(port.id, { 'binding:host_id': '', 'binding:profile': {} }, request);
    own.port = await client.updatePort(port.id, unbind ? wanted : changes, request);
    context.log.info('VIF bound', { port: port.id, changes: Object.keys(changes) });
    return own.port;
  } catch (error) {
    if (!(error instanceof NeutronError && error.type === 'MacAddressInUse')) throw error;
    throw new NetworkError(await holderOf(portLike, port, operation), { cause: error });
  }
}

/** What belongs to the binding and nothing else: the rest of the port is the tenant's. */
function attributesOf(portLike: PortLike, { context }: Operation): PortAttributes {
  return {
    'binding:host_id': context.task.node.uuid,
    'binding:vnic_type': VNIC_BAREMETAL,
    'binding:profile': portLike.profile,
    ...(portLike.address === null ? {} : { mac_address: portLike.address }),
  };
}

async function holderOf(portLike: PortLike, port: NeutronPort, { client, request }: Operation): Promise<string> {
  const filters = { network_id: port.network_id, mac_address: [portLike.address ?? ''] };
  const [holder] = await client.listPorts(filters, request);
  const who = holder === undefined ? 'another port' : describe(holder);
  return `VIF ${port.id} cannot have MAC address ${String(portLike.address)}: it is in use by ${who}`;
}

/** Decides what the attempts amount to, and undoes them unless all went well. */
async function conclude(attempts: readonly Attempt[], operation: Operation): Promise<ProviderOutcome> {
  const transient = transientError(attempts);
  if (transient !== null) return giveUp(transient, () => rollBack(attempts, operation), operation);
  const bound = (own: Attempt) => (own.port === null ? [] : [bindingOf(own.portLike.ref, own.port)]);
  if (attempts.every((own) => own.error === null)) return { bindings: attempts.flatMap(bound), failures: [] };
  const left = await rollBack(attempts, operation);
  const asBefore = attempts.filter((own) => !own.touched && own.port !== null && isBound(own.port));
  const failures = failuresOf(attempts, left);
  return {
    bindings: [...asBefore.flatMap(bound), ...left.map(({ binding }) => binding)],
    failures,
    error: operationError(`node ${operation.context.task.node.uuid} cannot be bound to its tenant networks`, failures),
  };
}

/** Unbinds what this operation bound. The ports are fetched again: a request without an answer may have been done. */
async function rollBack(attempts: readonly Attempt[], operation: Operation): Promise<Remainder[]> {
  const touched = new Set(attempts.filter((own) => own.touched).map((own) => own.portLike.vif));
  const doomed = attachments(operation.context.task).filter(({ vif }) => touched.has(vif));
  return unbindVifs(doomed, await fetchVifs(doomed, operation), operation);
}
