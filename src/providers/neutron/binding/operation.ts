import { toError } from '../../../async/error-text.js';
import { InvalidParameterValue, NetworkError, TransientError } from '../../../contract/errors.js';
import type { NetworkType } from '../../../contract/methods.js';
import { shown } from '../../../contract/plain.js';
import type { PortBinding, RecordedBinding, Task } from '../../../contract/types.js';
import { attachedVifs } from '../../../contract/vifs.js';
import { componentLogger } from '../../../log/log.js';
import type { NeutronClient } from '../../../neutron/client.js';
import type { NeutronRequestOptions } from '../../../neutron/paced-requests.js';
import type { PortEvents } from '../../../neutron/port-events.js';
import { DEVICE_OWNER_BAREMETAL, type NeutronPort, VNIC_BAREMETAL, VNIC_SMARTNIC } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import type { PortLike, PortLikeRef } from '../../ports/port-like.js';
import type { NodeRecord, ProviderContext } from '../../provider.js';
import type { AnswerCache, SwitchLimits } from './limits.js';
import type { Networks } from './networks.js';
import type { NeutronProviderOptions } from './options.js';
import type { SwitchDrivers } from './switch-drivers.js';

/** What all operations of one provider share. */
export interface Shared {
  readonly client: NeutronClient;
  readonly options: NeutronProviderOptions;
  /** Neutron's notifications about ports; null if nothing receives them. */
  readonly portEvents: PortEvents | null;
  readonly networks: Networks;
  readonly limits: SwitchLimits;
  /** Which mechanism drivers bind ports on which switch. */
  readonly switchDrivers: SwitchDrivers;
  /** Security groups that existed when Neutron was last asked. */
  readonly securityGroups: AnswerCache<true>;
  /** ipv6_address_mode of subnets. */
  readonly addressModes: AnswerCache<{ mode: string | null }>;
  /**
   * Whether Neutron configures switches: true for the neutron provider. Ports must then say where they are cabled, and
   * a failed binding is a fault. Under flat, the node is on its one network anyway.
   */
  readonly wired: boolean;
}

/** provision_state of a node that is in use by its tenant. */
export const ACTIVE = 'active';

/** A binding that could not be changed as intended, and the reason. */
export interface Remainder {
  binding: PortBinding;
  reason: string;
}

/** One call of a provider method, with everything that its steps need. */
export interface NeutronOperation extends Shared {
  readonly context: ProviderContext;
  /** Options of every request to Neutron. */
  readonly request: NeutronRequestOptions;
  /** When the operation began, as performance.now(). Earlier events do not belong to its requests. */
  readonly begun: number;
  /** Ports that this operation unbound for the sake of other ports and could not bind again. */
  readonly cutOff: Remainder[];
  /** Ports that left their switch ports without a proof: see noteUnproven. */
  readonly unproven: Remainder[];
}

/** The same operation with another record. */
export function withRecorded(recorded: readonly RecordedBinding[], operation: NeutronOperation): NeutronOperation {
  return { ...operation, context: { ...operation.context, recorded } };
}

/**
 * The options of each request of an operation. The signal is read again for each request: see ProviderContext.signal.
 */
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

/** The same operation with these bindings on record in addition. */
export function standingToo(
  network_type: NetworkType,
  bindings: readonly PortBinding[],
  operation: NeutronOperation,
): NeutronOperation {
  const further = bindings.map((binding) => ({ ...binding, network_type }));
  return withRecorded([...operation.context.recorded, ...further], operation);
}

/** The progress of one port-like object in this operation. */
export interface Attempt {
  readonly portLike: PortLike;
  /** The Neutron port as it was last seen. */
  port: NeutronPort | null;
  /** Why it failed; null if it has not failed so far. */
  error: Error | null;
  /** A problem that did not make it fail; null if there is none. */
  warning: string | null;
  /** Whether this operation sent a change for it. Even an unanswered request may have taken effect. */
  touched: boolean;
  /** Why Neutron's answer to the request that binds the port is missing; null if it is not. */
  unanswered: Error | null;
  /** Whether this operation created the port. Every event about it is then about the binding that is awaited. */
  made: boolean;
}

/** Runs a step for one port-like object and keeps its error, so that the steps that run in parallel can finish. */
export async function attempt(portLike: PortLike, step: (attempt: Attempt) => Promise<NeutronPort>): Promise<Attempt> {
  const result: Attempt = {
    ...{ portLike, port: null, error: null, warning: null },
    ...{ touched: false, made: false, unanswered: null },
  };
  try {
    result.port = await step(result);
  } catch (error) {
    result.error = toError(error);
  }
  return result;
}

export function isTransient(error: unknown): boolean {
  return error instanceof TransientError || (error instanceof OpenStackError && error.transient);
}

/** Translates an error into the contract: an OpenStackError becomes a TransientError or a NetworkError. */
export function asContractError(error: unknown): unknown {
  if (!(error instanceof OpenStackError)) return error;
  const Class = error.transient ? TransientError : NetworkError;
  return new Class(error.message, { cause: error });
}

/** The host and vnic_type with which Neutron binds the port. A smart NIC is a host of its own. */
export function hostOf(portLike: PortLike, { context }: NeutronOperation): { host: string; vnicType: string } {
  const { smartNicHost } = portLike;
  return smartNicHost === null
    ? { host: context.task.node.uuid, vnicType: VNIC_BAREMETAL }
    : { host: smartNicHost, vnicType: VNIC_SMARTNIC };
}

/** The binding in the form in which it is reported and recorded. */
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

/** Whether ports are made on this network type. On the other types, the tenant's own ports are bound. */
export function makesPorts(type: NetworkType, { wired }: Pick<Shared, 'wired'>): boolean {
  return wired ? type !== 'tenant' : type === 'cleaning' || type === 'inspection';
}

/**
 * Whether a port on a management network was made for this node: it is on record, or has the device_owner and device_id
 * that Ironic sets. A port that the tenant attached is never ours, whatever these fields say.
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

/** Describes a port in messages, with the fields by which its owner can be found. */
export function describe(port: NeutronPort): string {
  return `Neutron port ${port.id} (device_owner "${port.device_owner}", device_id "${port.device_id}")`;
}

/** Options that a node's driver_info may override. */
const SWITCHES = ['fail_on_binding_failure', 'one_port_per_portgroup'] as const;

/**
 * The value of the option in the node's driver_info; null if it is not set there.
 *
 * @throws InvalidParameterValue when the value is neither true nor false
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

/** @throws InvalidParameterValue when an option in driver_info is neither true nor false */
export function checkOwnSwitches(context: ProviderContext): void {
  for (const name of SWITCHES) ownSwitch(name, context);
}
