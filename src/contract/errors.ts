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
