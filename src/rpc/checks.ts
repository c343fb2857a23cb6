import { stringifyJson } from '../json.js';
import type { TraceParent } from '../tracing/tracing.js';
import { type MalformedCode, MalformedMessage } from './errors.js';
import { isVersion, type RpcContext, type RpcReply, type RpcRequest } from './message.js';

/**
 * What a message has to be, whatever its encoding: its ids, names and texts become headers, routing keys, columns and
 * lines of logs. Each codec reads its fields, and has them checked here.
 */

const ID = /^[A-Za-z0-9_.-]{1,64}$/;
const ID_RULE = 'must be 1 to 64 letters, digits, dots, dashes or underscores';
/** What an HTTP header takes, without blanks. */
const REQUEST_ID = /^[\x21-\x7e]{1,255}$/;
/** AMQP's short strings, queue names among them, hold 255 bytes. */
const MAX_NAME_BYTES = 255;
const NAME_RULE = `must be a text of 1 to ${MAX_NAME_BYTES} bytes`;

type JsonObject = Record<string, unknown>;

/** A request's fields as an encoding has them; undefined: it has none. */
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

/** The same of a reply. */
export type RawReply = Record<keyof RpcReply, unknown>;

/** What stands before the names of the fields that only messages have, in errors: JSON's have an underscore. */
type Prefix = '_' | '';

/** @throws MalformedMessage with as much of the request as can be used, so that a caller hears of it */
export function checkRequest(raw: RawRequest, prefix: Prefix): RpcRequest {
  const context = contextOf(raw);
  const refuse = (problem: string): never => malformed('bad_request', problem, { ...addressOf(raw), context });

  const { method, args = {}, version = '1.0', uniqueId } = raw;
  // Null is as good as nothing, and an encoding may have either.
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

/** @throws MalformedMessage */
export function checkReply(raw: RawReply): RpcReply {
  const { result = null, msgId, uniqueId } = raw;
  const failure = raw.failure ?? null;
  if (!isId(msgId) || !isId(uniqueId)) return malformed('bad_request', 'a reply must have a "_msg_id"', null);
  const text = failure === null || typeof failure === 'string' ? failure : stringifyJson(failure);
  return { result, failure: text === '' ? null : text, ending: raw.ending === true, msgId, uniqueId };
}

/** What a failure reply needs, from a message that may be wrong in any other field. */
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

/** @throws MalformedMessage, always */
export function malformed(
  code: MalformedCode,
  problem: string,
  request: Partial<RpcRequest> | null,
  cause?: unknown,
): never {
  throw new MalformedMessage(code, `Malformed message: ${problem}.`, request, { cause });
}
