import { protobufCodec, PROTOBUF_CONTENT_TYPE } from '../messages/protobuf.js';
import { readNodeUuid } from '../contract/task.js';
import { MalformedMessage, type Delivery, type MessageCodec, type RpcRequest } from '../rpc/index.js';

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
export function readRequest(
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
