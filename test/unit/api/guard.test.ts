import { expect } from 'chai';

import { type ApiOptions, createApi } from '../../../src/api/api-server.js';
import {
  administrator,
  AuthenticationRefused,
  type Authenticator,
  type Identity,
} from '../../../src/api/auth/authenticator.js';
import { accessOf } from '../../../src/api/auth/guard.js';
import type { ApiServer } from '../../../src/api/http/types.js';
import { apiOptions, noResources } from '../../../testkit/fixtures/api.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';

const NOBODY: Identity = { userId: 'nobody', userName: 'nobody', project: null, systemScope: false, roles: [] };

/** Knows users by X-Auth-Token; anything else has to be tried, and is wrong. */
class ByName implements Authenticator {
  tried = 0;

  constructor(private readonly users: Record<string, Identity>) {}

  async authenticate(headers: Record<string, unknown>, beforeTrying: () => Promise<void>): Promise<Identity> {
    const known = this.users[String(headers['x-auth-token'])];
    if (known !== undefined) return known;
    await beforeTrying();
    this.tried++;
    throw new AuthenticationRefused(401, { error: { code: 401, message: 'who?' } }, { 'WWW-Authenticate': 'Test' });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const faultOf = (body: string): unknown => {
  const { error_message } = JSON.parse(body) as { error_message: string };
  return (JSON.parse(error_message) as { faultstring: unknown }).faultstring;
};

describe('the guard of the REST API', () => {
  const { log, lines } = recordingLogger();
  let authenticator: ByName;
  let server: ApiServer;

  beforeEach(() => {
    lines.length = 0;
    authenticator = new ByName({ admin: administrator('admin'), other: administrator('other'), nobody: NOBODY });
  });

  afterEach(() => server.close());

  async function start(guard: Partial<ApiOptions['guard']> = {}, options: Partial<ApiOptions> = {}): Promise<void> {
    server = await createApi(apiOptions({ ...options, guard }), { ...noResources(), log, authenticator });
    server.get('/v1/thing', { config: { policy: 'baremetal:node:list_all' } }, (request) => {
      accessOf(request).listed('baremetal:node');
      return { user: request.identity?.userName };
    });
    server.post('/v1/thing', { config: { policy: 'baremetal:node:create' } }, (request) => {
      accessOf(request).ownerOfCreated();
      return {};
    });
    server.get('/v1/forgotten', { config: { policy: 'baremetal:node:get' } }, () => ({ secret: 'of a node' }));
  }

  const get = (token: string | null, url = '/v1/thing', more: Record<string, string> = {}) =>
    server.inject({ url, headers: { ...(token === null ? {} : { 'x-auth-token': token }), ...more } });

  it("accepts a caller with the role, and passes the caller's identity to the handler and the log", async () => {
    await start();
    const answer = await get('admin');
    expect([answer.statusCode, answer.json()]).to.deep.equal([200, { user: 'admin' }]);
    expect(lines.at(-1)).to.match(/^info: request .*"user_id":"admin"/);
  });

  it('lets anybody read the root, version 1 and the OpenAPI document', async () => {
    await start();
    for (const url of ['/', '/v1', '/v1/', '/openapi.json'])
      expect((await get(null, url)).statusCode, url).to.equal(200);
    expect(authenticator.tried).to.equal(0);
  });

  it("answers an unknown caller in the authenticator's words, even for an unknown URL", async () => {
    await start();
    for (const url of ['/v1/thing', '/v1/nothing', '/nothing']) {
      const answer = await get('stranger', url);
      expect(answer.statusCode, url).to.equal(401);
      expect(answer.headers).to.include({ 'www-authenticate': 'Test' });
      expect(answer.json()).to.deep.equal({ error: { code: 401, message: 'who?' } });
    }
    expect((await get('admin', '/v1/nothing')).statusCode).to.equal(404);
  });

  it("answers 403 in Ironic's words to a caller without the role", async () => {
    await start();
    const answer = await get('nobody');
    expect(answer.statusCode).to.equal(403);
    expect(faultOf(answer.body)).to.equal('Access was denied to the following resource: baremetal:node:list_all');
    const later = await get('nobody', '/v1/thing', { 'x-openstack-ironic-api-version': '1.999' });
    expect(later.statusCode).to.equal(406);
    expect((await get('stranger', '/v1/thing', { 'x-openstack-ironic-api-version': '1.999' })).statusCode).to.equal(
      401,
    );
  });

  it("replaces the answer of a handler that did not check its route's rule by an error", async () => {
    await start();
    const answer = await get('admin', '/v1/forgotten');
    expect(answer.statusCode).to.equal(500);
    expect(answer.body).to.not.include('of a node');
  });

  it('refuses a route without a rule, or with one that does not exist', async () => {
    await start();
    expect(() => server.get('/v1/open', () => ({}))).to.throw('GET /v1/open has no rule');
    const wrong = { config: { policy: 'baremetal:node:gte' as 'baremetal:node:get' } };
    expect(() => server.get('/v1/wrong', wrong, () => ({}))).to.throw('/v1/wrong has no rule');
  });

  it('counts the requests of each user', async () => {
    await start({ rateLimit: 2 });
    for (const status of [200, 200, 429]) expect((await get('admin')).statusCode).to.equal(status);
    const answer = await get('admin');
    expect(answer.headers['retry-after']).to.match(/^[1-9]\d?$/);
    expect(faultOf(answer.body)).to.match(/^Too many requests\. Try again in \d+ s\.$/);
    expect((await get('other')).statusCode).to.equal(200);
  });

  it('checks no more new credentials from an address with too many failures, and still accepts known ones', async () => {
    await start({ maxAuthFailures: 3 });
    for (const status of [401, 401, 401, 429, 429]) expect((await get('stranger')).statusCode).to.equal(status);
    expect(authenticator.tried).to.equal(3);
    expect((await get('stranger')).headers['retry-after']).to.match(/^[1-9]\d?$/);
    expect((await get('admin')).statusCode).to.equal(200);
  });

  it("accepts the client's address from a trusted proxy, and from no other", async () => {
    const attempts = async (): Promise<number[]> => {
      const statuses: number[] = [];
      for (const client of ['192.0.2.1', '192.0.2.2']) {
        statuses.push((await get('stranger', '/v1/thing', { 'x-forwarded-for': client })).statusCode);
      }
      return statuses;
    };
    await start({ maxAuthFailures: 1 }, { trustedProxies: ['127.0.0.0/8'] });
    expect(await attempts()).to.deep.equal([401, 401]);
    await server.close();
    await start({ maxAuthFailures: 1 });
    expect(await attempts()).to.deep.equal([401, 429]);
  });

  it('answers 413 to a body that is too large', async () => {
    await start({}, { maxBodyBytes: 1024 });
    const post = (bytes: number) =>
      server.inject({
        method: 'POST',
        url: '/v1/thing',
        headers: { 'x-auth-token': 'admin' },
        payload: { text: 'x'.repeat(bytes) },
      });
    expect((await post(900)).statusCode).to.equal(200);
    const answer = await post(1024);
    expect(answer.statusCode).to.equal(413);
    expect(faultOf(answer.body)).to.be.a('string');
  });

  it('logs no token', async () => {
    await start({ maxAuthFailures: 1 });
    for (const url of ['/v1/thing', '/v1/nothing?token=planted-token']) {
      await get('planted-token', url, { authorization: 'Bearer planted-token' });
    }
    expect(lines.length).to.be.greaterThan(0);
    expect(lines.join('\n')).to.not.include('planted-token');
  });
});
