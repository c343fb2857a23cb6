import { parseJson } from '../json.js';

/** The module of the two protocol errors. A Python caller that allows it in allowed_remote_exmods gets them native. */
const DISPATCHER = 'oslo_messaging.rpc.dispatcher';

/** An exception as it goes over the wire. A Python caller rebuilds it as `class(*args, **kwargs)` from `module`. */
export interface Failure {
  /** Name of the Python class. */
  class: string;
  /** Python module of the class. */
  module: string;
  message: string;
  /** Arguments of the Python constructor; [message] unless given. */
  args?: readonly unknown[];
  kwargs?: Readonly<Record<string, unknown>>;
}

/**
 * The text of a reply's `failure` field: JSON inside JSON, as oslo.messaging wants it. There is no traceback: paths and
 * source lines of this program tell a Python caller nothing. Source: oslo_messaging/_drivers/common.py.
 */
export function serializeFailure(failure: Failure): string {
  const { class: className, module, message, args = [message], kwargs = {} } = failure;
  return JSON.stringify({ class: className, module, message, tb: [], args, kwargs });
}

/** Thrown by RpcClient.call: the server raised. The class and module are Python's, whatever language the server is in. */
export class RemoteError extends Error {
  readonly code = 'remote_error';

  constructor(
    readonly className: string,
    readonly module: string,
    message: string,
    /** The server's traceback, or an empty text. Not for end users. */
    readonly remoteTraceback: string,
  ) {
    super(message);
    this.name = 'RemoteError';
  }
}

/** Reads what serializeFailure or Python wrote. A text that is neither still becomes an error with that text. */
export function deserializeFailure(text: string): RemoteError {
  const failure = parseObject(text);
  if (!failure) return new RemoteError('Exception', 'builtins', text, '');
  const tb = Array.isArray(failure['tb']) ? failure['tb'].filter((line) => typeof line === 'string') : [];
  return new RemoteError(
    stringOr(failure['class'], 'Exception'),
    stringOr(failure['module'], 'builtins'),
    stringOr(failure['message'], ''),
    tb.join(''),
  );
}

/** No endpoint has the method, or its name starts with an underscore. Message and arguments are oslo.messaging's. */
export class NoSuchMethod extends Error {
  readonly code = 'no_such_method';

  constructor(readonly method: string) {
    super(`Endpoint does not support RPC method ${method}`);
    this.name = 'NoSuchMethod';
  }

  toFailure(): Failure {
    return { class: this.name, module: DISPATCHER, message: this.message, args: [this.method] };
  }
}

/** No endpoint serves the version that was asked for. Message and arguments are oslo.messaging's. */
export class UnsupportedVersion extends Error {
  readonly code = 'unsupported_version';

  constructor(
    readonly version: string,
    readonly method: string,
  ) {
    super(`Endpoint does not support RPC version ${version}. Attempted method: ${method}`);
    this.name = 'UnsupportedVersion';
  }

  toFailure(): Failure {
    const { version, method } = this;
    return { class: this.name, module: DISPATCHER, message: this.message, args: [version], kwargs: { method } };
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function stringOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
