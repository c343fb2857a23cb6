import { expect } from 'chai';
import sinon from 'sinon';

import { NeutronClient } from '../../../src/neutron/client.js';
import type { NeutronOptions } from '../../../src/neutron/paced-requests.js';
import { until } from '../../../testkit/fixtures/poll.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import { type Fate, HttpProxy } from '../../../testkit/proxies/http-proxy.js';
import { neutronOptions } from '../../../testkit/servers/neutron.js';

describe('Keystone tokens', () => {
  let server: HttpProxy;
  let client: NeutronClient;
  let lifetime: number;
  let issued: number;

  /** One server is Keystone and Neutron at once. */
  const both = ({ path }: { path: string }): Fate => {
    if (!path.startsWith('/v3/auth/tokens')) return { status: 200, body: { networks: [] } };
    issued++;
    // A clock that is years off: only the difference counts.
    const issued_at = '2001-01-01T00:00:00.000000Z';
    const expires_at = new Date(Date.parse(issued_at) + lifetime * 1000).toISOString();
    const endpoints = [{ interface: 'public', region_id: 'R', url: `${server.url}/` }];
    const token = { issued_at, expires_at, catalog: [{ type: 'network', endpoints }] };
    return { status: 201, body: { token }, headers: { 'x-subject-token': `secret-token-${issued}` } };
  };

  beforeEach(async () => {
    server = await HttpProxy.start('http://127.0.0.1:9');
    server.fate = both;
    issued = 0;
    lifetime = 3600;
    client = makeClient();
  });

  afterEach(async () => {
    sinon.restore();
    await client.close();
    await server.stop();
  });

  function makeClient(options: Partial<NeutronOptions> = {}): NeutronClient {
    const credentials = { username: 'u', password: 'the-password', project_name: 'p' };
    return new NeutronClient(
      neutronOptions({ auth_type: 'password', auth_url: server.url, ...credentials, timeout: 2, ...options }),
    );
  }

  async function tokenUsed(): Promise<unknown> {
    await client.findNetworks('x');
    return server.requests.at(-1)?.headers['x-auth-token'];
  }

  it('are renewed a minute ahead of their end', async () => {
    const now = sinon.stub(performance, 'now').returns(0);
    expect(await tokenUsed()).to.equal('secret-token-1');
    now.returns(3539_000);
    expect(await tokenUsed()).to.equal('secret-token-1');
    now.returns(3541_000);
    expect(await tokenUsed()).to.equal('secret-token-2');
  });

  it('with a short life are used for most of it', async () => {
    lifetime = 8;
    const now = sinon.stub(performance, 'now').returns(0);
    await tokenUsed();
    now.returns(5_900);
    expect(await tokenUsed()).to.equal('secret-token-1');
    now.returns(6_100);
    expect(await tokenUsed()).to.equal('secret-token-2');
  });

  it('are asked for again after a failure', async () => {
    server.fate = () => ({ status: 500 });
    expect(await rejection(client.findNetworks('x'))).to.include({ transient: true });
    server.fate = both;
    expect(await tokenUsed()).to.equal('secret-token-1');
  });

  it('leave no rejection unobserved when whoever asked is aborted, and Keystone then does not answer', async () => {
    const unobserved: unknown[] = [];
    const note = (reason: unknown): void => {
      unobserved.push(reason);
    };
    process.on('unhandledRejection', note);
    try {
      server.fate = () => 'cut before';
      const signal = AbortSignal.abort(new Error('no longer ours'));
      expect((await rejection(client.findNetworks('x', { signal })))?.message).to.equal('no longer ours');
      await until('Keystone was asked', () => server.requests.length === 1);
      // Whoever asks now joins that renewal, or begins another.
      await rejection(client.findNetworks('x'));
      await new Promise(setImmediate);
      expect(unobserved).to.deep.equal([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('are in no error, nor is what they are asked for with', async () => {
    const answers: Fate[] = [
      { status: 401, body: { error: { message: 'no' } } },
      { status: 400, body: { error: { message: 'bad' } } },
      { status: 201, body: '<html>' },
      { status: 201, body: { token: {} }, headers: { 'x-subject-token': 'secret-token-9' } },
      'cut before',
    ];
    for (const answer of answers) {
      server.fate = () => answer;
      const error = await rejection(client.findNetworks('x'));
      expect(error).to.be.instanceOf(Error);
      for (let one: unknown = error; one instanceof Error; one = one.cause) {
        expect(`${one.message} ${JSON.stringify(one)}`).to.not.match(/the-password|secret-token/);
      }
    }
    server.fate = (request) => (request.path.startsWith('/v3') ? both(request) : { status: 403 });
    const refused = await rejection(client.findNetworks('x'));
    expect(`${String(refused?.stack)} ${JSON.stringify(refused)}`).to.not.match(/the-password|secret-token/);
  });

  it('need their options', async () => {
    const wanting: Partial<NeutronOptions>[] = [
      { auth_url: null },
      { password: '' },
      { project_name: null },
      { auth_type: 'v3applicationcredential' },
      { auth_type: 'v3applicationcredential', application_credential_id: 'x' },
    ];
    const missing = [
      'auth_url',
      'password',
      'project_name',
      'application_credential_id',
      'application_credential_secret',
    ];
    for (const [index, options] of wanting.entries()) {
      const poor = makeClient(options);
      const error = await rejection(poor.findNetworks('x'));
      expect(error).to.include({ code: 'neutron_auth', transient: false });
      expect(error?.message).to.include(`neutron.${missing[index] ?? ''} is not set`);
      await poor.close();
    }
  });
});
