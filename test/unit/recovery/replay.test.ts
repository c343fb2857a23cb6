import { expect } from 'chai';

import { streamArguments } from '../../../src/amqp/stream.js';
import { position, startPosition } from '../../../src/cli/input/argument-parsers.js';
import { describePlan } from '../../../src/cli/output/replay-view.js';
import { schema } from '../../../src/contract/schema.js';
import { replayHeaders, replayOf, withoutReplay } from '../../../src/messages/journal.js';
import { protobufCodec } from '../../../src/messages/protobuf.js';
import type { Decision } from '../../../src/recovery/replay-plan.js';
import { countsOf, planToJson } from '../../../src/recovery/replay-report.js';
import { createJsonCodec, jsonCodec, MalformedMessage, NO_CONTEXT, type RpcRequest } from '../../../src/rpc/index.js';

const REQUEST: RpcRequest = {
  method: 'add_cleaning_network',
  version: '1.0',
  namespace: null,
  args: { node_id: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123' },
  uniqueId: 'op-1',
  msgId: null,
  replyQ: null,
  timeout: null,
  context: NO_CONTEXT,
};
const CALL: RpcRequest = { ...REQUEST, msgId: 'msg-1', replyQ: 'reply_1', timeout: 30 };

describe('a position in the journal', () => {
  const now = Date.parse('2026-01-31T14:00:00Z');

  it('is an offset, a time, or a time span before now', () => {
    expect(position('0')).to.equal(0);
    expect(position('1200')).to.equal(1200);
    expect(position('2h', now)).to.deep.equal(new Date('2026-01-31T12:00:00Z'));
    expect(position('2026-01-30T12:00:00+02:00', now)).to.deep.equal(new Date('2026-01-30T10:00:00Z'));
    expect(position('2026-01-30', now)).to.deep.equal(new Date('2026-01-30T00:00:00Z'));
    expect(startPosition('first')).to.equal('first');
  });

  it('is nothing else, and no time in the future', () => {
    for (const text of ['', '-1', '1.5', 'last', '2026-01-30 12:00', 'yesterday', '1e3', '9'.repeat(16)]) {
      expect(() => position(text, now), text).to.throw('It must be an offset such as 1200');
    }
    expect(() => position('2026-01-31T14:00:01Z', now)).to.throw('must not be in the future');
    expect(() => position('1969-12-31', now)).to.throw('must not be in the future or before 1970');
  });
});

describe('a call as a cast', () => {
  for (const [encoding, codec] of [
    ['JSON', jsonCodec],
    ['protobuf', protobufCodec],
  ] as const) {
    it(`is the same request without what the reply needs, in ${encoding}`, () => {
      const cast = codec.decodeRequest(codec.encodeRequest(REQUEST));
      expect(codec.decodeRequest(codec.asCast(codec.encodeRequest(CALL)))).to.deep.equal(cast);
    });

    it(`is the very body where it is a cast already, in ${encoding}`, () => {
      const body = codec.encodeRequest(REQUEST);
      expect(codec.asCast(body).equals(body)).to.equal(true);
    });
  }

  it('keeps unknown keys, with and without an envelope', () => {
    const inner = { method: 'm', _context_auth_token: 't', future: [1], _msg_id: 'a', _reply_q: 'b', _timeout: null };
    const kept = { method: 'm', _context_auth_token: 't', future: [1], _unique_id: 'u' };
    const bare = jsonCodec.asCast(Buffer.from(JSON.stringify({ ...inner, _unique_id: 'u' })));
    expect(JSON.parse(String(bare))).to.deep.equal(kept);
    const sealed = { 'oslo.version': '2.0', 'oslo.message': JSON.stringify({ ...inner, _unique_id: 'u' }), more: 1 };
    const { 'oslo.message': text, ...outer } = JSON.parse(
      String(jsonCodec.asCast(Buffer.from(JSON.stringify(sealed)))),
    ) as {
      'oslo.message': string;
    };
    expect(outer).to.deep.equal({ 'oslo.version': '2.0', more: 1 });
    expect(JSON.parse(text)).to.deep.equal(kept);
  });

  it('keeps the id that a message without one had by its body', () => {
    const body = Buffer.from(JSON.stringify({ method: 'm', args: {}, _msg_id: 'a', _reply_q: 'b' }));
    expect(jsonCodec.decodeRequest(jsonCodec.asCast(body)).uniqueId).to.equal(jsonCodec.decodeRequest(body).uniqueId);
  });

  it('keeps fields of protobuf that we do not know', () => {
    const unknown = Buffer.from([0xa0, 0x06, 0x01]); // field 100, a number
    const body = Buffer.concat([protobufCodec.encodeRequest(CALL), unknown]);
    const cast = protobufCodec.asCast(body);
    expect(cast.subarray(-3)).to.deep.equal(unknown);
    expect(schema.rpcRequest.toObject(schema.rpcRequest.decode(cast))).to.not.have.any.keys(
      'msg_id',
      'reply_q',
      'timeout',
    );
  });

  it('refuses what is no request', () => {
    expect(() => createJsonCodec().asCast(Buffer.from('no JSON'))).to.throw(MalformedMessage);
    expect(() => protobufCodec.asCast(Buffer.from([0xff]))).to.throw();
  });
});

describe('the headers of a replayed message', () => {
  it('say where it came from, and are read again', () => {
    const headers = {
      ...withoutReplay({ theirs: 'x', 'netprov-replay-again': 'old' }),
      ...replayHeaders(7, { again: null, unless: 'op-2' }),
    };
    expect(headers).to.deep.equal({ theirs: 'x', 'netprov-replay': 7, 'netprov-replay-unless': 'op-2' });
    expect(replayOf(headers)).to.deep.equal({ again: null, unless: 'op-2' });
    expect(replayOf({ theirs: 'x' })).to.equal(null);
    expect(replayOf({ 'netprov-replay': 7, 'netprov-replay-again': 3 })).to.deep.equal({ again: null, unless: null });
  });
});

describe('the arguments of the journal', () => {
  it('have segments that are a hundredth of it, within limits', () => {
    const segment = (maxBytes: number): unknown =>
      streamArguments({ name: 's', maxAge: 60, maxBytes })['x-stream-max-segment-size-bytes'];
    expect(segment(5_000_000_000)).to.equal(50_000_000);
    expect(segment(1_000_000)).to.equal(1_000_000);
    expect(segment(1_000_000_000_000)).to.equal(500_000_000);
    expect(streamArguments({ name: 's', maxAge: 60, maxBytes: 1e9 })).to.include({
      'x-queue-type': 'stream',
      'x-max-age': '60s',
      'x-max-length-bytes': 1e9,
    });
  });
});

describe('a plan as it is shown', () => {
  const decision = (offset: number, fields: Partial<Decision> = {}): Decision => ({
    entry: {
      offset,
      queue: 'topic.host',
      id: `op-${offset}`,
      node: 'node-1',
      method: 'add_cleaning_network',
      aspect: 'cleaning',
      problem: null,
      changes: true,
      ended: null,
    },
    skip: null,
    again: false,
    unless: null,
    ...fields,
  });

  it('counts the entries of each decision, and cuts long lists', () => {
    const plan = [...Array(25).keys()].map((offset) => decision(offset, offset % 5 === 4 ? { skip: 'finished' } : {}));
    plan.push(...[...Array(30).keys()].map((n) => decision(100 + n, { skip: 'superseded' })));
    expect(countsOf(plan).map(({ decision: name, entries }) => [name, entries])).to.deep.equal([
      ['replay', 20],
      ['skip: finished', 5],
      ['skip: superseded', 30],
    ]);
    const text = describePlan(plan);
    expect(text).to.contain('op-119').and.to.not.contain('op-120').and.to.not.contain('op-4 ');
    expect(text).to.contain('and 10 more');
    expect(planToJson(plan)).to.have.property('more', false);
  });

  it('says why an entry cannot be read, without steering the terminal', () => {
    const unreadable = decision(3, { skip: 'unreadable' });
    unreadable.entry.problem = 'not_json: \u001b[2J';
    expect(describePlan([unreadable])).to.contain('entry 3 is not replayed: not_json:  [2J');
    expect(describePlan([])).to.equal('the journal has no such entry');
  });
});
