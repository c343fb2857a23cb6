import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { MalformedMessage, type MalformedCode } from './errors.js';
import type { MessageCodec, RpcContext, RpcReply, RpcRequest } from './message.js';
import { traceOf } from './trace-context.js';
import { isCompatible, isVersion } from './version.js';

/** Version of the envelope, apart from the version of any interface. Source: oslo_messaging/_drivers/common.py. */
const ENVELOPE_VERSION = '2.0';
const VERSION_KEY = 'oslo.version';
const MESSAGE_KEY = 'oslo.message';
const CONTEXT_PREFIX = '_context_';

/** Bytes of a body unless another limit is given. */
export const DEFAULT_MAX_BYTES = 1024 * 1024;

const ID = /^[A-Za-z0-9_.-]{1,64}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,255}$/;
/** AMQP's short strings, queue names among them, hold 255 bytes. */
const MAX_NAME_BYTES = 255;

type JsonObject = Record<string, unknown>;

export interface JsonCodecOptions {
  /** A larger body is refused before it is parsed. */
  maxBytes?: number;
}

/** oslo.messaging's JSON: the 2.0 envelope, and when reading also the bare dict that came before it. */
export function createJsonCodec({ maxBytes = DEFAULT_MAX_BYTES }: JsonCodecOptions = {}): MessageCodec {
  return {
    contentType: 'application/json',
    encodeRequest,
    decodeRequest: (body) => decodeRequest(body, maxBytes),
    asCast: (body) => asCast(body, maxBytes),
    encodeReply,
    decodeReply: (body) => decodeReply(body, maxBytes),
  };
}

export const jsonCodec: MessageCodec = createJsonCodec();

function encodeRequest(request: RpcRequest): Buffer {
  const { method, args, version, namespace, context, uniqueId, msgId, replyQ, timeout } = request;
  const message: JsonObject = { method, args, version };
  if (namespace !== null) message['namespace'] = namespace;
  // Python's RequestContext.from_dict takes every key as optional, so these two are a whole context.
  message[`${CONTEXT_PREFIX}request_id`] = context.request_id;
  message[`${CONTEXT_PREFIX}global_request_id`] = context.global_request_id;
  if (msgId !== null) Object.assign(message, { _msg_id: msgId, _reply_q: replyQ, _timeout: timeout });
  message['_unique_id'] = uniqueId;
  return seal(message);
}

/** Keys of a request that make it a call. Source: oslo_messaging/_drivers/amqpdriver.py, _send. */
const CALLS = ['_msg_id', '_reply_q', '_timeout'];

function asCast(body: Buffer, maxBytes: number): Buffer {
  const message = open(body, maxBytes);
  const kept = Object.entries(message).filter(([key]) => !CALLS.includes(key));
  if (kept.length === Object.keys(message).length) return body;
  // A message that brought no id has one by its body, which changes here.
  const cast = JSON.stringify({ _unique_id: digest(body), ...Object.fromEntries(kept) });
  const outer = parse(body.toString(), 'the body') as JsonObject;
  return Buffer.from(isSealed(outer) ? JSON.stringify({ ...outer, [MESSAGE_KEY]: cast }) : cast);
}

function encodeReply({ result, failure, ending, msgId, uniqueId }: RpcReply): Buffer {
  // Python tells "no result" from "no reply yet" by null, and JSON drops undefined.
  return seal({ result: result ?? null, failure, ending, _msg_id: msgId, _unique_id: uniqueId });
}

function seal(message: JsonObject): Buffer {
  return Buffer.from(JSON.stringify({ [VERSION_KEY]: ENVELOPE_VERSION, [MESSAGE_KEY]: JSON.stringify(message) }));
}

function decodeRequest(body: Buffer, maxBytes: number): RpcRequest {
  const message = open(body, maxBytes);
  const known = readAddress(message);
  const refuse = (problem: string): never => malformed('bad_request', problem, known);

  const { method, args = {}, version = '1.0', namespace = null } = message;
  const { _unique_id: uniqueId = digest(body), _msg_id: msgId = null, _reply_q: replyQ = null } = message;
  if (typeof method !== 'string' || !isName(method)) return refuse('"method" must be a text of 1 to 255 bytes');
  if (!isObject(args)) return refuse('"args" must be an object');
  if (typeof version !== 'string' || !isVersion(version)) return refuse('"version" must be a text like "1.0"');
  if (namespace !== null && typeof namespace !== 'string') return refuse('"namespace" must be a text or null');
  if (!isId(uniqueId)) return refuse('"_unique_id" must be 1 to 64 letters, digits, dots, dashes or underscores');
  if ((msgId === null) !== (replyQ === null)) return refuse('a call must have both "_msg_id" and "_reply_q"');
  if (msgId !== null && !isId(msgId))
    return refuse('"_msg_id" must be 1 to 64 letters, digits, dots, dashes or underscores');
  if (replyQ !== null && !isName(replyQ)) return refuse('"_reply_q" must be a text of 1 to 255 bytes');
  const timeout = readSeconds(message['_timeout']);
  return { method, version, namespace, args, uniqueId, msgId, replyQ, timeout, context: readContext(message) };
}

function decodeReply(body: Buffer, maxBytes: number): RpcReply {
  const message = open(body, maxBytes);
  const {
    result = null,
    failure = null,
    ending = false,
    _msg_id: msgId,
    _unique_id: uniqueId = digest(body),
  } = message;
  if (!isId(msgId) || !isId(uniqueId)) return malformed('bad_request', 'a reply must have a "_msg_id"', null);
  const text = failure === null || typeof failure === 'string' ? failure : JSON.stringify(failure);
  return { result, failure: text === '' ? null : text, ending: ending === true, msgId, uniqueId };
}

/** Takes the message out of its envelope, if it has one. */
function open(body: Buffer, maxBytes: number): JsonObject {
  if (body.length > maxBytes)
    malformed('too_large', `the body has ${body.length} bytes; the limit is ${maxBytes}`, null);
  if (!isUtf8(body)) malformed('not_json', 'the body is not UTF-8 text (compressed bodies are not supported)', null);
  const outer = parse(body.toString(), 'the body');
  if (!isObject(outer)) return malformed('bad_envelope', 'the body must be a JSON object', null);
  if (!isSealed(outer)) return outer;

  const version = outer[VERSION_KEY];
  if (typeof version !== 'string' || !isVersion(version) || !isCompatible(ENVELOPE_VERSION, version)) {
    malformed('unsupported_envelope', `"${VERSION_KEY}" must be the text "${ENVELOPE_VERSION}"`, null);
  }
  const text = outer[MESSAGE_KEY];
  if (typeof text !== 'string') return malformed('bad_envelope', `"${MESSAGE_KEY}" must be a JSON text`, null);
  const message = parse(text, `"${MESSAGE_KEY}"`);
  return isObject(message) ? message : malformed('bad_envelope', `"${MESSAGE_KEY}" must hold a JSON object`, null);
}

function isSealed(outer: JsonObject): boolean {
  return Object.hasOwn(outer, VERSION_KEY) && Object.hasOwn(outer, MESSAGE_KEY);
}

function parse(text: string, what: string): unknown {
  try {
    // No reviver: with one, deep nesting would overflow the stack. Without, V8 parses iteratively, and a key named
    // __proto__ becomes an ordinary property.
    return JSON.parse(text);
  } catch (error) {
    // The parser's own sentence quotes the text, which may hold a token.
    return malformed('not_json', `${what} is not JSON`, null, error);
  }
}

/** What a failure reply needs, from a message that may be wrong in any other field. */
function readAddress(message: JsonObject): Partial<RpcRequest> {
  const { method, _msg_id: msgId, _reply_q: replyQ, _unique_id: uniqueId } = message;
  const known: Partial<RpcRequest> = { context: readContext(message) };
  if (isName(method)) known.method = method;
  if (isId(uniqueId)) known.uniqueId = uniqueId;
  if (isId(msgId) && isName(replyQ)) Object.assign(known, { msgId, replyQ });
  return known;
}

function readContext(message: JsonObject): RpcContext {
  const read = (key: 'request_id' | 'global_request_id'): string | null => {
    const value = message[CONTEXT_PREFIX + key];
    return typeof value === 'string' && REQUEST_ID.test(value) ? value : null;
  };
  const trace = traceOf((key) => message[CONTEXT_PREFIX + key]);
  return { request_id: read('request_id'), global_request_id: read('global_request_id'), ...(trace && { trace }) };
}

function readSeconds(value: unknown): number | null {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/** The id of a message that brought none: the same for each redelivery, because the body is. */
function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MAX_NAME_BYTES;
}

function malformed(code: MalformedCode, problem: string, request: Partial<RpcRequest> | null, cause?: unknown): never {
  throw new MalformedMessage(code, `Malformed message: ${problem}.`, request, { cause });
}
