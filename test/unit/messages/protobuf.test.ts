import { expect } from 'chai';

import { protobufCodec } from '../../../src/messages/protobuf.js';
import { jsonCodec, MalformedMessage, type MessageCodec, type RpcRequest } from '../../../src/rpc/index.js';

const CALL: RpcRequest = {
  method: 'add_cleaning_network',
  version: '1.0',
  namespace: null,
  args: { options: [] },
  uniqueId: 'u-1',
  msgId: 'm-1',
  replyQ: 'reply_1',
  timeout: 60,
  context: { request_id: 'req-1', global_request_id: null },
};

/** The error that a request which was sent as given ends with. */
function refusal(codec: MessageCodec, fields: Partial<RpcRequest>): MalformedMessage | null {
  try {
    codec.decodeRequest(codec.encodeRequest({ ...CALL, ...fields }));
    return null;
  } catch (error) {
    if (error instanceof MalformedMessage) return error;
    throw error;
  }
}

for (const [encoding, codec] of [
  ['JSON', jsonCodec],
  ['protobuf', protobufCodec],
] as const) {
  describe(`a request in ${encoding}`, () => {
    const wrong: [string, Partial<RpcRequest>][] = [
      ['a method of 300 bytes', { method: 'é'.repeat(150) }],
      ['no method', { method: '' }],
      ['a version of nonsense', { version: 'one' }],
      ['an id with a newline', { uniqueId: 'u\n1' }],
      ['an id of 65 characters', { uniqueId: 'u'.repeat(65) }],
      ['a message id with an emoji', { msgId: '😀' }],
      ['a reply queue of 256 bytes', { replyQ: 'é'.repeat(128) }],
      ['a call without a reply queue', { replyQ: null }],
    ];
    for (const [what, fields] of wrong) {
      it(`is refused for ${what}, and its caller is known where it can be`, () => {
        const error = refusal(codec, fields);
        expect(error).to.include({ code: 'bad_request' });
        const answerable = fields.msgId === undefined && fields.replyQ === undefined;
        expect(error?.request?.replyQ).to.equal(answerable ? 'reply_1' : undefined);
        expect(error?.request?.context?.request_id).to.equal('req-1');
      });
    }

    for (const [what, request_id] of [
      ['a newline', 'req-1\nX-Roles: admin'],
      ['an emoji', 'req-😀'],
      ['a blank', 'req 1'],
      ['256 characters', 'r'.repeat(256)],
    ] as const) {
      it(`has no request id when its own has ${what}`, () => {
        const context = { request_id, global_request_id: request_id };
        const read = codec.decodeRequest(codec.encodeRequest({ ...CALL, context })).context;
        expect(read).to.deep.equal({ request_id: null, global_request_id: null });
      });
    }

    it('has no timeout when that is no time', () => {
      // In protobuf it is a whole number.
      for (const timeout of codec === jsonCodec ? [NaN, Infinity, -1, 0] : [0]) {
        expect(codec.decodeRequest(codec.encodeRequest({ ...CALL, timeout })).timeout).to.equal(null);
      }
    });

    it('is read as it was written', () => {
      expect(codec.decodeRequest(codec.encodeRequest(CALL))).to.deep.equal(CALL);
    });
  });
}

describe('the protobuf codec', () => {
  it('says that bytes are no message', () => {
    const bytes = Buffer.from([0xff, 0xff, 1]);
    expect(() => protobufCodec.decodeRequest(bytes)).to.throw(MalformedMessage, 'not a protobuf RpcRequest');
    expect(() => protobufCodec.decodeReply(bytes)).to.throw(MalformedMessage, 'not a protobuf RpcReply');
  });
});
