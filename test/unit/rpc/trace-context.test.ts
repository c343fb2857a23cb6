import { expect } from 'chai';

import { jsonCodec } from '../../../src/rpc/envelope.js';
import { traceOf } from '../../../src/rpc/message.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const PROFILE = {
  hmac_key: 'secret',
  base_id: '5f0c1c9b-e0d9-4d6f-8f0f-5a3f0c3f5abc',
  parent_id: 'c2b9afcc-eb69-411b-9839-5464238b4313',
};

const of = (fields: Record<string, unknown>) => traceOf((key) => fields[key]);

describe('traceOf', () => {
  it('reads W3C fields, and passes tracestate on', () => {
    expect(of({ traceparent: TRACEPARENT })).to.deep.equal({ traceparent: TRACEPARENT });
    const both = { traceparent: TRACEPARENT, tracestate: 'vendor=value' };
    expect(of(both)).to.deep.equal(both);
  });

  it("reads osprofiler's ids where there are no W3C fields, and no key", () => {
    const expected = { traceparent: '00-5f0c1c9be0d94d6f8f0f5a3f0c3f5abc-98395464238b4313-01' };
    expect(of({ trace_info: PROFILE })).to.deep.equal(expected);
    expect(of({ trace_info: PROFILE, traceparent: TRACEPARENT })).to.deep.equal({ traceparent: TRACEPARENT });
  });

  it('accepts no other format as a trace', () => {
    const wrong: unknown[] = [
      undefined,
      null,
      7,
      '',
      'x'.repeat(10_000),
      `${TRACEPARENT}-more`,
      TRACEPARENT.toUpperCase(),
    ];
    for (const traceparent of wrong) expect(of({ traceparent }), String(traceparent)).to.equal(null);
    for (const trace_info of [null, 'text', [], {}, { base_id: 'x', parent_id: 'y' }, { ...PROFILE, parent_id: 5 }]) {
      expect(of({ trace_info }), JSON.stringify(trace_info)).to.equal(null);
    }
    const long = { traceparent: TRACEPARENT, tracestate: 'x'.repeat(513) };
    expect(of(long)).to.deep.equal({ traceparent: TRACEPARENT });
  });

  it('is read from the context of a request', () => {
    const request = (own: object): Buffer => Buffer.from(JSON.stringify({ method: 'm', args: {}, ...own }));
    const { context } = jsonCodec.decodeRequest(
      request({ _context_traceparent: TRACEPARENT, _context_auth_token: 't' }),
    );
    expect(context).to.deep.equal({
      request_id: null,
      global_request_id: null,
      trace: { traceparent: TRACEPARENT },
    });
    expect(jsonCodec.decodeRequest(request({})).context).to.deep.equal({ request_id: null, global_request_id: null });
  });
});
