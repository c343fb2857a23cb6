import { RPC_API_VERSION } from '../../src/contract/methods.js';
import { protobufCodec } from '../../src/messages/protobuf.js';
import { DEFAULT_MAX_BYTES, jsonCodec, NO_CONTEXT, type RpcRequest } from '../../src/rpc/index.js';
import type { LetterKindName } from '../plan/letters.js';

/** A length that exceeds the limit of AMQP names. */
const LONG_NAME = 300;
/** Eleven bytes that each announce a further byte of the number. Numbers in protobuf have at most ten bytes. */
const ENDLESS = Buffer.alloc(11, 0xff);

/** A message that cannot become an operation. */
export interface Letter {
  contentType: string;
  body: Buffer;
}

/** Makes a letter of this kind. @param id is put into the body if the kind has room for it */
export function letterOf(kind: LetterKindName, id: string): Letter {
  const json = (body: string | Buffer): Letter => ({ contentType: 'application/json', body: Buffer.from(body) });
  const proto = (body: Buffer): Letter => ({ contentType: protobufCodec.contentType, body });
  switch (kind) {
    case 'json-none':
      return json(`no JSON ${id}`);
    case 'json-method':
      return json(jsonCodec.encodeRequest(requestOf(id, { method: UNKNOWN })));
    case 'json-large':
      return json(jsonCodec.encodeRequest(requestOf(id, { args: TOO_MUCH })));
    case 'protobuf-noise':
      return proto(ENDLESS);
    case 'protobuf-cut':
      return proto(protobufCodec.encodeRequest(requestOf(id, {})).subarray(0, -1));
    case 'protobuf-reply':
      return proto(protobufCodec.encodeRequest(requestOf(id, { msgId: id, replyQ: 'q'.repeat(LONG_NAME) })));
    case 'protobuf-method':
      return proto(protobufCodec.encodeRequest(requestOf(id, { method: UNKNOWN })));
    case 'protobuf-large':
      return proto(Buffer.concat([protobufCodec.encodeRequest(requestOf(id, {})), Buffer.alloc(DEFAULT_MAX_BYTES)]));
  }
}

const UNKNOWN = 'no_method_of_this_name';
const TOO_MUCH = { filling: 'x'.repeat(DEFAULT_MAX_BYTES) };

function requestOf(id: string, changes: Partial<RpcRequest>): RpcRequest {
  return {
    method: 'vif_list',
    version: RPC_API_VERSION,
    namespace: null,
    args: {},
    uniqueId: id,
    msgId: null,
    replyQ: null,
    timeout: null,
    context: NO_CONTEXT,
    ...changes,
  };
}
