import { expect } from 'chai';

import { ConfigurationError, loadConfig } from '../../../src/config/load.js';
import { silentLogger } from '../../../src/log/log.js';
import { openAuthenticator } from '../../../src/services/api-access.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

describe('limits of the REST API', () => {
  it('are numbers or null, and trusted proxies a list, also in environment variables', () => {
    const env = {
      NETPROV_API_RATE_LIMIT: '600',
      NETPROV_API_MAX_AUTH_FAILURES: 'null',
      NETPROV_API_TRUSTED_PROXIES: '10.0.0.0/24, ::1',
    };
    const { api } = loadConfig({ env });
    expect(api).to.deep.include({ rate_limit: 600, max_auth_failures: null });
    expect(api.trusted_proxies).to.deep.equal(['10.0.0.0/24', '::1']);
    const wrong = { NETPROV_API_TRUSTED_PROXIES: 'proxy.example.org', NETPROV_API_RATE_LIMIT: '0' };
    expect(() => loadConfig({ env: wrong }))
      .to.throw(ConfigurationError)
      .with.property('problems')
      .that.has.members([
        'api.trusted_proxies is "proxy.example.org" (NETPROV_API_TRUSTED_PROXIES): expected IP addresses, or networks such as 10.0.0.0/24',
        'api.rate_limit is 0 (NETPROV_API_RATE_LIMIT): expected a whole number of requests from 1 to 1000000',
      ]);
  });
});

describe('auth_strategy keystone', () => {
  const openWith = (options: Record<string, string>) => {
    const named = Object.entries(options).map(([name, value]) => [
      `NETPROV_KEYSTONE_AUTHTOKEN_${name.toUpperCase()}`,
      value,
    ]);
    return openAuthenticator(loadConfig({ env: Object.fromEntries(named) as NodeJS.ProcessEnv }), silentLogger());
  };
  const wrong = async (options: Record<string, string>): Promise<readonly string[]> => {
    const error = await rejection(openWith(options));
    expect(error).to.be.instanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  };
  const auth_url = 'http://127.0.0.1:9/v3';

  it('starts while Keystone is away, because it asks Keystone only when the first token comes', async () => {
    await (await openWith({ auth_url, username: 'u', password: 'p', project_name: 'service' })).close();
  });

  it('needs the credentials of its auth_type', async () => {
    const needs = (name: string) => `keystone_authtoken.${name} is not set: auth_strategy keystone needs it`;
    expect(await wrong({ auth_url, username: 'u' })).to.deep.equal([needs('password'), needs('project_name')]);
    const credential = { auth_type: 'v3applicationcredential', application_credential_id: 'i' };
    expect(await wrong(credential)).to.deep.equal([needs('auth_url'), needs('application_credential_secret')]);
  });

  it('has its own environment variables, and a misspelt one is refused', () => {
    const env = { NETPROV_KEYSTONE_AUTHTOKEN_PASWORD: 'secret' };
    expect(() => loadConfig({ env })).to.throw('NETPROV_KEYSTONE_AUTHTOKEN_PASWORD: no option');
  });

  it('names the file of a certificate that it cannot read', async () => {
    const options = { auth_url, username: 'u', password: 'p', project_name: 'service', cafile: '/nowhere/ca.pem' };
    expect((await wrong(options))[0])
      .to.include('keystone_authtoken')
      .and.include('/nowhere/ca.pem');
  });
});
