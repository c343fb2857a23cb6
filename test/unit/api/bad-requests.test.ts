import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';

import { expect } from 'chai';

import { createApi } from '../../../src/api/api-server.js';
import { NoAuthentication } from '../../../src/api/auth/authenticator.js';
import type { ApiServer } from '../../../src/api/http/types.js';
import { apiOptions, noResources } from '../../../testkit/fixtures/api.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';

const faultOf = (body: string): string => {
  const { error_message } = JSON.parse(body) as { error_message: string };
  return (JSON.parse(error_message) as { faultstring: string }).faultstring;
};

describe('a request to the REST API that cannot be read', () => {
  const { log } = recordingLogger();
  let server: ApiServer;

  beforeEach(async () => {
    server = await createApi(apiOptions(), { ...noResources(), log, authenticator: new NoAuthentication() });
  });
  afterEach(() => server.close());

  const nested = (depth: number): string => `{"extra": ${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
  for (const [what, body, message] of [
    ['is no JSON', '{"name":', 'JSON'],
    ['is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'UTF-8'],
    ['has half of a character', '{"name": "\\ud800"}', 'name has half of a surrogate pair'],
    [
      'has half of a character deep in it',
      '{"extra": {"a": [0, "\\udc00"]}}',
      'extra.a.1 has half of a surrogate pair',
    ],
    ['is half of a character', '"\\ud800"', 'a text or name has half of a surrogate pair'],
    ['has half of a character for a name', '{"\\udfff": 1}', 'a text or name has half of a surrogate pair'],
    ['reaches for what every object has', '{"extra": {"__proto__": {}}}', 'JSON'],
    ['is larger than its field, in bytes', JSON.stringify({ extra: { a: 'é'.repeat(40_000) } }), '65536 bytes of JSON'],
    ['is nested too deeply', nested(70), '64 levels'],
    ['is nested so deeply that nobody can look at it', nested(100_000), '64 levels'],
  ] as const) {
    it(`has a body that ${what}: 400`, async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await server.inject({ method: 'POST', url: '/v1/nodes', headers, payload: body });
      expect(answer.statusCode).to.equal(400);
      expect(faultOf(answer.body)).to.include(message);
    });
  }

  it('names ten of thousands of wrong fields', async () => {
    const payload = Array.from({ length: 900 }, () => ({ op: 'move', path: `/${'x'.repeat(500)}` }));
    const answer = await server.inject({ method: 'PATCH', url: '/v1/nodes/node-1', payload });
    expect(answer.statusCode).to.equal(400);
    expect(faultOf(answer.body)).to.include('9.op').and.include('and 890 more').and.not.include('10.op');
    const strange = await server.inject({ method: 'POST', url: '/v1/nodes', payload: { ['x'.repeat(100_000)]: 1 } });
    expect(strange.statusCode).to.equal(400);
    expect(strange.body.length).to.be.lessThan(1000);
  });

  for (const [url, status] of [
    ['/v1/nodes/%zz', 400],
    [`/v1/nodes/${'x'.repeat(1000)}`, 414],
  ] as const) {
    it(`has the URL ${url.slice(0, 15)}...: ${status}, with an error document and a request id`, async () => {
      const answer = await server.inject(url);
      expect(answer.statusCode).to.equal(status);
      expect(faultOf(answer.body)).to.be.a('string');
      expect(answer.headers['openstack-request-id']).to.match(/^req-/);
    });
  }

  it('is answered with 400 for times that no database can store', async () => {
    for (const since of ['9999-12-31T23:59:59-23:59', '0001-01-01T00:00:00Z', 'yesterday']) {
      const answer = await server.inject({ url: '/v1/operations', query: { since } });
      expect(answer.statusCode, since).to.equal(400);
      expect(faultOf(answer.body), since).to.include('since');
    }
  });

  for (const [what, text, status] of [
    ['not valid HTTP', 'hello\r\n\r\n', '400'],
    ['has two lengths', 'GET /v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', '400'],
    ['has endless headers', `GET /v1 HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, '431'],
  ] as const) {
    it(`${what}: ${status}, with an error document`, async () => {
      await server.listen({ host: '127.0.0.1', port: 0 });
      const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
      socket.write(text);
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('error', () => undefined);
      await once(socket, 'close');
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(faultOf(body)).to.be.a('string');
    });
  }
});
