import { expect } from 'chai';

import { isLoopback } from '../../../src/api/auth/authenticator.js';
import { ConfigurationError, loadConfig } from '../../../src/config/load.js';
import { openAuthenticator } from '../../../src/services/api-access.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

describe('auth_strategy noauth', () => {
  const { log, lines } = recordingLogger();
  const openWith = (env: NodeJS.ProcessEnv) =>
    openAuthenticator(loadConfig({ env: { NETPROV_AUTH_STRATEGY: 'noauth', ...env } }), log);

  beforeEach(() => {
    lines.length = 0;
  });

  it('accepts everybody on this machine as an administrator, and logs a warning', async () => {
    const identity = await (await openWith({})).authenticate({}, () => Promise.resolve());
    expect(identity).to.deep.include({ userId: null, roles: ['admin', 'manager', 'member', 'reader'] });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^warn: auth_strategy is noauth/);
  });

  it('is refused on a public address, unless api.noauth_anywhere is true', async () => {
    const error = await rejection(openWith({ NETPROV_API_BIND_HOST: '0.0.0.0' }));
    expect(error).to.be.instanceOf(ConfigurationError);
    for (const name of ['auth_strategy', 'api.bind_host', '0.0.0.0', 'api.noauth_anywhere']) {
      expect(error?.message).to.include(name);
    }
    await openWith({ NETPROV_API_BIND_HOST: '0.0.0.0', NETPROV_API_NOAUTH_ANYWHERE: 'true' });
    expect(lines.at(-1)).to.include('0.0.0.0');
  });

  it('recognizes loopback addresses', () => {
    for (const host of ['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', 'localhost']) {
      expect(isLoopback(host), host).to.equal(true);
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'fe80::1', 'example.org', 'localhost.example.org']) {
      expect(isLoopback(host), host).to.equal(false);
    }
  });
});
