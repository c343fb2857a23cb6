import { type ErrorCode, NetprovError } from '../errors.js';

/** Python module of Ironic's exceptions. A conductor raises its own class if it may import the module of a failure. */
export const IRONIC_EXCEPTIONS = 'ironic.common.exception';

/**
 * A permanent error, with Ironic's name for it. The operation fails at once, with a result, and a retry would fail the
 * same way. The message is for the operator and names the field or resource, the value and the remedy.
 *
 * Source of the names: Ironic, ironic/common/exception.py.
 */
export class IronicError extends NetprovError {
  readonly code: ErrorCode = 'ironic_error';
  /** Python module of the class, for the failure that a conductor deserializes. */
  readonly module = IRONIC_EXCEPTIONS;
}

/** Neutron refused what the node needs, or could not do it. Thrown by providers. */
export class NetworkError extends IronicError {
  override readonly code = 'network_error';
}

/** A field, option or argument has a value that cannot be used. Thrown while decoding, and by providers. */
export class InvalidParameterValue extends IronicError {
  override readonly code = 'invalid_parameter_value';
}

/** A required field, option or argument is missing. Thrown while decoding, and by providers. */
export class MissingParameterValue extends IronicError {
  override readonly code = 'missing_parameter_value';
}

/** The node is unknown: the request names it only by node_id, and no earlier task described it. */
export class NodeNotFound extends IronicError {
  override readonly code = 'node_not_found';
}

/** The VIF is already attached to one of the node's ports or portgroups. Thrown by vif_attach. */
export class VifAlreadyAttached extends IronicError {
  override readonly code = 'vif_already_attached';
}

/** The VIF is attached to none of the node's ports or portgroups. Thrown by vif_detach. */
export class VifNotAttached extends IronicError {
  override readonly code = 'vif_not_attached';
}

/** The VIF cannot be attached to this node at all. Thrown by vif_attach. */
export class VifInvalidForAttach extends IronicError {
  override readonly code = 'vif_invalid_for_attach';
}

/** No port or portgroup of the node is free for the VIF and on its physical network. Thrown by vif_attach. */
export class NoFreePhysicalPorts extends IronicError {
  override readonly code = 'no_free_physical_ports';
}

/** The members of a portgroup are on different physical networks. Thrown by vif_attach. */
export class PortgroupPhysnetInconsistent extends IronicError {
  override readonly code = 'portgroup_physnet_inconsistent';
}

/** The change conflicts with the attached VIF. Thrown by port_changed and portgroup_changed. */
export class Conflict extends IronicError {
  override readonly code = 'conflict';
}

/** Neutron refused a VIF's new MAC address. Thrown by port_changed and portgroup_changed. */
export class FailedToUpdateMacOnPort extends IronicError {
  override readonly code = 'failed_to_update_mac_on_port';
}

/** Neutron refused DHCP options. Thrown by update_dhcp_options and port_changed. */
export class FailedToUpdateDHCPOptOnPort extends IronicError {
  override readonly code = 'failed_to_update_dhcp_opt_on_port';
}

/** The node's network provider does not have the method. Thrown before anything is done. */
export class UnsupportedDriverExtension extends IronicError {
  override readonly code = 'unsupported_driver_extension';
}

/**
 * A fault that may pass: a timeout, a refused connection, a 5xx, or a 409 that a retry can clear. The worker retries
 * the operation in its lane, with backoff and a deadline. When the retries run out, the operation fails with a
 * NetworkError.
 */
export class TransientError extends NetprovError {
  readonly code = 'transient';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // Not the name of a subclass: isTransientError goes by the name.
    this.name = 'TransientError';
  }
}

/** A valid name of a Python class. */
const CLASS_NAME = /^[A-Za-z_]\w{0,99}$/;

/**
 * Whether a provider threw an IronicError. `instanceof` is not enough: a plug-in may bring its own copy of this
 * package, whose class is a different one for JavaScript.
 */
export function isIronicError(error: unknown): error is IronicError {
  if (!(error instanceof Error) || !('module' in error) || error.module !== IRONIC_EXCEPTIONS) return false;
  const { name, message } = error as { name: unknown; message: unknown };
  return typeof name === 'string' && CLASS_NAME.test(name) && typeof message === 'string';
}

/** Whether a provider threw a TransientError, perhaps from its own copy of this package. */
export function isTransientError(error: unknown): error is TransientError {
  return error instanceof Error && error.name === 'TransientError';
}
