import type { Delivery } from '../amqp/index.js';
import { errorText } from '../async/error-text.js';
import { type MethodArguments, NO_ARGUMENTS, readArguments } from '../contract/arguments.js';
import { InvalidParameterValue, IronicError } from '../contract/errors.js';
import { isMethodName, type MethodName, METHODS, RPC_API_VERSION } from '../contract/methods.js';
import { readResultQuestion, RESULT_QUESTION, type WhichRequest } from '../contract/result.js';
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
import type { DeadLetterReason } from './dead-letter-reasons.js';
import { replayOf } from './journal.js';
import { PROTOBUF_CONTENT_TYPE, protobufCodec } from './protobuf.js';

/** A request for a known method. Its arguments may still be invalid: see `subject`. */
export interface Operation {
  kind: 'operation';
  /** The request without its arguments. The subject has what is needed of them, and a thousand requests may wait. */
  request: RpcRequest;
  codec: MessageCodec;
  start: OperationStart;
  method: MethodName;
  /** The node and the method's arguments, or the error that says why they cannot be read. */
  subject: (Subject & { args: MethodArguments }) | IronicError;
}

/** The arguments of the method beside the task. There are none if they could not be read. */
export function argsOf({ subject }: Operation): MethodArguments {
  return subject instanceof IronicError ? NO_ARGUMENTS : subject.args;
}

/** A message that cannot become an operation. */
export interface RefusedMessage {
  kind: 'refused';
  reason: DeadLetterReason;
  detail: string;
  /** Where the caller waits, and the failure to send; null if there is no caller or its reply queue cannot be read. */
  reply: { codec: MessageCodec; replyQ: string; msgId: string; failure: string } | null;
}

export interface Ping {
  kind: 'ping';
  request: RpcRequest;
  codec: MessageCodec;
}

/** A question for the result of an earlier request of a node. */
export interface ResultQuestion {
  kind: 'question';
  request: RpcRequest;
  codec: MessageCodec;
  which: WhichRequest;
}

/** A decoded message. */
export type Decoded = Operation | RefusedMessage | Ping | ResultQuestion;

export interface DecodeOptions extends ReadOptions {
  /** Whether the worker answers oslo_rpc_server_ping. */
  pingEnabled: boolean;
}

/** The parts of a delivery that decoding needs. */
type Incoming = Pick<Delivery, 'body' | 'contentType' | 'headers' | 'server'>;

const NO_ARGS = {};

/** Decodes a message. Never throws: every possible content has one defined outcome (docs/wire-protocol.md). */
export function decode(delivery: Incoming, options: DecodeOptions): Decoded {
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
  if (method === RESULT_QUESTION) return questionOf(request, codec);
  if (!isMethodName(method)) return refuse(request, codec, 'no_such_method', new NoSuchMethod(method));
  const subject = readSubjectOrError(method, request.args);
  const start = startOf(delivery, request, method, subject);
  return { kind: 'operation', request: { ...request, args: NO_ARGS }, codec, method, subject, start };
}

function questionOf(request: RpcRequest, codec: MessageCodec): ResultQuestion | RefusedMessage {
  try {
    return { kind: 'question', request, codec, which: readResultQuestion(request.args) };
  } catch (error) {
    if (!(error instanceof IronicError)) throw error;
    const failure = { class: error.name, module: error.module, message: error.message };
    return { kind: 'refused', reason: 'bad_request', detail: error.message, reply: replyTo(request, codec, failure) };
  }
}

function readSubjectOrError(method: MethodName, args: Record<string, unknown>): Operation['subject'] {
  try {
    return { ...readSubject(args), args: readArguments(method, args) };
  } catch (error) {
    return error instanceof IronicError ? error : new InvalidParameterValue('args cannot be parsed', { cause: error });
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
  reason: DeadLetterReason,
  error: NoSuchMethod | UnsupportedVersion,
): RefusedMessage {
  return { kind: 'refused', reason, detail: error.message, reply: replyTo(request, codec, error.toFailure()) };
}

function refuseMalformed(error: unknown, codec: MessageCodec): RefusedMessage {
  const known = error instanceof MalformedMessage ? error : null;
  const detail = errorText(error);
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
  /** Size of the largest body that is decoded, in bytes. */
  maxMessageBytes: number;
}

/** What can be read of a message, even if it is malformed. */
export interface Description {
  /** The operation's unique id; null when it cannot be read. */
  operationId: string | null;
  /** The node's UUID; null when it cannot be read. */
  node: string | null;
  method: string | null;
  /** The request; null when the message is not a valid request. */
  request: RpcRequest | null;
  /** Why the message is not a valid request; null when it is one. */
  problem: string | null;
}

/** Decodes a request, after checking its size. @throws MalformedMessage, and the errors of the protobuf codec */
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

/** Describes a message, as far as it can be read. Never throws. */
export function describeMessage(message: Pick<Delivery, 'body' | 'contentType'>, options: ReadOptions): Description {
  try {
    const request = readRequest(message, options);
    const { uniqueId: operationId, method, args } = request;
    return { operationId, node: readNodeUuid(args), method, request, problem: null };
  } catch (error) {
    const known = error instanceof MalformedMessage ? error.request : null;
    const problem = errorText(error);
    return { operationId: known?.uniqueId ?? null, node: null, method: known?.method ?? null, request: null, problem };
  }
}

/** The fields of every log line about an operation. */
interface OperationFields {
  /** `req-<uuid>` of the caller's request; null when the caller gave none. */
  request_id: string | null;
  /** The operation's unique id; null when it cannot be read. */
  operation: string | null;
  /** The node's UUID; null when it cannot be read. */
  node: string | null;
  /** The conductor host; null: the message came from the queue of any host or of the fanout exchange. */
  host: string | null;
}

export function operationFieldsOf(
  start: Pick<OperationStart, 'requestId' | 'id' | 'nodeUuid' | 'conductorHost'>,
): OperationFields {
  return { request_id: start.requestId, operation: start.id, node: start.nodeUuid, host: start.conductorHost };
}
