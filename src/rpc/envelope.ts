import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

import { parseJson, stringifyJson } from '../json.js';
import { checkReply, checkRequest, isObject, malformed } from './checks.js';
import { isCompatible, isVersion, type MessageCodec, type RpcReply, type RpcRequest, traceOf } from './message.js';

/** Version of the envelope, independent of any interface's version. Source: oslo_messaging/_drivers/common.py. */
const ENVELOPE_VERSION = '2.0';
const VERSION_KEY = 'oslo.version';
const MESSAGE_KEY = 'oslo.message';
const CONTEXT_PREFIX = '_context_';

/** Default limit for the size of a body, in bytes. */
export const DEFAULT_MAX_BYTES = 1024 * 1024;

type JsonObject = Record<string, unknown>;

export interface JsonCodecOptions {
  /** The codec refuses a larger body before it parses it. */
  maxBytes?: number;
}

/** oslo.messaging's JSON encoding: the 2.0 envelope. When decoding, it also accepts the older bare dict. */
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
  // In Python's RequestContext.from_dict every key is optional, so these two make a complete context.
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
  // The id of a message that brought none is the digest of its body. The body changes here, so store the id in it.
  const cast = stringifyJson({ _unique_id: digest(body), ...Object.fromEntries(kept) });
  const outer = parse(body.toString(), 'the body') as JsonObject;
  return Buffer.from(isSealed(outer) ? stringifyJson({ ...outer, [MESSAGE_KEY]: cast }) : cast);
}

function encodeReply({ result, failure, ending, msgId, uniqueId }: RpcReply): Buffer {
  // Send "no result" as null: Python distinguishes it from "no reply yet" by null, and JSON drops undefined.
  return seal({ result: result ?? null, failure, ending, _msg_id: msgId, _unique_id: uniqueId });
}

function seal(message: JsonObject): Buffer {
  return Buffer.from(JSON.stringify({ [VERSION_KEY]: ENVELOPE_VERSION, [MESSAGE_KEY]: stringifyJson(message) }));
}

function decodeRequest(body: Buffer, maxBytes: number): RpcRequest {
  const message = open(body, maxBytes);
  const { method, version, namespace, args, _unique_id: uniqueId = digest(body) } = message;
  const { _msg_id: msgId, _reply_q: replyQ, _timeout: timeout } = message;
  const context = (key: string): unknown => message[CONTEXT_PREFIX + key];
  const [requestId, globalRequestId] = [context('request_id'), context('global_request_id')];
  const trace = traceOf(context);
  return checkRequest(
    { method, version, namespace, args, uniqueId, msgId, replyQ, timeout, requestId, globalRequestId, trace },
    '_',
  );
}

function decodeReply(body: Buffer, maxBytes: number): RpcReply {
  const { result, failure, ending, _msg_id: msgId, _unique_id: uniqueId = digest(body) } = open(body, maxBytes);
  return checkReply({ result, failure, ending, msgId, uniqueId });
}

/** Parses a body and takes the message out of its envelope, if it has one. */
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
    return parseJson(text);
  } catch (error) {
    // The parser's own error message quotes the text, which may contain a token.
    return malformed('not_json', `${what} is not JSON`, null, error);
  }
}

/** The id of a message that brought none. Each redelivery has the same body, and therefore the same id. */
function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
