import { expect } from 'chai';

import { isWide, neutronRefusal } from '../../../src/neutron/refusal.js';
import { OpenStackError } from '../../../src/openstack/errors.js';

const refusal = (what: string, status: number, body: unknown, requestId: string | null, wide = false) =>
  neutronRefusal({ what, status, requestId }, body, wide);

describe('refusals of Neutron', () => {
  const neutronSays = (type: string) => ({ NeutronError: { type, message: 'the reason', detail: '' } });

  const cases: [number, string, boolean][] = [
    [400, 'HTTPBadRequest', false],
    [401, '', false],
    [403, 'PolicyNotAuthorized', false],
    [404, 'PortNotFound', false],
    [408, '', true],
    [409, 'MacAddressInUse', false],
    [409, 'IpAddressGenerationFailure', false],
    [409, 'OverQuota', false],
    [409, 'PortBound', false],
    [409, 'IpAddressAlreadyAllocated', true],
    [409, 'SecurityGroupDefaultAlreadyExists', true],
    [412, 'RevisionNumberConstraintFailed', true],
    [429, 'OverLimit', true],
    [500, 'HTTPInternalServerError', true],
    [501, 'NotImplementedError', false],
    [502, '', true],
    [503, 'NetworkMacAddressGenerationFailure', true],
    [504, '', true],
  ];
  for (const [status, type, transient] of cases) {
    it(`${status} ${type} is ${transient ? 'transient' : 'permanent'}`, () => {
      const error = refusal('POST /v2.0/ports', status, neutronSays(type), 'req-1');
      expect(error).to.be.instanceOf(OpenStackError).and.include({ code: 'neutron_refused', status, type, transient });
      expect(error.message).to.include('POST /v2.0/ports').and.include('the reason').and.include('req-1');
    });
  }

  it("reads Keystone's errors, plain texts, and answers that say nothing", () => {
    const keystone = { error: { code: 500, title: 'Internal Server Error', message: 'An unexpected error' } };
    expect(refusal('POST /', 500, keystone, null).message).to.equal('POST / was answered with 500 An unexpected error');
    expect(refusal('GET /', 400, { NeutronError: 'broken' }, null).message).to.equal(
      'GET / was answered with 400 broken',
    );
    for (const body of [undefined, null, 'text', [], { NeutronError: 7 }]) {
      expect(refusal('GET /', 502, body, null).message).to.equal('GET / was answered with 502');
    }
  });

  it('500 is permanent where the request had a character that is too wide for its database', () => {
    expect(isWide('/v2.0/networks?name=%F0%9F%98%80', undefined)).to.equal(true);
    expect(isWide('/v2.0/ports', { port: { name: 'a\u{1F600}' } })).to.equal(true);
    expect(isWide('/v2.0/ports', { port: { name: 'a\uD800' } })).to.equal(true);
    expect(isWide('/v2.0/networks?name=%E2%82%AC&x=F0', { port: { name: 'Zürich €', profile: '\\n' } })).to.equal(
      false,
    );
    const error = refusal('GET /v2.0/networks', 500, neutronSays('HTTPInternalServerError'), 'req-1', true);
    expect(error.transient).to.equal(false);
    expect(error.message).to.include('emoji');
    expect(refusal('GET /v2.0/networks', 503, {}, null, true).transient).to.equal(true);
  });

  it('cuts endless messages', () => {
    const body = { NeutronError: { type: 'X', message: 'long '.repeat(10_000) } };
    expect(refusal('GET /', 400, body, null).message.length).to.be.lessThan(600);
  });
});
