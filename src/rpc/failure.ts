import { NetprovError } from '../errors.js';
import { parseJson } from '../json.js';

/**
 * The Python module of the two protocol errors. If a Python caller has it in allowed_remote_exmods, it raises its
 * native classes.
 */
const DISPATCHER = 'oslo_messaging.rpc.dispatcher';

/** An exception, as sent over the wire. A Python caller rebuilds it as `class(*args, **kwargs)` from `module`. */
export interface Failure {
  /** Name of the Python class. */
  class: string;
  /** Python module of the class. */
  module: string;
  message: string;
  /** Arguments of the Python constructor. Default: [message]. */
  args?: readonly unknown[];
  kwargs?: Readonly<Record<string, unknown>>;
}

/**
 * Makes the text of a reply's `failure` field. oslo.messaging requires JSON inside JSON. The text has no traceback,
 * because paths and source lines of this program are useless to a Python caller. Source:
 * oslo_messaging/_drivers/common.py.
 */
export function serializeFailure(failure: Failure): string {
  const { class: className, module, message, args = [message], kwargs = {} } = failure;
  return JSON.stringify({ class: className, module, message, tb: [], args, kwargs });
}

/**
 * Thrown by RpcClient.call when the server raised an exception. The class and module are Python's, whatever language
 * the server is written in.
 */
export class RemoteError extends NetprovError {
  readonly code = 'remote_error';

  constructor(
    readonly className: string,
    readonly module: string,
    message: string,
    /** The server's traceback, or an empty text. Do not show it to end users. */
    readonly remoteTraceback: string,
  ) {
    super(message);
  }
}

/**
 * Parses a failure text of serializeFailure or of Python. Any other text becomes an error with that text as message.
 */
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

/** No endpoint has the method, or the method starts with an underscore. Message and arguments are oslo.messaging's. */
export class NoSuchMethod extends NetprovError {
  readonly code = 'no_such_method';

  constructor(readonly method: string) {
    super(`Endpoint does not support RPC method ${method}`);
  }

  toFailure(): Failure {
    return { class: this.name, module: DISPATCHER, message: this.message, args: [this.method] };
  }
}

/** No endpoint serves the requested version. Message and arguments are oslo.messaging's. */
export class UnsupportedVersion extends NetprovError {
  readonly code = 'unsupported_version';

  constructor(
    readonly version: string,
    readonly method: string,
  ) {
    super(`Endpoint does not support RPC version ${version}. Attempted method: ${method}`);
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
