import { expect } from 'chai';
import sinon from 'sinon';

import { type ApiOptions, createApi } from '../../src/api/api-server.js';
import { accessOf } from '../../src/api/auth/guard.js';
import { KeystoneAuthenticator, type KeystoneAuthtokenOptions } from '../../src/api/auth/keystone-authenticator.js';
import type { ApiServer } from '../../src/api/http/types.js';
import { apiOptions, noResources, POLICY } from '../../testkit/fixtures/api.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { required } from '../../testkit/servers/environment.js';
import { authtoken, TestKeystone } from '../../testkit/servers/keystone.js';

const VALIDATION = 'GET /v3/auth/tokens';
const SERVICE = 'service';

interface Account {
  name: string;
  password: string;
  id: string;
}

describe('the REST API with a real Keystone', () => {
  const { log, lines } = recordingLogger();
  const secrets = new Set<string>();
  let keystone: TestKeystone;
  let proxy: HttpProxy;
  let authenticator: KeystoneAuthenticator;
  let server: ApiServer;
  let users: Record<'reader' | 'serviceUser' | 'member', Account>;
  let adminToken: string;
  let serviceToken: string;

  before(async () => {
    keystone = new TestKeystone();
    await keystone.logInAsAdmin();
    await keystone.needRole(SERVICE);
    users = {
      reader: await keystone.makeUser('reader', 'system'),
      serviceUser: await keystone.makeUser(SERVICE, { project: SERVICE }),
      member: await keystone.makeUser('member', { project: SERVICE }),
    };
    proxy = await HttpProxy.start(keystone.url);
    const [name, password] = [required('NETPROV_KEYSTONE_USERNAME'), required('NETPROV_KEYSTONE_PASSWORD')];
    adminToken = await tokenOf({ name, password }, { project: SERVICE });
    serviceToken = await tokenOf(users.serviceUser, { project: SERVICE });
  });

  after(async () => {
    await proxy.stop();
    await keystone.drop();
  });

  afterEach(async () => {
    sinon.restore();
    await server.close();
    await authenticator.close();
    for (const secret of secrets) expect(lines.join('\n')).to.not.include(secret);
  });

  async function start(options: Partial<KeystoneAuthtokenOptions> = {}, guard: Partial<ApiOptions['guard']> = {}) {
    lines.length = 0;
    proxy.reset();
    const section = authtoken({ auth_url: proxy.url, www_authenticate_uri: 'http://keystone/v3', ...options });
    secrets.add(section.password ?? '');
    authenticator = new KeystoneAuthenticator(section, log);
    server = await createApi(apiOptions({ guard }), { ...noResources(), log, authenticator });
    server.get('/v1/thing', { config: { policy: 'baremetal:node:list_all' } }, (request) => {
      const nodesOf = accessOf(request).listed('baremetal:node') ?? null;
      return { ...request.identity, nodesOf };
    });
    server.post('/v1/thing', { config: { policy: 'baremetal:node:create' } }, (request) => {
      accessOf(request).ownerOfCreated();
      return {};
    });
    server.post('/v1/happened', { config: { policy: 'baremetal:events:post' } }, (request) => {
      accessOf(request).assert('baremetal:events:post');
      return {};
    });
  }

  async function tokenOf(
    { name, password }: Omit<Account, 'id'>,
    scope: Parameters<TestKeystone['issue']>[2],
  ): Promise<string> {
    const { token } = await keystone.issue(name, password, scope);
    secrets.add(token);
    return token;
  }

  const ask = (token: string, method: 'GET' | 'POST' = 'GET', url = '/v1/thing') =>
    server.inject({ method, url, headers: { 'x-auth-token': token } });
  const statusOf = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).statusCode;
  /** Of reading, creating and posting events. */
  const statuses = async (token: string): Promise<number[]> => [
    await statusOf(token),
    await statusOf(token, 'POST'),
    await statusOf(token, 'POST', '/v1/happened'),
  ];
  const validations = (): number => proxy.summary().filter((request) => request === VALIDATION).length;

  it("lets an administrator of a project manage the project's own nodes", async () => {
    await start();
    expect((await statuses(adminToken)).slice(0, 2)).to.deep.equal([200, 200]);
    const { userName, project, systemScope, nodesOf } = (await ask(adminToken)).json<{
      userName: string;
      project: { id: string };
      systemScope: boolean;
      nodesOf: string | null;
    }>();
    expect({ userName, systemScope, nodesOf }).to.deep.equal({
      userName: required('NETPROV_KEYSTONE_USERNAME'),
      systemScope: false,
      nodesOf: project.id,
    });
    expect(project).to.include({ name: SERVICE, domainId: 'default' });
  });

  it('lets the same user administer everything without enforce_new_defaults', async () => {
    await start({}, { policy: { ...POLICY, enforce_new_defaults: false } });
    expect(await statuses(adminToken)).to.deep.equal([200, 200, 200]);
    expect((await ask(adminToken)).json()).to.include({ nodesOf: null });
  });

  it('lets a reader of the system read all nodes', async () => {
    await start();
    const token = await tokenOf(users.reader, 'system');
    expect(await statuses(token)).to.deep.equal([200, 403, 403]);
    expect((await ask(token)).json()).to.include({ nodesOf: null });
  });

  it('lets a service post events, and read all nodes with elevated access', async () => {
    await start();
    const nodesOf = async (): Promise<string | null> =>
      (await ask(serviceToken)).json<{ nodesOf: string | null }>().nodesOf;
    expect(await statuses(serviceToken)).to.deep.equal([200, 200, 200]);
    expect(await nodesOf()).to.be.a('string');
    await server.close();
    await authenticator.close();
    const policy = { ...POLICY, rbac_service_role_elevated_access: true };
    await start({}, { policy });
    expect(await nodesOf()).to.equal(null);
  });

  it("lets a member of a project read the project's nodes, and refuses users without a role there", async () => {
    await start();
    expect(await statuses(await tokenOf(users.member, { project: SERVICE }))).to.deep.equal([200, 403, 403]);
    expect(await statuses(await tokenOf(users.reader, 'unscoped'))).to.deep.equal([403, 403, 403]);
  });

  it('validates a token once, even for simultaneous requests', async () => {
    await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => statusOf(adminToken)));
    expect(new Set(answers)).to.deep.equal(new Set([200]));
    expect(await statusOf(adminToken)).to.equal(200);
    expect(proxy.summary()).to.deep.equal(['POST /v3/auth/tokens', VALIDATION]);
  });

  it('validates an unknown token at most once in ten seconds', async () => {
    await start();
    const now = sinon.stub(performance, 'now').returns(1000);
    for (let i = 0; i < 3; i++) {
      const answer = await ask('no-such-token');
      expect(answer.statusCode).to.equal(401);
      expect(answer.headers).to.include({ 'www-authenticate': 'Keystone uri="http://keystone/v3"' });
    }
    expect(validations()).to.equal(1);
    now.returns(12_000);
    expect(await statusOf('no-such-token')).to.equal(401);
    expect(validations()).to.equal(2);
  });

  it('does not ask Keystone about strings that cannot be tokens', async () => {
    await start();
    for (const token of ['', '   ', 'two words', 'a,b\u00ff', 'x'.repeat(4097)])
      expect(await statusOf(token)).to.equal(401);
    expect(proxy.requests).to.deep.equal([]);
  });

  it('accepts a revoked token until token_cache_time has passed', async () => {
    await start();
    const now = sinon.stub(performance, 'now').returns(1000);
    const token = await tokenOf(users.serviceUser, { project: SERVICE });
    expect(await statusOf(token, 'POST', '/v1/happened')).to.equal(200);
    await keystone.revoke(token);
    now.returns(300_000);
    expect(await statusOf(token, 'POST', '/v1/happened')).to.equal(200);
    now.returns(302_000);
    expect(await statusOf(token, 'POST', '/v1/happened')).to.equal(401);
  });

  it('validates a token at every request with token_cache_time 0', async () => {
    await start({ token_cache_time: 0 });
    const token = await tokenOf(users.serviceUser, { project: SERVICE });
    expect(await statusOf(token, 'POST', '/v1/happened')).to.equal(200);
    await keystone.revoke(token);
    expect(await statusOf(token, 'POST', '/v1/happened')).to.equal(401);
  });

  it('does not accept a token after its own end', async () => {
    await start({ token_cache_time: 7200 });
    const now = sinon.stub(performance, 'now').returns(1000);
    const minutes = 60_000;
    const expires_at = new Date(Date.now() + 30 * minutes).toISOString().slice(0, -1);
    const { token, secret } = await keystone.issueByCredential(users.member, SERVICE, { expires_at });
    secrets.add(token).add(secret);
    expect(await statusOf(token)).to.equal(200);
    expect(await statusOf(token)).to.equal(200);
    expect(validations()).to.equal(1);
    now.returns(20 * minutes);
    expect(await statusOf(token)).to.equal(200);
    expect(validations()).to.equal(1);
    now.returns(31 * minutes);
    expect(await statusOf(token)).to.equal(200);
    expect(validations()).to.equal(2);
  });

  it('refuses tokens with access rules, because it does not check the rules', async () => {
    await start();
    const access_rules = [{ path: '/v1/thing', method: 'GET', service: 'baremetal' }];
    const { token } = await keystone.issueByCredential(users.member, SERVICE, { access_rules });
    expect(await statusOf(token)).to.equal(401);
  });

  it('refuses the token of a user who was disabled', async () => {
    await start();
    const account = await keystone.makeUser('reader', 'system');
    const token = await tokenOf(account, 'system');
    await keystone.api('PATCH', `/users/${account.id}`, { user: { enabled: false } });
    expect(await statusOf(token)).to.equal(401);
  });

  it('answers 503 while Keystone is away, and still accepts tokens that were validated before', async () => {
    await start();
    expect(await statusOf(adminToken)).to.equal(200);
    for (const fate of ['cut before', { status: 500 }, { status: 200, body: { no: 'token' } }] as const) {
      proxy.fate = () => fate;
      const answer = await ask(serviceToken);
      expect(answer.statusCode).to.equal(503);
      expect(answer.headers).to.include({ 'retry-after': '5' });
      expect(answer.body).to.include('The Keystone service is temporarily unavailable.');
      expect(await statusOf(adminToken)).to.equal(200);
    }
    proxy.fate = () => 'pass';
    expect(await statusOf(serviceToken, 'POST', '/v1/happened')).to.equal(200);
  });

  it('answers 503 when Keystone takes too long', async () => {
    await start({ http_connect_timeout: 0.2 });
    proxy.fate = () => 'hang before';
    expect(await statusOf('some-token')).to.equal(503);
    expect(lines.join('\n')).to.include('was not answered within 0.2 s');
  });

  it('gets a new service token when its own was revoked', async () => {
    await start();
    expect(await statusOf(adminToken)).to.equal(200);
    const own = String(proxy.requests.at(-1)?.headers['x-auth-token']);
    secrets.add(own);
    await keystone.revoke(own);
    expect(await statusOf(serviceToken, 'POST', '/v1/happened')).to.equal(200);
    expect(proxy.summary().slice(2)).to.deep.equal([VALIDATION, 'POST /v3/auth/tokens', VALIDATION]);
  });

  it('says in the log which options are wrong', async () => {
    await start({ password: 'a wrong secret' });
    expect(await statusOf('some-token')).to.equal(503);
    expect(lines.join('\n')).to.include('keystone_authtoken.password');
  });

  it('logs that its user may not validate tokens', async () => {
    await start({ username: users.member.name, password: users.member.password });
    expect(await statusOf(adminToken)).to.equal(503);
    expect(lines.join('\n')).to.include('the user of keystone_authtoken may not validate tokens');
  });

  it('keeps a flood of wrong tokens from Keystone, and still accepts known tokens', async () => {
    const maxAuthFailures = 5;
    await start({}, { maxAuthFailures });
    expect(await statusOf(adminToken)).to.equal(200);
    proxy.requests.length = 0;
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => statusOf(`wrong-${i}`)));
    const refused = answers.filter((status) => status === 401).length;
    expect(answers.filter((status) => status === 429)).to.have.length(60 - refused);
    // Those that were asked at once did not know of each other.
    expect(refused).to.be.within(maxAuthFailures, maxAuthFailures + 16);
    expect(validations()).to.equal(refused);
    expect(await statusOf(serviceToken, 'POST', '/v1/happened')).to.equal(429);
    expect(await statusOf(adminToken)).to.equal(200);
  });
});
