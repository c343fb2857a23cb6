import { expect } from 'chai';

import { createApi } from '../../src/api/api-server.js';
import { accessOf } from '../../src/api/auth/guard.js';
import { KeystoneAuthenticator } from '../../src/api/auth/keystone-authenticator.js';
import type { ApiServer } from '../../src/api/http/types.js';
import { apiOptions, noResources } from '../../testkit/fixtures/api.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { authtoken, TestKeystone } from '../../testkit/servers/keystone.js';

const PROJECT = 'service';

interface Session {
  user: { id: string; name: string } | null;
  project: { name: string } | null;
  system: boolean;
  roles: string[];
  csrf: string | null;
  may: string[];
  expires_at: string | null;
}

describe('a log-in to the console with a real Keystone', () => {
  const { log, lines } = recordingLogger();
  let keystone: TestKeystone;
  let member: { name: string; password: string; id: string };
  let reader: typeof member;
  let authenticator: KeystoneAuthenticator;
  let server: ApiServer;

  before(async () => {
    keystone = new TestKeystone();
    await keystone.logInAsAdmin();
    member = await keystone.makeUser('member', { project: PROJECT });
    reader = await keystone.makeUser('reader', 'system');
  });

  after(() => keystone.drop());

  beforeEach(async () => {
    lines.length = 0;
    authenticator = new KeystoneAuthenticator(authtoken(), log);
    server = await createApi(apiOptions(), { ...noResources(), log, authenticator });
    server.route({
      method: ['GET', 'POST'],
      url: '/v1/thing',
      config: { policy: 'baremetal:node:list' },
      handler: (request) => {
        accessOf(request).assert('baremetal:node:list');
        return { user: request.identity?.userName };
      },
    });
  });

  afterEach(async () => {
    await server.close();
    await authenticator.close();
    for (const { password } of [member, reader]) expect(lines.join('\n')).to.not.include(password);
  });

  const post = (payload: object) => server.inject({ method: 'POST', url: '/console/session', payload });

  async function logIn(payload: object): Promise<{ cookie: string; token: string; body: Session }> {
    const answer = await post(payload);
    expect(answer.statusCode, answer.body).to.equal(200);
    const cookie = String(answer.headers['set-cookie']).split('; ')[0] ?? '';
    return { cookie, token: cookie.split('=')[1] ?? '', body: answer.json<Session>() };
  }

  const passwordOf = ({ name, password }: typeof member): object => ({ method: 'password', username: name, password });

  it('by a password, for a project', async () => {
    const { cookie, token, body } = await logIn({ ...passwordOf(member), project: PROJECT });
    expect(body).to.deep.include({ user: { id: member.id, name: member.name }, system: false });
    expect(body.project?.name).to.equal(PROJECT);
    expect(body.roles).to.include('member');
    expect(body.may).to.include('baremetal:node:list').and.to.not.include('baremetal:node:list_all');
    expect(Date.parse(body.expires_at ?? '')).to.be.greaterThan(Date.now());
    const get = await server.inject({ url: '/v1/thing', headers: { cookie } });
    expect(get.json()).to.deep.equal({ user: member.name });
    const change = async (headers: object): Promise<number> =>
      (await server.inject({ method: 'POST', url: '/v1/thing', headers: { cookie, ...headers } })).statusCode;
    expect([await change({}), await change({ 'x-csrf-token': body.csrf ?? '' })]).to.deep.equal([403, 200]);
    expect(lines.join('\n')).to.not.include(token);
  });

  it('by a password, for the whole system', async () => {
    const { body } = await logIn({ ...passwordOf(reader), system: true });
    expect(body).to.deep.include({ system: true, project: null });
    expect(body.may).to.include('baremetal:node:list_all').and.to.not.include('baremetal:node:delete');
  });

  it('by an application credential', async () => {
    const { id, secret } = await keystone.makeCredential(member, PROJECT);
    const { body } = await logIn({ method: 'application_credential', id, secret });
    expect(body.user).to.deep.equal({ id: member.id, name: member.name });
    expect(body.project?.name).to.equal(PROJECT);
    expect(lines.join('\n')).to.not.include(secret);
  });

  it('is refused for a wrong password, an unknown project and an unknown credential', async () => {
    for (const payload of [
      { ...passwordOf(member), password: 'guess', project: PROJECT },
      { ...passwordOf(member), project: 'no-such-project' },
      { method: 'application_credential', id: '0123456789abcdef', secret: 'guess' },
    ]) {
      const answer = await post(payload);
      expect([answer.statusCode, answer.headers['set-cookie']], JSON.stringify(payload)).to.deep.equal([
        401,
        undefined,
      ]);
      expect(answer.body).to.contain('Keystone refused the log-in');
    }
  });

  it('ends at log-out, and Keystone then refuses the token too', async () => {
    const { cookie, token, body } = await logIn({ ...passwordOf(member), project: PROJECT });
    expect(await keystone.accepts(token)).to.equal(true);
    const headers = { cookie, 'x-csrf-token': body.csrf ?? '' };
    const answer = await server.inject({ method: 'DELETE', url: '/console/session', headers });
    expect(answer.statusCode).to.equal(204);
    expect(answer.headers['set-cookie']).to.match(/^netprov_session=; /);
    expect(await keystone.accepts(token)).to.equal(false);
    expect((await server.inject({ url: '/v1/thing', headers: { cookie } })).statusCode).to.equal(401);
  });

  it('ends when Keystone ends the token', async () => {
    const { cookie, token } = await logIn({ ...passwordOf(member), project: PROJECT });
    await server.close();
    await authenticator.close();
    authenticator = new KeystoneAuthenticator(authtoken({ token_cache_time: 0 }), log);
    server = await createApi(apiOptions(), { ...noResources(), log, authenticator });
    const seen = async (): Promise<Session> =>
      (await server.inject({ url: '/console/session', headers: { cookie } })).json<Session>();
    expect((await seen()).user?.name).to.equal(member.name);
    await keystone.revoke(token);
    expect((await seen()).user).to.equal(null);
    expect((await server.inject({ url: '/v1/nodes', headers: { cookie } })).statusCode).to.equal(401);
  });
});
