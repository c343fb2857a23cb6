import { InvalidParameterValue, NetworkError, TransientError } from '../../../contract/errors.js';
import type { NetworkType } from '../../../contract/methods.js';
import { shown } from '../../../contract/plain.js';
import type { PortBinding, Task } from '../../../contract/types.js';
import { attachedVifs } from '../../../contract/vifs.js';
import { componentLogger } from '../../../log/log.js';
import type { NeutronClient, NeutronRequestOptions } from '../../../neutron/client.js';
import { NeutronError } from '../../../neutron/errors.js';
import type { PortEvents } from '../../../neutron/port-events.js';
import { DEVICE_OWNER_BAREMETAL, type NeutronPort, VNIC_BAREMETAL, VNIC_SMARTNIC } from '../../../neutron/resources.js';
import type { PortLike, PortLikeRef } from '../../ports/port-like.js';
import type { NodeRecord, ProviderContext, RecordedBinding } from '../../provider.js';
import type { AnswerCache, SwitchLimits } from './limits.js';
import type { Networks } from './networks.js';
import type { NeutronProviderOptions } from './options.js';

/** What the operations of one provider share. */
export interface Shared {
  readonly client: NeutronClient;
  readonly options: NeutronProviderOptions;
  /** What Neutron says by itself; null: nobody listens. */
  readonly portEvents: PortEvents | null;
  readonly networks: Networks;
  readonly limits: SwitchLimits;
  /** Security groups that were there a moment ago. */
  readonly securityGroups: AnswerCache<true>;
  /** ipv6_address_mode of subnets. */
  readonly addressModes: AnswerCache<{ mode: string | null }>;
  /**
   * Whether Neutron configures switches: the neutron provider. Its ports must say where they are cabled, and a binding
   * that fails is a fault. Under flat the node is on its one network anyway.
   */
  readonly wired: boolean;
}

/** provision_state of a node that its tenant uses. */
export const ACTIVE = 'active';

/** A binding that is not as it should be, and why. */
export interface Remainder {
  binding: PortBinding;
  reason: string;
}

/** One call of a provider method: what every step of it needs. */
export interface NeutronOperation extends Shared {
  readonly context: ProviderContext;
  /** Goes with every request to Neutron. */
  readonly request: NeutronRequestOptions;
  /** When it began, by performance.now(): earlier events are none of its requests'. */
  readonly begun: number;
  /** What was unbound for the sake of others in this operation, and could not be bound again. */
  readonly cutOff: Remainder[];
}

/** The same operation, as if this were on record. */
export function withRecorded(recorded: readonly RecordedBinding[], operation: NeutronOperation): NeutronOperation {
  return { ...operation, context: { ...operation.context, recorded } };
}

/** What goes with each request of an operation. The signal is asked for anew each time: see ProviderContext.signal. */
export function requestOf(context: ProviderContext): NeutronRequestOptions {
  return {
    requestId: context.requestId,
    get signal() {
      return context.signal;
    },
    get log() {
      return componentLogger(context.log, 'neutron');
    },
  };
}

/** The same operation, as if these bindings were on record too. */
export function standingToo(
  network_type: NetworkType,
  bindings: readonly PortBinding[],
  operation: NeutronOperation,
): NeutronOperation {
  const further = bindings.map((binding) => ({ ...binding, network_type }));
  return withRecorded([...operation.context.recorded, ...further], operation);
}

/** What became of one port-like object in this operation. */
export interface Attempt {
  readonly portLike: PortLike;
  /** The Neutron port as last seen. */
  port: NeutronPort | null;
  /** Why it failed; null so far. */
  error: Error | null;
  /** What is wrong with it although it did not fail; null: nothing. */
  warning: string | null;
  /** Whether this operation sent a change for it: even a request without an answer may have had its effect. */
  touched: boolean;
}

/** Runs a step for one port-like object; whatever it throws is kept, so that the steps beside it can finish. */
export async function attempt(portLike: PortLike, step: (attempt: Attempt) => Promise<NeutronPort>): Promise<Attempt> {
  const result: Attempt = { portLike, port: null, error: null, warning: null, touched: false };
  try {
    result.port = await step(result);
  } catch (error) {
    result.error = error instanceof Error ? error : new Error(String(error));
  }
  return result;
}

export function isTransient(error: unknown): boolean {
  return error instanceof TransientError || (error instanceof NeutronError && error.transient);
}

/** The error in the terms of the contract: Neutron's own become a TransientError or a NetworkError. */
export function asContractError(error: unknown): unknown {
  if (!(error instanceof NeutronError)) return error;
  const Class = error.transient ? TransientError : NetworkError;
  return new Class(error.message, { cause: error });
}

/** To which host and how Neutron binds: a smart NIC is a host of its own. */
export function hostOf(portLike: PortLike, { context }: NeutronOperation): { host: string; vnicType: string } {
  const { smartNicHost } = portLike;
  return smartNicHost === null
    ? { host: context.task.node.uuid, vnicType: VNIC_BAREMETAL }
    : { host: smartNicHost, vnicType: VNIC_SMARTNIC };
}

/** The binding as it is reported and recorded. */
export function bindingOf(ref: PortLikeRef, port: NeutronPort): PortBinding {
  return {
    port_uuid: ref.port_uuid,
    portgroup_uuid: ref.portgroup_uuid,
    neutron_port_id: port.id,
    network_id: port.network_id,
    host_id: port['binding:host_id'],
    vnic_type: port['binding:vnic_type'],
    vif_type: port['binding:vif_type'],
    status: port.status,
    mac_address: port.mac_address,
    fixed_ips: port.fixed_ips,
    profile: port['binding:profile'],
  };
}

/** Types of network for which ports are made. On the others, the tenant's own ports are bound. */
export function makesPorts(type: NetworkType, { wired }: Pick<Shared, 'wired'>): boolean {
  return wired ? type !== 'tenant' : type === 'cleaning' || type === 'inspection';
}

/**
 * Whether a port on a management network was made for this node: it is on record, or it is marked as Ironic marks
 * them. A port that the tenant attached never is, whatever its marks say.
 */
export function isOurs(port: NeutronPort, operation: { context: NodeRecord } & Pick<Shared, 'wired'>): boolean {
  const { task, recorded } = operation.context;
  if (tenantVifs(task).has(port.id)) return false;
  const onRecord = recorded.some(
    (binding) => binding.neutron_port_id === port.id && makesPorts(binding.network_type, operation),
  );
  const forThisNode = port.device_id === task.node.uuid || port.device_id === task.node.instance_uuid;
  return onRecord || (port.device_owner === DEVICE_OWNER_BAREMETAL && forThisNode);
}

export function tenantVifs(task: Task): Set<string> {
  return new Set(attachedVifs(task).map(({ id }) => id));
}

/** A port for messages: whoever it belongs to must be found by it. */
export function describe(port: NeutronPort): string {
  return `Neutron port ${port.id} (device_owner "${port.device_owner}", device_id "${port.device_id}")`;
}

/** What a node's driver_info may say otherwise than the configuration. */
const SWITCHES = ['fail_on_binding_failure', 'one_port_per_portgroup'] as const;

/**
 * What the node's driver_info says; null: nothing.
 *
 * @throws InvalidParameterValue when it is neither true nor false
 */
export function ownSwitch(
  name: (typeof SWITCHES)[number],
  { task: { node } }: Pick<ProviderContext, 'task'>,
): boolean | null {
  const own = node.driver_info[name] ?? null;
  if (own === null || typeof own === 'boolean') return own;
  const text = typeof own === 'string' ? own.toLowerCase() : '';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidParameterValue(`driver_info.${name} of node ${node.uuid} must be true or false, not ${shown(own)}`);
}

/** @throws InvalidParameterValue when one of them is neither true nor false */
export function checkOwnSwitches(context: ProviderContext): void {
  for (const name of SWITCHES) ownSwitch(name, context);
}
