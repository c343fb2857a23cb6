import { stringifyJson } from '../json.js';
import type { TraceParent } from '../tracing/tracing.js';
import { type MalformedCode, MalformedMessage } from './errors.js';
import { isVersion, type RpcContext, type RpcReply, type RpcRequest } from './message.js';

/**
 * The rules for a message's fields, the same for every encoding. They matter because its ids, names and texts become
 * headers, routing keys, database columns and log lines. Each codec extracts the fields and checks them here.
 */

const ID = /^[A-Za-z0-9_.-]{1,64}$/;
const ID_RULE = 'must be 1 to 64 letters, digits, dots, dashes or underscores';
/** The characters that an HTTP header may contain, without blanks. */
const REQUEST_ID = /^[\x21-\x7e]{1,255}$/;
/** AMQP's short strings, such as queue names, hold at most 255 bytes. */
const MAX_NAME_BYTES = 255;
const NAME_RULE = `must be a text of 1 to ${MAX_NAME_BYTES} bytes`;

type JsonObject = Record<string, unknown>;

/** A request's fields as an encoding delivers them, not checked yet. Undefined: the field is missing. */
export interface RawRequest {
  method: unknown;
  version: unknown;
  namespace: unknown;
  args: unknown;
  uniqueId: unknown;
  msgId: unknown;
  replyQ: unknown;
  timeout: unknown;
  requestId: unknown;
  globalRequestId: unknown;
  trace?: TraceParent | null;
}

/** A reply's fields as an encoding delivers them, not checked yet. */
export type RawReply = Record<keyof RpcReply, unknown>;

/** Prefix of a message's own field names in errors, such as `_msg_id`. The JSON encoding has an underscore. */
type Prefix = '_' | '';

/** Checks a request. @throws MalformedMessage with the usable part of the request, so that its caller gets a failure */
export function checkRequest(raw: RawRequest, prefix: Prefix): RpcRequest {
  const context = contextOf(raw);
  const refuse = (problem: string): never => malformed('bad_request', problem, { ...addressOf(raw), context });

  const { method, args = {}, version = '1.0', uniqueId } = raw;
  // Null and a missing field mean the same, and an encoding may deliver either.
  const [namespace, msgId, replyQ] = [raw.namespace ?? null, raw.msgId ?? null, raw.replyQ ?? null];
  if (!isName(method)) return refuse(`"method" ${NAME_RULE}`);
  if (!isObject(args)) return refuse('"args" must be an object');
  if (typeof version !== 'string' || !isVersion(version)) return refuse('"version" must be a text like "1.0"');
  if (namespace !== null && typeof namespace !== 'string') return refuse('"namespace" must be a text or null');
  if (!isId(uniqueId)) return refuse(`"${prefix}unique_id" ${ID_RULE}`);
  if ((msgId === null) !== (replyQ === null)) {
    return refuse(`a call must have both "${prefix}msg_id" and "${prefix}reply_q"`);
  }
  if (msgId !== null && !isId(msgId)) return refuse(`"${prefix}msg_id" ${ID_RULE}`);
  if (replyQ !== null && !isName(replyQ)) return refuse(`"${prefix}reply_q" ${NAME_RULE}`);
  return { method, version, namespace, args, uniqueId, msgId, replyQ, timeout: secondsOf(raw.timeout), context };
}

/** Checks a reply. @throws MalformedMessage */
export function checkReply(raw: RawReply): RpcReply {
  const { result = null, msgId, uniqueId } = raw;
  const failure = raw.failure ?? null;
  if (!isId(msgId) || !isId(uniqueId)) return malformed('bad_request', 'a reply must have a "_msg_id"', null);
  const text = failure === null || typeof failure === 'string' ? failure : stringifyJson(failure);
  return { result, failure: text === '' ? null : text, ending: raw.ending === true, msgId, uniqueId };
}

/** The fields that a failure reply needs, from a message in which any other field may be wrong. */
function addressOf({ method, msgId, replyQ, uniqueId }: RawRequest): Partial<RpcRequest> {
  const known: Partial<RpcRequest> = {};
  if (isName(method)) known.method = method;
  if (isId(uniqueId)) known.uniqueId = uniqueId;
  if (isId(msgId) && isName(replyQ)) Object.assign(known, { msgId, replyQ });
  return known;
}

function contextOf({ requestId, globalRequestId, trace }: RawRequest): RpcContext {
  const fit = (value: unknown): string | null => (typeof value === 'string' && REQUEST_ID.test(value) ? value : null);
  return { request_id: fit(requestId), global_request_id: fit(globalRequestId), ...(trace && { trace }) };
}

function secondsOf(value: unknown): number | null {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MAX_NAME_BYTES;
}

/** Throws a MalformedMessage, and never returns. @throws MalformedMessage */
export function malformed(
  code: MalformedCode,
  problem: string,
  request: Partial<RpcRequest> | null,
  cause?: unknown,
): never {
  throw new MalformedMessage(code, `Malformed message: ${problem}.`, request, { cause });
}
