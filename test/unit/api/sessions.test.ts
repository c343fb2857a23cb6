import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';
import sinon from 'sinon';

import { type ApiOptions, createApi } from '../../../src/api/api-server.js';
import { NoAuthentication } from '../../../src/api/auth/authenticator.js';
import { accessOf } from '../../../src/api/auth/guard.js';
import { HttpBasicAuthenticator } from '../../../src/api/auth/http-basic-authenticator.js';
import type { ApiServer } from '../../../src/api/http/types.js';
import { apiOptions, noResources } from '../../../testkit/fixtures/api.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';

const PASSWORD = 'open sesame';
const ADA = { method: 'http_basic', username: 'ada', password: PASSWORD };
const KEY = 'a key of more than thirty-two characters';

interface Session {
  auth_strategy: string;
  user: { id: string; name: string } | null;
  csrf: string | null;
  may: string[];
  expires_at: string | null;
}

describe('sessions of the console, with auth_strategy http_basic', () => {
  const { log, lines } = recordingLogger();
  const servers: ApiServer[] = [];
  let directory: string;
  let file: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-sessions-'));
    file = join(directory, 'htpasswd');
  });

  beforeEach(() => {
    lines.length = 0;
    writeFileSync(file, `ada:${hashSync(PASSWORD, 4)}\n`);
  });

  afterEach(async () => {
    sinon.restore();
    for (const server of servers.splice(0)) await server.close();
  });

  after(() => {
    rmSync(directory, { recursive: true });
  });

  async function start(options: Parameters<typeof apiOptions>[0] = {}, key: string | null = KEY): Promise<ApiServer> {
    const authenticator = await HttpBasicAuthenticator.open(file, log, { key, time: 3600 });
    const wanted: ApiOptions = apiOptions({ authStrategy: 'http_basic', ...options });
    const server = await createApi(wanted, { ...noResources(), log, authenticator });
    server.route({
      method: ['GET', 'POST'],
      url: '/v1/thing',
      config: { policy: 'baremetal:node:create' },
      handler: (request) => {
        accessOf(request).ownerOfCreated();
        return { user: request.identity?.userName };
      },
    });
    servers.push(server);
    return server;
  }

  const session = (server: ApiServer, method: 'GET' | 'POST' | 'DELETE', cookie = '', payload?: object, more = {}) =>
    server.inject({ method, url: '/console/session', headers: { cookie, ...more }, ...(payload && { payload }) });

  async function logIn(server: ApiServer): Promise<{ cookie: string; body: Session; attributes: string }> {
    const answer = await session(server, 'POST', '', ADA);
    expect(answer.statusCode, answer.body).to.equal(200);
    const [cookie = '', ...attributes] = String(answer.headers['set-cookie']).split('; ');
    return { cookie, body: answer.json<Session>(), attributes: attributes.join('; ') };
  }

  it('opens one for a right password, in a cookie that scripts cannot read and other sites do not send', async () => {
    const server = await start();
    const { cookie, body, attributes } = await logIn(server);
    expect(attributes.split('; ')).to.have.members(['Path=/', 'HttpOnly', 'SameSite=Strict']);
    expect(body).to.deep.include({ auth_strategy: 'http_basic', user: { id: 'ada', name: 'ada' } });
    expect(body.may).to.include('baremetal:node:create');
    expect(Date.parse(body.expires_at ?? '') - Date.now()).to.be.within(3_590_000, 3_600_000);
    expect(cookie).to.not.include(PASSWORD);
    const seen = await session(server, 'GET', cookie);
    expect(seen.json()).to.deep.equal(body);
    expect(seen.headers['cache-control']).to.equal('no-store');
    expect(lines.join('\n')).to.match(/"path":"\/console\/session".*"user_id":"ada"/);
    expect(lines.join('\n')).to.not.include(PASSWORD).and.to.not.include(cookie.split('=')[1]);
  });

  it('marks the cookie as secure where clients use HTTPS', async () => {
    const { attributes } = await logIn(await start({ publicEndpoint: 'https://baremetal.example.org' }));
    expect(attributes).to.include('Secure');
  });

  it('takes it in place of credentials, and for changes only with its CSRF token', async () => {
    const server = await start();
    const { cookie, body } = await logIn(server);
    const ask = async (method: 'GET' | 'POST', headers: Record<string, string> = {}): Promise<number> =>
      (await server.inject({ method, url: '/v1/thing', headers: { cookie, ...headers } })).statusCode;
    expect(await ask('GET')).to.equal(200);
    expect(await ask('POST')).to.equal(403);
    expect(await ask('POST', { 'x-csrf-token': `${String(body.csrf)}x` })).to.equal(403);
    const token = { 'x-csrf-token': String(body.csrf) };
    expect(await ask('POST', token)).to.equal(200);
    expect(await ask('POST', { ...token, 'sec-fetch-site': 'same-origin' })).to.equal(200);
    expect(await ask('POST', { ...token, 'sec-fetch-site': 'cross-site' })).to.equal(403);
    expect(await ask('POST', { ...token, origin: 'http://evil.example.org' })).to.equal(403);
    expect(await ask('POST', { ...token, origin: 'null' })).to.equal(403);
    expect(await ask('POST', { ...token, origin: 'http://localhost:80' })).to.equal(200);
  });

  it('refuses changes from pages of other sites whatever the credentials, because browsers know passwords', async () => {
    const server = await start();
    const authorization = `Basic ${Buffer.from(`ada:${PASSWORD}`).toString('base64')}`;
    const ask = async (method: 'GET' | 'POST', headers: Record<string, string>): Promise<number> =>
      (await server.inject({ method, url: '/v1/thing', headers: { authorization, ...headers } })).statusCode;
    expect(await ask('POST', {})).to.equal(200);
    expect(await ask('POST', { 'sec-fetch-site': 'same-site' })).to.equal(403);
    expect(await ask('GET', { 'sec-fetch-site': 'cross-site' })).to.equal(200);
  });

  it('tells that nobody is logged in, and takes back a cookie that is no session', async () => {
    const server = await start();
    const nobody = (await session(server, 'GET')).json<Session>();
    expect(nobody).to.deep.include({ user: null, csrf: null, may: [], expires_at: null });
    const { cookie } = await logIn(server);
    for (const wrong of [`${cookie}x`, cookie.replace(/=./, '=x'), 'netprov_session=', 'netprov_session=a.b.c']) {
      const answer = await session(server, 'GET', wrong);
      expect(answer.json(), wrong).to.deep.equal(nobody);
      expect(answer.headers['set-cookie'], wrong).to.match(/^netprov_session=; /);
      const asked = await server.inject({ url: '/v1/thing', headers: { cookie: wrong } });
      expect(asked.statusCode, wrong).to.equal(401);
    }
  });

  it('ends it at log-out, when its time is over, and with a new password', async () => {
    const server = await start();
    const statusOf = async (cookie: string): Promise<number> =>
      (await server.inject({ url: '/v1/thing', headers: { cookie } })).statusCode;
    const first = await logIn(server);
    expect((await session(server, 'DELETE', first.cookie)).statusCode).to.equal(403);
    const token = { 'x-csrf-token': String(first.body.csrf) };
    expect((await session(server, 'DELETE', first.cookie, undefined, token)).statusCode).to.equal(204);
    expect(await statusOf(first.cookie)).to.equal(401);
    expect((await session(server, 'DELETE', first.cookie)).statusCode).to.equal(204);
    const second = await logIn(server);
    const clock = sinon.useFakeTimers({ now: Date.now() + 3_600_001, toFake: ['Date'] });
    expect(await statusOf(second.cookie)).to.equal(401);
    clock.restore();
    expect(await statusOf(second.cookie)).to.equal(200);
    writeFileSync(file, `ada:${hashSync('another one', 4)}\n`);
    expect(await statusOf(second.cookie)).to.equal(401);
  });

  it('is known to every process with the same key, and to no other', async () => {
    const { cookie } = await logIn(await start());
    const statusAt = async (server: ApiServer): Promise<number> =>
      (await server.inject({ url: '/v1/thing', headers: { cookie } })).statusCode;
    expect(await statusAt(await start())).to.equal(200);
    expect(await statusAt(await start({}, null))).to.equal(401);
  });

  it('refuses a wrong password, a method of Keystone, and too many attempts', async () => {
    const server = await start({ guard: { maxAuthFailures: 2 } });
    const wrong = await session(server, 'POST', '', { ...ADA, password: 'guess' });
    expect([wrong.statusCode, wrong.headers['set-cookie']]).to.deep.equal([401, undefined]);
    const other = await session(server, 'POST', '', { method: 'application_credential', id: 'a', secret: 'b' });
    expect([other.statusCode, other.body]).to.satisfy(([status, body]: [number, string]) => {
      return status === 400 && body.includes('auth_strategy is http_basic');
    });
    await session(server, 'POST', '', { ...ADA, password: 'guess' });
    expect((await session(server, 'POST', '', { ...ADA, password: 'guess' })).statusCode).to.equal(429);
  });

  it('counts attempts to log in, right ones too', async () => {
    const server = await start();
    for (let attempt = 0; attempt < 30; attempt++) await logIn(server);
    expect((await session(server, 'POST', '', ADA)).statusCode).to.equal(429);
  });

  it('accepts no session when the console is off', async () => {
    const { cookie } = await logIn(await start());
    const server = await start({ console: false });
    expect((await server.inject({ url: '/v1/thing', headers: { cookie } })).statusCode).to.equal(401);
    const authorization = `Basic ${Buffer.from(`ada:${PASSWORD}`).toString('base64')}`;
    for (const url of ['/console', '/console/session']) {
      expect((await server.inject({ url, headers: { authorization } })).statusCode, url).to.equal(404);
    }
  });

  it('is not needed with auth_strategy noauth', async () => {
    const parts = { ...noResources(), log, authenticator: new NoAuthentication() };
    const server = await createApi(apiOptions({ authStrategy: 'noauth' }), parts);
    servers.push(server);
    const seen = (await session(server, 'GET')).json<Session>();
    expect(seen).to.deep.include({ auth_strategy: 'noauth', user: null, csrf: null });
    expect(seen.may).to.include('baremetal:node:delete');
    expect((await session(server, 'POST', '', ADA)).statusCode).to.equal(400);
    expect((await session(server, 'DELETE')).statusCode).to.equal(204);
    const forged = await server.inject({
      method: 'DELETE',
      url: '/v1/nodes/n',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(forged.statusCode).to.equal(403);
  });
});
