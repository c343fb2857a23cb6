import { createHash } from 'node:crypto';

import { expect } from 'chai';

import { createJsonCodec, jsonCodec } from '../../../src/rpc/envelope.js';
import { MalformedMessage } from '../../../src/rpc/errors.js';
import { NO_CONTEXT, type RpcRequest } from '../../../src/rpc/message.js';

const CALL: RpcRequest = {
  method: 'add',
  version: '1.1',
  namespace: 'math',
  args: { a: 1, b: [2, null] },
  uniqueId: 'u1',
  msgId: 'm1',
  replyQ: 'reply_host:proc:1',
  timeout: 10,
  context: { request_id: 'req-1', global_request_id: 'req-2' },
};

const sealed = (message: unknown): Buffer =>
  Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }));
const bare = (message: unknown): Buffer => Buffer.from(JSON.stringify(message));

function refused(body: Buffer, codec = jsonCodec): MalformedMessage {
  try {
    codec.decodeRequest(body);
  } catch (error) {
    if (error instanceof MalformedMessage) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('envelope', () => {
  it('transports a call and a cast unchanged', () => {
    expect(jsonCodec.decodeRequest(jsonCodec.encodeRequest(CALL))).to.deep.equal(CALL);
    const cast = { ...CALL, msgId: null, replyQ: null, timeout: null, namespace: null };
    expect(jsonCodec.decodeRequest(jsonCodec.encodeRequest(cast))).to.deep.equal(cast);
  });

  it('writes the keys that oslo.messaging reads', () => {
    const outer = JSON.parse(jsonCodec.encodeRequest(CALL).toString()) as Record<string, string>;
    expect(Object.keys(outer)).to.have.members(['oslo.version', 'oslo.message']);
    expect(outer['oslo.version']).to.equal('2.0');
    expect(JSON.parse(outer['oslo.message'] ?? '')).to.deep.equal({
      method: 'add',
      args: { a: 1, b: [2, null] },
      version: '1.1',
      namespace: 'math',
      _context_request_id: 'req-1',
      _context_global_request_id: 'req-2',
      _msg_id: 'm1',
      _reply_q: 'reply_host:proc:1',
      _timeout: 10,
      _unique_id: 'u1',
    });
  });

  it('has no reply fields in a cast', () => {
    const text = jsonCodec.encodeRequest({ ...CALL, msgId: null, replyQ: null, timeout: null }).toString();
    expect(text).not.to.match(/_msg_id|_reply_q|_timeout/);
  });

  it('transports a reply, a failure and a heartbeat unchanged', () => {
    const reply = { result: { ok: [1] }, failure: null, ending: true, msgId: 'm1', uniqueId: 'u2' };
    for (const one of [reply, { ...reply, result: null, failure: '{}' }, { ...reply, result: null, ending: false }]) {
      expect(jsonCodec.decodeReply(jsonCodec.encodeReply(one))).to.deep.equal(one);
    }
  });

  it('says null for a result that is undefined', () => {
    const body = jsonCodec.encodeReply({ result: undefined, failure: null, ending: true, msgId: 'm', uniqueId: 'u' });
    expect(jsonCodec.decodeReply(body).result).to.equal(null);
  });

  it('accepts a bare dict, and messages without optional fields', () => {
    expect(jsonCodec.decodeRequest(bare({ method: 'ping', _unique_id: 'u' }))).to.deep.equal({
      method: 'ping',
      version: '1.0',
      namespace: null,
      args: {},
      uniqueId: 'u',
      msgId: null,
      replyQ: null,
      timeout: null,
      context: NO_CONTEXT,
    });
  });

  it('names a message without an id by its body, so that a redelivery has the same', () => {
    const body = bare({ method: 'ping' });
    const { uniqueId } = jsonCodec.decodeRequest(body);
    expect(uniqueId).to.equal(createHash('sha256').update(body).digest('hex'));
    expect(jsonCodec.decodeRequest(Buffer.from(body)).uniqueId).to.equal(uniqueId);
  });

  it('drops tokens, catalogs and all other context', () => {
    const request = jsonCodec.decodeRequest(
      sealed({
        method: 'm',
        _unique_id: 'u',
        _context_auth_token: 'secret',
        _context_service_catalog: [{ endpoints: 'secret' }],
        _context_request_id: 'req-1',
        _context_user: 'admin',
      }),
    );
    expect(JSON.stringify(request)).not.to.match(/secret|admin/);
    expect(request.context).to.deep.equal({ request_id: 'req-1', global_request_id: null });
  });

  for (const id of [7, '', 'a b', 'req-1\r\nX-Evil: 1', 'x'.repeat(256), 'réq']) {
    it(`drops the request id ${JSON.stringify(id).slice(0, 40)}, which could not be sent on as a header`, () => {
      const body = sealed({ method: 'm', _unique_id: 'u', _context_request_id: id });
      expect(jsonCodec.decodeRequest(body).context.request_id).to.equal(null);
    });
  }

  for (const [given, seconds] of [
    [10, 10],
    [2.5, 2.5],
    ['30', 30],
    [null, null],
    [0, null],
    [-1, null],
    ['soon', null],
    [{}, null],
  ] as const) {
    it(`reads a call_monitor_timeout of ${JSON.stringify(given)} as ${seconds}`, () => {
      expect(jsonCodec.decodeRequest(sealed({ method: 'm', _unique_id: 'u', _timeout: given })).timeout).to.equal(
        seconds,
      );
    });
  }

  const refusals: [string, Buffer, MalformedMessage['code']][] = [
    ['an empty body', Buffer.alloc(0), 'not_json'],
    ['text', Buffer.from('hello'), 'not_json'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not_json'],
    ['NaN, which Python may write, for a method', Buffer.from('{"method": NaN}'), 'bad_request'],
    ['an array', bare([1]), 'bad_envelope'],
    ['null', bare(null), 'bad_envelope'],
    ['a number', bare(5), 'bad_envelope'],
    ['envelope version 3.0', bare({ 'oslo.version': '3.0', 'oslo.message': '{}' }), 'unsupported_envelope'],
    ['envelope version 2.1', bare({ 'oslo.version': '2.1', 'oslo.message': '{}' }), 'unsupported_envelope'],
    ['an envelope version that is a number', bare({ 'oslo.version': 2, 'oslo.message': '{}' }), 'unsupported_envelope'],
    ['an envelope version of nonsense', bare({ 'oslo.version': 'x', 'oslo.message': '{}' }), 'unsupported_envelope'],
    ['a message that is no text', bare({ 'oslo.version': '2.0', 'oslo.message': {} }), 'bad_envelope'],
    ['a message that is no JSON', bare({ 'oslo.version': '2.0', 'oslo.message': '{' }), 'not_json'],
    ['a message that is no object', sealed([]), 'bad_envelope'],
    ['no method', sealed({ args: {} }), 'bad_request'],
    ['a method that is a number', sealed({ method: 5 }), 'bad_request'],
    ['an endless method', sealed({ method: 'm'.repeat(256) }), 'bad_request'],
    ['args that are an array', sealed({ method: 'm', args: [] }), 'bad_request'],
    ['args that are null', sealed({ method: 'm', args: null }), 'bad_request'],
    ['a version that is a number', sealed({ method: 'm', version: 1.0 }), 'bad_request'],
    ['a version of nonsense', sealed({ method: 'm', version: 'one' }), 'bad_request'],
    ['a namespace that is a number', sealed({ method: 'm', namespace: 1 }), 'bad_request'],
    ['an id that is a number', sealed({ method: 'm', _unique_id: 1 }), 'bad_request'],
    ['an id that is too long', sealed({ method: 'm', _unique_id: 'x'.repeat(65) }), 'bad_request'],
    ['an id with other characters', sealed({ method: 'm', _unique_id: "'; DROP" }), 'bad_request'],
    ['an empty id', sealed({ method: 'm', _unique_id: '' }), 'bad_request'],
    ['a call without a reply queue', sealed({ method: 'm', _msg_id: 'x' }), 'bad_request'],
    ['a call without a message id', sealed({ method: 'm', _reply_q: 'x' }), 'bad_request'],
    [
      'a reply queue that no queue can be named',
      sealed({ method: 'm', _msg_id: 'x', _reply_q: 'q'.repeat(256) }),
      'bad_request',
    ],
    ['only __proto__ keys', Buffer.from('{"__proto__": {"method": "m", "_unique_id": "u"}}'), 'bad_request'],
  ];
  for (const [name, body, code] of refusals) {
    it(`refuses ${name} (${code})`, () => {
      expect(refused(body)).to.include({ code });
    });
  }

  it('refuses a body over the limit before it parses it', () => {
    const codec = createJsonCodec({ maxBytes: 100 });
    expect(refused(Buffer.alloc(101, 'x'), codec)).to.include({ code: 'too_large' });
    expect(refused(Buffer.alloc(100, 'x'), codec)).to.include({ code: 'not_json' });
    expect(refused(Buffer.alloc(10_000_000, '['))).to.include({ code: 'too_large' });
  });

  it('refuses deep nesting without a crash', () => {
    const deep = (text: string): Buffer => Buffer.from(text);
    expect(refused(deep('['.repeat(1_000_000)))).to.include({ code: 'not_json' });
    expect(refused(deep('['.repeat(500_000) + ']'.repeat(500_000)))).to.include({ code: 'bad_envelope' });
    const args = `{"a": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    expect(jsonCodec.decodeRequest(deep(`{"method": "m", "args": ${args}}`)).method).to.equal('m');
  });

  it('handles keys with a special meaning in JavaScript', () => {
    const text =
      '{"method": "m", "_unique_id": "u", "__proto__": {"version": "9.0"}, "constructor": 1, "args": {"__proto__": {"polluted": 1}}}';
    const request = jsonCodec.decodeRequest(Buffer.from(text));
    expect(request).to.include({ method: 'm', version: '1.0' });
    expect((request.args as { polluted?: unknown }).polluted).to.equal(undefined);
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
  });

  it('keeps the reply address of an invalid call, so that its caller gets the error', () => {
    const { request } = refused(sealed({ method: 'm', args: 5, _msg_id: 'm1', _reply_q: 'reply_1', _unique_id: 'u1' }));
    expect(request).to.deep.equal({ method: 'm', uniqueId: 'u1', msgId: 'm1', replyQ: 'reply_1', context: NO_CONTEXT });
  });

  it('quotes no part of a refused message, because it may contain secrets', () => {
    const error = refused(Buffer.from('{"_context_auth_token": "secret", '));
    expect(error.message).not.to.contain('secret');
  });

  it('accepts a failure that is an object', () => {
    const body = sealed({ result: null, failure: { class: 'X' }, ending: true, _msg_id: 'm', _unique_id: 'u' });
    expect(jsonCodec.decodeReply(body).failure).to.equal('{"class":"X"}');
  });

  it('refuses a reply that names no message', () => {
    expect(() => jsonCodec.decodeReply(sealed({ result: 1 }))).to.throw(MalformedMessage);
  });
});
