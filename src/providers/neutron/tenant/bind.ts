import { NetworkError } from '../../../contract/errors.js';
import { DHCP_CLIENT_ID, type NeutronPort, type PortAttributes } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import { type PortLike, unusable } from '../../ports/port-like.js';
import type { ProviderOutcome } from '../../provider.js';
import {
  type Attempt,
  attempt,
  bindingOf,
  describe,
  hostOf,
  type NeutronOperation,
  type Remainder,
  standingToo,
} from '../binding/operation.js';
import { awaitBindings, failuresOf, giveUp, operationError, transientError, warningsOf } from '../binding/outcome.js';
import { offFormerSwitchPorts } from '../binding/switch-ports.js';
import { isTimeout, portBeingBound } from '../binding/unanswered.js';
import { changed, isBound, updatePort, updatesTo } from '../binding/update.js';
import { hostsWithoutAgent, noAgent } from '../binding/wait.js';
import { attachments, fetchVifs, unbindVifs } from './vifs.js';

/**
 * Binds the VIFs of these port-like objects in parallel: all or none.
 *
 * @param vifs the VIFs as Neutron has them; null if they were not looked at, because they should be unbound
 */
export async function bindVifs(
  wanted: readonly PortLike[],
  vifs: ReadonlyMap<string, NeutronPort> | null,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const attempts = await attemptVifs(wanted, vifs, operation);
  if (attempts.every((own) => own.error === null)) await awaitBindings(attempts, operation);
  operation.context.signal.throwIfAborted();
  return conclude(attempts, operation);
}

/** Binds each VIF, even if others fail. Does not wait for Neutron's mechanism drivers. @param vifs as for bindVifs */
export async function attemptVifs(
  wanted: readonly PortLike[],
  vifs: ReadonlyMap<string, NeutronPort> | null,
  operation: NeutronOperation,
): Promise<Attempt[]> {
  const absent = await hostsWithoutAgent(
    wanted.map((portLike) => portLike.smartNicHost),
    operation,
  );
  const ports = vifs === null ? null : await onPresentSwitchPorts(wanted, vifs, operation);
  return Promise.all(wanted.map((portLike) => attempt(portLike, (own) => bindVif(own, ports, absent, operation))));
}

/** The VIFs, after those whose NICs were on other switch ports before have left these. */
async function onPresentSwitchPorts(
  wanted: readonly PortLike[],
  vifs: ReadonlyMap<string, NeutronPort>,
  operation: NeutronOperation,
): Promise<ReadonlyMap<string, NeutronPort>> {
  const { uuid } = operation.context.task.node;
  const ownerOf = ({ id, 'binding:host_id': on }: NeutronPort): PortLike | undefined =>
    on === uuid ? wanted.find(({ vif }) => vif === id) : undefined;
  const ports = await offFormerSwitchPorts([...vifs.values()], ownerOf, operation);
  return new Map(ports.map((port) => [port.id, port]));
}

async function bindVif(
  own: Attempt,
  vifs: ReadonlyMap<string, NeutronPort> | null,
  absent: ReadonlySet<string>,
  operation: NeutronOperation,
): Promise<NeutronPort> {
  const { portLike } = own;
  const { context } = operation;
  const reason = unusable(portLike, operation.wired);
  if (reason !== null) throw new NetworkError(reason);
  const { smartNicHost: host } = portLike;
  if (host !== null && absent.has(host)) throw new NetworkError(noAgent(host));
  const vif = portLike.vif ?? '';
  if (vifs === null) {
    const bound = await bindUnseen(own, vif, operation);
    return bound ?? bindVif(own, await fetchVifs([{ vif }], operation), absent, operation);
  }
  const port = vifs.get(vif);
  if (port === undefined) throw new NetworkError(`VIF ${vif} does not exist in Neutron`);
  own.port = port;
  const wanted = attributesOf(portLike, operation);
  const updates = updatesTo(port, wanted, operation.wired);
  if (updates.length === 0) return port;
  own.touched = true;
  try {
    own.port = await updatePort(port, updates, portLike.profile, operation);
    context.log.info('VIF bound', { port: port.id, changes: changed(updates), anew: updates.length > 1 });
    return own.port;
  } catch (error) {
    if (isTimeout(error)) {
      own.port = await portBeingBound(error, own, wanted, () => lookAt(vif, operation), operation);
      return own.port;
    }
    if (!(error instanceof OpenStackError && error.type === 'MacAddressInUse')) throw error;
    throw new NetworkError(await holderOf(portLike, port, operation), { cause: error });
  }
}

/**
 * Binds a VIF that should be unbound, without a look at it. Returns null if Neutron refuses: the VIF does not exist, is
 * bound, or cannot have the NIC's MAC address.
 */
async function bindUnseen(own: Attempt, vif: string, operation: NeutronOperation): Promise<NeutronPort | null> {
  const { client, request, limits, context } = operation;
  const attributes = attributesOf(own.portLike, operation);
  own.touched = true;
  try {
    own.port = await limits.run(own.portLike.profile, () => client.updatePort(vif, attributes, request));
    context.log.info('VIF bound', { port: vif, changes: Object.keys(attributes), anew: false });
    return own.port;
  } catch (error) {
    if (isTimeout(error)) {
      own.port = await portBeingBound(error, own, attributes, () => lookAt(vif, operation), operation);
      return own.port;
    }
    if (!(error instanceof OpenStackError) || error.transient || ![404, 409].includes(error.status ?? 0)) throw error;
    own.touched = false;
    return null;
  }
}

function lookAt(vif: string, { client, request }: NeutronOperation): Promise<NeutronPort[]> {
  return client.listPorts({ id: [vif] }, request);
}

/**
 * The attributes of the binding. Everything else of the port is the tenant's. Under flat the profile is left out,
 * because it configures no switch.
 */
function attributesOf(portLike: PortLike, operation: NeutronOperation): PortAttributes {
  const { host, vnicType } = hostOf(portLike, operation);
  const { address, clientId, profile } = portLike;
  return {
    'binding:host_id': host,
    'binding:vnic_type': vnicType,
    ...(operation.wired ? { 'binding:profile': profile } : {}),
    ...(address === null ? {} : { mac_address: address }),
    ...(clientId === null ? {} : { extra_dhcp_opts: [{ opt_name: DHCP_CLIENT_ID, opt_value: clientId }] }),
  };
}

/** Tells which port has the MAC address that the VIF should get. */
export async function holderOf(
  portLike: Pick<PortLike, 'address'>,
  port: NeutronPort,
  { client, request }: NeutronOperation,
): Promise<string> {
  const filters = { network_id: port.network_id, mac_address: [portLike.address ?? ''] };
  const [holder] = await client.listPorts(filters, request);
  const who = holder === undefined ? 'another port' : describe(holder);
  return `VIF ${port.id} cannot have MAC address ${String(portLike.address)}: it is in use by ${who}`;
}

/** Decides the outcome from the attempts, and undoes them unless all succeeded. */
async function conclude(attempts: readonly Attempt[], operation: NeutronOperation): Promise<ProviderOutcome> {
  const transient = transientError(attempts);
  if (transient !== null) return giveUp(transient, () => rollBack(attempts, operation), operation);
  const bound = (own: Attempt) => (own.port === null ? [] : [bindingOf(own.portLike.ref, own.port)]);
  if (attempts.every((own) => own.error === null))
    return { bindings: attempts.flatMap(bound), failures: [], warnings: warningsOf(attempts, operation) };
  const asBefore = attempts.filter((own) => !own.touched && own.port !== null && isBound(own.port)).flatMap(bound);
  const left = await rollBack(attempts, standingToo('tenant', asBefore, operation));
  const failures = failuresOf(attempts, left);
  return {
    bindings: [...asBefore, ...left.map(({ binding }) => binding)],
    failures,
    error: operationError(`node ${operation.context.task.node.uuid} cannot be bound to its tenant networks`, failures),
  };
}

/** Unbinds what this operation bound. Fetches the ports again, because an unanswered request may have taken effect. */
async function rollBack(attempts: readonly Attempt[], operation: NeutronOperation): Promise<Remainder[]> {
  const touched = new Set(attempts.filter((own) => own.touched).map((own) => own.portLike.vif));
  const doomed = attachments(operation.context.task).filter(({ vif }) => touched.has(vif));
  return unbindVifs(doomed, await fetchVifs(doomed, operation), operation);
}
