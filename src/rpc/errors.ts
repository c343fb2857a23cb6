import { NetprovError } from '../errors.js';
import type { RpcRequest } from './message.js';

/**
 * No worker consumes the queue of a call, so nobody would answer. Nothing was sent. The operator starts a worker, as
 * the message says.
 */
export class NoWorker extends NetprovError {
  readonly code = 'no_worker';
}

/** Thrown by RpcClient.call when no reply, or no heartbeat, came in time. The operation may still be running. */
export class MessagingTimeout extends NetprovError {
  readonly code = 'timeout';
}

/**
 * Thrown by a client before anything is sent: the method needs a newer version of the interface than the client's
 * version cap allows. Such a cap is set while servers are upgraded one by one. The operator raises it when all servers
 * have the version; until then the caller cannot use the method. Name and meaning are oslo.messaging's: rpc/client.py.
 */
export class RPCVersionCapError extends NetprovError {
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
 * Thrown by codecs when a body is not a valid request or reply. A retry cannot help. `request` has the fields that
 * could be read. With msgId and replyQ among them, the caller gets a failure instead of a timeout.
 */
export class MalformedMessage extends NetprovError {
  constructor(
    readonly code: MalformedCode,
    message: string,
    readonly request: Partial<RpcRequest> | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
