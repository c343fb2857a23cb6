import protobuf from 'protobufjs/light.js';

import { schema } from '../contract/schema.js';
import { checkReply, checkRequest, MalformedMessage, type MessageCodec } from '../rpc/index.js';

/** Content type of a message that carries RpcRequest or RpcReply of proto/network_provider.proto. */
export const PROTOBUF_CONTENT_TYPE = 'application/x-protobuf';

/** Field numbers of the fields that make a request a call. */
const CALLS = ['msg_id', 'reply_q', 'timeout'].map((name) => schema.rpcRequest.fields[name]?.id);

const PONG = 'pong';
/** Encodes requests and replies in protobuf, with the same contract, fields and checks as in JSON. */
export const protobufCodec: MessageCodec = {
  contentType: PROTOBUF_CONTENT_TYPE,

  encodeRequest(request) {
    const { uniqueId, msgId, replyQ, ...same } = request;
    const message = schema.rpcRequest.fromObject({ ...same, unique_id: uniqueId, msg_id: msgId, reply_q: replyQ });
    return Buffer.from(schema.rpcRequest.encode(message).finish());
  },

  decodeRequest(body) {
    const message = toPlain('rpcRequest', body);
    const { method, version, namespace, args, timeout } = message;
    const { unique_id: uniqueId, msg_id: msgId, reply_q: replyQ, context } = message;
    const { request_id: requestId, global_request_id: globalRequestId } = (context ?? {}) as Record<string, unknown>;
    return checkRequest(
      { method, version, namespace, args, uniqueId, msgId, replyQ, timeout, requestId, globalRequestId },
      '',
    );
  },

  /** Removes the fields that make a request a call, and keeps all other bytes as they are. */
  asCast(body) {
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

  encodeReply(reply) {
    const { result, failure, ending, msgId, uniqueId } = reply;
    const answer = result === PONG ? { pong: PONG } : result === null ? {} : { result };
    const message = schema.rpcReply.fromObject({ ...answer, failure, ending, msg_id: msgId, unique_id: uniqueId });
    return Buffer.from(schema.rpcReply.encode(message).finish());
  },

  decodeReply(body) {
    const { result, pong, failure, ending, msg_id: msgId, unique_id: uniqueId } = toPlain('rpcReply', body);
    return checkReply({ result: pong ?? result, failure, ending, msgId, uniqueId });
  },
};

function toPlain(name: 'rpcRequest' | 'rpcReply', body: Buffer): Record<string, unknown> {
  try {
    return schema[name].toObject(schema[name].decode(body), { arrays: true });
  } catch (cause) {
    throw new MalformedMessage(
      'not_protobuf',
      `Malformed message: the body is not a protobuf ${schema[name].name}.`,
      null,
      {
        cause,
      },
    );
  }
}
