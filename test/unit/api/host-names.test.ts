import { expect } from 'chai';

import { createApi } from '../../../src/api/api-server.js';
import { NoAuthentication } from '../../../src/api/auth/authenticator.js';
import { accessOf } from '../../../src/api/auth/guard.js';
import type { ApiServer } from '../../../src/api/http/types.js';
import { ConfigurationError, loadConfig } from '../../../src/config/load.js';
import { apiOptions as optionsOf } from '../../../src/services/run-api.js';
import { apiOptions, noResources } from '../../../testkit/fixtures/api.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';

describe('the host names of the REST API, with auth_strategy noauth', () => {
  const { log } = recordingLogger();
  const servers: ApiServer[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  const namesIn = (env: NodeJS.ProcessEnv): readonly string[] | null =>
    optionsOf(loadConfig({ env: { NETPROV_AUTH_STRATEGY: 'noauth', ...env } })).guard.hostNames;

  async function start(env: NodeJS.ProcessEnv = {}, trustedProxies: string[] = []): Promise<ApiServer> {
    const options = apiOptions({ authStrategy: 'noauth', trustedProxies, guard: { hostNames: namesIn(env) } });
    const server = await createApi(options, { ...noResources(), log, authenticator: new NoAuthentication() });
    server.route({
      method: ['GET', 'POST'],
      url: '/v1/thing',
      config: { policy: 'baremetal:node:create' },
      handler: (request) => {
        accessOf(request).ownerOfCreated();
        return {};
      },
    });
    servers.push(server);
    return server;
  }

  const statusFor = async (server: ApiServer, host: string, more: Record<string, string> = {}): Promise<number> =>
    (await server.inject({ url: '/v1/thing', headers: { host, ...more } })).statusCode;

  it('are its addresses, localhost, and what the options say', async () => {
    const server = await start({
      NETPROV_API_PUBLIC_ENDPOINT: 'https://baremetal.example.org:6386/',
      NETPROV_API_HOST_NAMES: 'netprov_api, Api.Example.NET',
    });
    const own = ['127.0.0.1:6386', '[::1]:6386', '10.0.0.7', 'localhost:6386', 'LOCALHOST', 'one.localhost:80'];
    const named = ['baremetal.example.org:6386', 'baremetal.example.org.', 'netprov_api', 'api.example.net:1'];
    for (const host of [...own, ...named]) expect(await statusFor(server, host), host).to.equal(200);
    const others = [
      'evil.example.org:6386',
      'localhost.example.org',
      'notlocalhost',
      'sub.baremetal.example.org',
      'a b',
    ];
    for (const host of others) expect(await statusFor(server, host), host).to.equal(421);
  });

  it('are the only ones for which it answers: pages, sessions, changes, and what does not exist', async () => {
    const server = await start();
    const headers = { host: 'evil.example.org:6386', 'sec-fetch-site': 'same-origin' };
    for (const url of ['/', '/v1', '/openapi.json', '/console/', '/console/session', '/v1/thing', '/v1/nothing']) {
      const answer = await server.inject({ url, headers });
      expect(answer.statusCode, url).to.equal(421);
      expect(answer.body, url)
        .to.include('evil.example.org:6386 is not a name of this API')
        .and.include('api.host_names');
    }
    const change = await server.inject({ method: 'POST', url: '/v1/thing', payload: {}, headers });
    expect(change.statusCode).to.equal(421);
  });

  it('include the name that it listens on, and that which a trusted proxy was asked for has to be one too', async () => {
    const env = { NETPROV_API_BIND_HOST: 'api.internal', NETPROV_API_NOAUTH_ANYWHERE: 'true' };
    const asked = { 'x-forwarded-host': 'evil.example.org' };
    expect(await statusFor(await start(env), 'api.internal:6386', asked)).to.equal(200);
    const behind = await start(env, ['127.0.0.0/8']);
    expect(await statusFor(behind, 'api.internal:6386', asked)).to.equal(421);
    expect(await statusFor(behind, 'evil.example.org', { 'x-forwarded-host': 'api.internal' })).to.equal(421);
    expect(await statusFor(behind, 'api.internal:6386', { 'x-forwarded-host': 'localhost:6386' })).to.equal(200);
  });

  it('do not matter with the other strategies', () => {
    expect(namesIn({ NETPROV_AUTH_STRATEGY: 'http_basic', NETPROV_API_HOST_NAMES: 'a' })).to.equal(null);
    expect(namesIn({ NETPROV_AUTH_STRATEGY: 'keystone' })).to.equal(null);
  });

  it('are names, without ports', () => {
    for (const wrong of ['api.example.org:6386', 'http://api.example.org', 'a..b']) {
      expect(() => namesIn({ NETPROV_API_HOST_NAMES: wrong }), wrong)
        .to.throw(ConfigurationError)
        .with.property('problems')
        .that.satisfies(([problem]: string[]) => problem?.includes('expected host names such as'));
    }
  });
});
