import type { Delivery } from '../amqp/index.js';
import { type MethodArguments, NO_ARGUMENTS, readArguments } from '../contract/arguments.js';
import { InvalidParameterValue, IronicError } from '../contract/errors.js';
import { isMethodName, type MethodName, METHODS, RPC_API_VERSION } from '../contract/methods.js';
import { readNodeUuid, readSubject, type Subject } from '../contract/task.js';
import {
  isCompatible,
  MalformedMessage,
  type MessageCodec,
  NoSuchMethod,
  PING_METHOD,
  type RpcRequest,
  serializeFailure,
  UnsupportedVersion,
} from '../rpc/index.js';
import type { OperationStart } from '../state/index.js';
import { requeuedOf } from './dead-letter.js';
import { replayOf } from './journal.js';
import { PROTOBUF_CONTENT_TYPE, protobufCodec } from './protobuf.js';

/** A request that is an operation, whether or not its arguments are any good. */
export interface Operation {
  kind: 'operation';
  /** Without its arguments: what counts of them is in the subject, and a thousand requests may wait. */
  request: RpcRequest;
  codec: MessageCodec;
  start: OperationStart;
  method: MethodName;
  /** What to move and how, or why that cannot be said. */
  subject: (Subject & { args: MethodArguments }) | IronicError;
}

/** What the method takes beside the task. */
export function argsOf({ subject }: Operation): MethodArguments {
  return subject instanceof IronicError ? NO_ARGUMENTS : subject.args;
}

/** A message that cannot become an operation. */
export interface RefusedMessage {
  kind: 'refused';
  /** Stable word for the dead letter's headers. */
  reason: string;
  detail: string;
  /** Where a caller waits, when that much could be read, and what it is told. */
  reply: { codec: MessageCodec; replyQ: string; msgId: string; failure: string } | null;
}

export interface Ping {
  kind: 'ping';
  request: RpcRequest;
  codec: MessageCodec;
}

export interface DecodeOptions extends ReadOptions {
  /** Whether oslo_rpc_server_ping is answered. */
  pingEnabled: boolean;
}

/** What counts of a delivery here. */
type Incoming = Pick<Delivery, 'body' | 'contentType' | 'headers' | 'server'>;

const NO_ARGS = {};

/** Reads a message. Never throws: whatever stands in it has one defined outcome (docs/wire-protocol.md). */
export function decode(delivery: Incoming, options: DecodeOptions): Operation | RefusedMessage | Ping {
  const codec = codecOf(delivery.contentType, options.jsonCodec);
  let request: RpcRequest;
  try {
    request = readRequest(delivery, options);
  } catch (error) {
    return refuseMalformed(error, codec);
  }
  if (request.method === PING_METHOD && options.pingEnabled) return { kind: 'ping', request, codec };
  const { method } = request;
  if (request.namespace !== null || !isCompatible(RPC_API_VERSION, request.version)) {
    return refuse(request, codec, 'unsupported_version', new UnsupportedVersion(request.version, method));
  }
  if (!isMethodName(method)) return refuse(request, codec, 'no_such_method', new NoSuchMethod(method));
  const subject = readSubjectOrError(method, request.args);
  const start = startOf(delivery, request, method, subject);
  return { kind: 'operation', request: { ...request, args: NO_ARGS }, codec, method, subject, start };
}

function readSubjectOrError(method: MethodName, args: Record<string, unknown>): Operation['subject'] {
  try {
    return { ...readSubject(args), args: readArguments(method, args) };
  } catch (error) {
    return error instanceof IronicError ? error : new InvalidParameterValue('args cannot be read', { cause: error });
  }
}

function startOf(
  delivery: Incoming,
  request: RpcRequest,
  method: MethodName,
  subject: Operation['subject'],
): OperationStart {
  const given = subject instanceof IronicError ? null : subject.args.network_type;
  return {
    id: request.uniqueId,
    kind: request.msgId === null ? 'cast' : 'call',
    method,
    networkType: given ?? METHODS[method].networkType,
    nodeUuid: subject instanceof IronicError ? readNodeUuid(request.args) : subject.nodeUuid,
    conductorHost: delivery.server,
    requestId: request.context.request_id,
    contentType: delivery.contentType === PROTOBUF_CONTENT_TYPE ? PROTOBUF_CONTENT_TYPE : null,
    startedAt: new Date(),
    replay: requeuedOf(delivery.headers, request.uniqueId) ?? replayOf(delivery.headers),
    needsTask: !(subject instanceof IronicError) && subject.kind === 'stored',
  };
}

function refuse(
  request: RpcRequest,
  codec: MessageCodec,
  reason: string,
  error: NoSuchMethod | UnsupportedVersion,
): RefusedMessage {
  return { kind: 'refused', reason, detail: error.message, reply: replyTo(request, codec, error.toFailure()) };
}

function refuseMalformed(error: unknown, codec: MessageCodec): RefusedMessage {
  const known = error instanceof MalformedMessage ? error : null;
  const detail = error instanceof Error ? error.message : String(error);
  const failure = { class: 'InvalidParameterValue', module: 'ironic.common.exception', message: detail };
  return {
    kind: 'refused',
    reason: known?.code ?? 'bad_request',
    detail,
    reply: known?.request ? replyTo(known.request, codec, failure) : null,
  };
}

function replyTo(
  request: Partial<RpcRequest>,
  codec: MessageCodec,
  failure: Parameters<typeof serializeFailure>[0],
): RefusedMessage['reply'] {
  const { replyQ, msgId } = request;
  return replyQ && msgId ? { codec, replyQ, msgId, failure: serializeFailure(failure) } : null;
}

export interface ReadOptions {
  jsonCodec: MessageCodec;
  /** Largest body that is read, in bytes. */
  maxMessageBytes: number;
}

/** As much of a message as can be read, however wrong it is. */
export interface Description {
  /** The operation's unique id; null when it cannot be read. */
  operationId: string | null;
  /** The node's UUID; null when it cannot be read. */
  node: string | null;
  method: string | null;
  /** The request; null when it is none. */
  request: RpcRequest | null;
  /** Why it is no request; null when it is one. */
  problem: string | null;
}

/** A message may be of any size when it comes. @throws MalformedMessage, and what the protobuf codec throws */
function readRequest(
  { body, contentType }: Pick<Delivery, 'body' | 'contentType'>,
  { jsonCodec, maxMessageBytes }: ReadOptions,
): RpcRequest {
  if (body.length > maxMessageBytes) {
    throw new MalformedMessage(
      'too_large',
      `the body has ${body.length} bytes; rpc.max_message_bytes allows ${maxMessageBytes}`,
    );
  }
  return codecOf(contentType, jsonCodec).decodeRequest(body);
}

export function codecOf(contentType: string | null, jsonCodec: MessageCodec): MessageCodec {
  return contentType === PROTOBUF_CONTENT_TYPE ? protobufCodec : jsonCodec;
}

/** Never throws. */
export function describeMessage(message: Pick<Delivery, 'body' | 'contentType'>, options: ReadOptions): Description {
  try {
    const request = readRequest(message, options);
    const { uniqueId: operationId, method, args } = request;
    return { operationId, node: readNodeUuid(args), method, request, problem: null };
  } catch (error) {
    const known = error instanceof MalformedMessage ? error.request : null;
    const problem = error instanceof Error ? error.message : String(error);
    return { operationId: known?.uniqueId ?? null, node: null, method: known?.method ?? null, request: null, problem };
  }
}

/** What stands in every line about an operation. */
interface OperationFields {
  /** req-<uuid> of the caller's request; null where it gave none. */
  request_id: string | null;
  /** Null where it cannot be read; so with the node. */
  operation: string | null;
  node: string | null;
  /** The conductor host; null: the queue of any host. */
  host: string | null;
}

export function operationFieldsOf(
  start: Pick<OperationStart, 'requestId' | 'id' | 'nodeUuid' | 'conductorHost'>,
): OperationFields {
  return { request_id: start.requestId, operation: start.id, node: start.nodeUuid, host: start.conductorHost };
}
