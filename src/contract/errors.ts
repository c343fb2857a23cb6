/** Module of Ironic's exceptions: a conductor raises its own class when it may import the module a failure names. */
export const IRONIC_EXCEPTIONS = 'ironic.common.exception';

/**
 * An error of the domain, named as Ironic names it. Permanent: the operation fails at once, with a result, and a repeat
 * would fail the same way. The message is for the operator and names the field or resource, the value and the remedy.
 *
 * Source of the names: Ironic, ironic/common/exception.py.
 */
export class IronicError extends Error {
  /** Python module of the class, for the failure a conductor deserializes. */
  readonly module = IRONIC_EXCEPTIONS;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Neutron refused or could not do what the node needs. Thrown by providers. */
export class NetworkError extends IronicError {}

/** A field, option or argument has a value that cannot be used. Thrown while decoding, and by providers. */
export class InvalidParameterValue extends IronicError {}

/** A field, option or argument that is needed is not there. Thrown while decoding, and by providers. */
export class MissingParameterValue extends IronicError {}

/** The node is not known here: it came as node_id and no task with it was seen before. */
export class NodeNotFound extends IronicError {}

/** The VIF is attached to one of the node's ports or portgroups already. Thrown by vif_attach. */
export class VifAlreadyAttached extends IronicError {}

/** The VIF is attached to none of the node's ports or portgroups. Thrown by vif_detach. */
export class VifNotAttached extends IronicError {}

/** The VIF cannot be attached to this node at all. Thrown by vif_attach. */
export class VifInvalidForAttach extends IronicError {}

/** No port or portgroup of the node is free for the VIF and on its physical network. Thrown by vif_attach. */
export class NoFreePhysicalPorts extends IronicError {}

/** The members of a portgroup are on different physical networks. Thrown by vif_attach. */
export class PortgroupPhysnetInconsistent extends IronicError {}

/** The change contradicts what is attached. Thrown by port_changed and portgroup_changed. */
export class Conflict extends IronicError {}

/** Neutron refused a VIF's new MAC address. Thrown by port_changed and portgroup_changed. */
export class FailedToUpdateMacOnPort extends IronicError {}

/** Neutron refused DHCP options. Thrown by update_dhcp_options and port_changed. */
export class FailedToUpdateDHCPOptOnPort extends IronicError {}

/** The node's network provider does not have the method. Thrown before anything is done. */
export class UnsupportedDriverExtension extends IronicError {}

/**
 * A fault that may pass: a timeout, a refused connection, a 5xx, a 409 that a retry can clear. The operation is tried
 * again in its lane, with backoff and a deadline; when they run out it fails as a NetworkError.
 */
export class TransientError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientError';
  }
}

/** How a Python class may be called. */
const CLASS_NAME = /^[A-Za-z_]\w{0,99}$/;

/**
 * Whether a provider threw an IronicError, which a plug-in may have from a copy of this package of its own: another
 * class of the same name to JavaScript.
 */
export function isIronicError(error: unknown): error is IronicError {
  if (!(error instanceof Error) || !('module' in error) || error.module !== IRONIC_EXCEPTIONS) return false;
  const { name, message } = error as { name: unknown; message: unknown };
  return typeof name === 'string' && CLASS_NAME.test(name) && typeof message === 'string';
}

/** The same of a TransientError. */
export function isTransientError(error: unknown): error is TransientError {
  return error instanceof Error && error.name === 'TransientError';
}
