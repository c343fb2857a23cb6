import { RpcError } from '../amqp/errors.js';
import type { RpcRequest } from './message.js';

/**
 * No worker consumes the queue that a call is for, so that nobody would answer it. Nothing was sent. The operator starts a worker, as
 * the message says.
 */
export class NoWorker extends RpcError {
  readonly code = 'no_worker';
}

/** Thrown by RpcClient.call when no reply, or no heartbeat, came in time. The operation may still be running. */
export class MessagingTimeout extends RpcError {
  readonly code = 'timeout';
}

/**
 * Thrown by a client before anything is sent: the method needs a newer version of the interface than the cap that the
 * client was given, as while servers are upgraded one by one. The operator raises the cap when all servers have the
 * version; the caller does without the method until then. Name and meaning are oslo.messaging's: rpc/client.py.
 */
export class RPCVersionCapError extends RpcError {
  readonly code = 'version_cap';

  constructor(
    method: string,
    readonly version: string,
    readonly versionCap: string,
  ) {
    super(`${method} needs version ${version} of the interface, and the version cap is ${versionCap}.`);
  }
}

export type MalformedCode =
  'too_large' | 'not_json' | 'not_protobuf' | 'bad_envelope' | 'unsupported_envelope' | 'bad_request';

/**
 * Thrown by codecs: a body that is no request or reply. Trying again cannot help. `request` has what could be read,
 * msgId and replyQ above all, so that a caller gets a failure instead of a timeout.
 */
export class MalformedMessage extends RpcError {
  constructor(
    readonly code: MalformedCode,
    message: string,
    readonly request: Partial<RpcRequest> | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
