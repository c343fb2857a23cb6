import protobuf from 'protobufjs/light.js';

import { schema } from './schema.js';
import type { JsonObject, OperationResult } from './types.js';

/** Content type of a message that carries RpcRequest or RpcReply of proto/network_provider.proto. */
export const PROTOBUF_CONTENT_TYPE = 'application/x-protobuf';

interface Request {
  method: string;
  version: string;
  namespace: string | null;
  args: Record<string, unknown>;
  uniqueId: string;
  msgId: string | null;
  replyQ: string | null;
  timeout: number | null;
  context: { request_id: string | null; global_request_id: string | null };
}

interface Reply {
  result: unknown;
  failure: string | null;
  ending: boolean;
  msgId: string;
  uniqueId: string;
}

/** Numbers of the fields of a request that make it a call. */
const CALLS = ['msg_id', 'reply_q', 'timeout'].map((name) => schema.rpcRequest.fields[name]?.id);

const PONG = 'pong';
const VERSION = /^\d{1,4}\.\d{1,4}$/;
const ID = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * The protobuf encoding of requests and replies: same contract, same fields, as in JSON. Bytes that are no such
 * message make decodeRequest and decodeReply throw an Error.
 */
export const protobufCodec = {
  contentType: PROTOBUF_CONTENT_TYPE,

  encodeRequest(request: Request): Buffer {
    const { uniqueId, msgId, replyQ, ...same } = request;
    const message = schema.rpcRequest.fromObject({ ...same, unique_id: uniqueId, msg_id: msgId, reply_q: replyQ });
    return Buffer.from(schema.rpcRequest.encode(message).finish());
  },

  decodeRequest(body: Buffer): Request {
    const message = toPlain('rpcRequest', body) as Partial<Record<string, string>> & {
      timeout?: number;
      context?: Partial<Request['context']>;
      args?: JsonObject;
    };
    const { method = '', version = '1.0' } = message;
    if (method === '' || method.length > 255) throw new Error('method must be 1 to 255 characters');
    if (!VERSION.test(version)) throw new Error('version must be like 1.0');
    expectId('unique_id', message['unique_id'] ?? '');
    if (message['msg_id'] !== undefined) expectId('msg_id', message['msg_id']);
    if ((message['msg_id'] === undefined) !== (message['reply_q'] === undefined)) {
      throw new Error('a call must have both msg_id and reply_q');
    }
    return {
      method,
      version,
      namespace: message['namespace'] ?? null,
      args: message.args ?? {},
      uniqueId: message['unique_id'] ?? '',
      msgId: message['msg_id'] ?? null,
      replyQ: message['reply_q'] ?? null,
      timeout: message.timeout ?? null,
      context: {
        request_id: message.context?.request_id ?? null,
        global_request_id: message.context?.global_request_id ?? null,
      },
    };
  },

  /** The request without what makes it a call, and else byte for byte as it came. */
  asCast(body: Buffer): Buffer {
    const reader = protobuf.Reader.create(body);
    const kept: Buffer[] = [];
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const tag = reader.uint32();
      reader.skipType(tag & 7);
      if (!CALLS.includes(tag >>> 3)) kept.push(body.subarray(start, reader.pos));
    }
    return Buffer.concat(kept);
  },

  encodeReply(reply: Reply): Buffer {
    const { result, failure, ending, msgId, uniqueId } = reply;
    const answer = result === PONG ? { pong: PONG } : result === null ? {} : { result };
    const message = schema.rpcReply.fromObject({ ...answer, failure, ending, msg_id: msgId, unique_id: uniqueId });
    return Buffer.from(schema.rpcReply.encode(message).finish());
  },

  decodeReply(body: Buffer): Reply {
    const message = toPlain('rpcReply', body) as {
      result?: OperationResult;
      pong?: string;
      failure?: string;
      ending?: boolean;
      msg_id?: string;
      unique_id?: string;
    };
    return {
      result: message.pong ?? message.result ?? null,
      failure: message.failure ?? null,
      ending: message.ending ?? false,
      msgId: message.msg_id ?? '',
      uniqueId: message.unique_id ?? '',
    };
  },
};

function expectId(name: string, value: string): void {
  if (!ID.test(value)) throw new Error(`${name} must be 1 to 64 letters, digits, dots, dashes or underscores`);
}

function toPlain(name: 'rpcRequest' | 'rpcReply', body: Buffer): Record<string, unknown> {
  return schema[name].toObject(schema[name].decode(body), { arrays: true });
}
