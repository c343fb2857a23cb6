import type { MalformedCode } from '../rpc/index.js';

/** Why a worker makes a message a dead letter. docs/errors.md is made from this table. */
export const DEAD_LETTER_REASONS = {
  too_large: 'The body is larger than rpc.max_message_bytes.',
  not_json: 'The body is not JSON.',
  not_protobuf: 'The content type is protobuf, but the body is not an RpcRequest.',
  bad_envelope: 'The body is JSON, but not an envelope of oslo.messaging.',
  unsupported_envelope: 'The envelope has a version that the worker cannot open.',
  bad_request: 'The envelope holds no valid request.',
  no_such_method: 'The interface has no method of this name.',
  unsupported_version: 'The worker does not serve the requested version or namespace.',
  retries_exhausted: 'The operation had transient faults until its deadline. It has a failed result, too.',
  poison: 'Workers died while they ran the operation. It has a failed result, too.',
  internal_error: 'The worker or a plug-in has a bug. The log of the worker has the details.',
} as const satisfies Record<MalformedCode, string> & Record<string, string>;

export type DeadLetterReason = keyof typeof DEAD_LETTER_REASONS;

/**
 * Why RabbitMQ makes a message a dead letter by itself.
 *
 * Source: RabbitMQ, "Dead Letter Exchanges", "Effects on Messages".
 */
export const BROKER_REASONS: Readonly<Record<string, string>> = {
  delivery_limit: "it was returned to its queue more often than the queue's delivery limit allows",
  expired: 'it waited in its queue for longer than its sender (such as the caller of a call) or a policy allows',
  maxlen: 'its queue exceeded the maximum length that a policy sets',
  rejected: 'its consumer rejected it',
};
