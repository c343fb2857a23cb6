import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { pause } from '../../src/async/pause.js';
import { NeutronClient } from '../../src/neutron/client.js';
import type { NeutronOptions } from '../../src/neutron/paced-requests.js';
import { OpenStackError } from '../../src/openstack/errors.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { type Fate, HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { required } from '../../testkit/servers/environment.js';
import { TestKeystone } from '../../testkit/servers/keystone.js';
import { neutronOptions, TestNeutron } from '../../testkit/servers/neutron.js';

describe('a Neutron client with a real Keystone', () => {
  const region = `test-${randomUUID()}`;
  const endpoints: string[] = [];
  const clients: NeutronClient[] = [];
  let keystone: TestKeystone;
  let neutron: TestNeutron;
  let guard: HttpProxy;
  let tokens: HttpProxy;
  let network: { id: string; name: string };

  before(async () => {
    keystone = new TestKeystone();
    neutron = new TestNeutron();
    network = await neutron.makeNetwork();
    await keystone.logInAsAdmin();
    // Neutron runs without Keystone; the guard lets in only who brings a token that Keystone takes.
    guard = await HttpProxy.start(neutron.endpoint);
    tokens = await HttpProxy.start(keystone.url);
    await keystone.api('POST', '/regions', { region: { id: region } });
    const { services } = await keystone.api<{ services: { id: string }[] }>('GET', '/services?type=network');
    for (const endpoint of [
      { interface: 'public', url: guard.url },
      { interface: 'internal', url: 'http://127.0.0.1:9' },
    ]) {
      const wanted = { ...endpoint, service_id: services[0]?.id, region_id: region };
      const made = await keystone.api<{ endpoint: { id: string } }>('POST', '/endpoints', { endpoint: wanted });
      endpoints.push(made.endpoint.id);
    }
  });

  beforeEach(() => {
    guard.reset();
    tokens.reset();
    guard.fate = async ({ headers }) => {
      const token = headers['x-auth-token'];
      return typeof token === 'string' && (await keystone.accepts(token)) ? 'pass' : { status: 401 };
    };
  });

  after(async () => {
    for (const client of clients) await client.close();
    for (const id of endpoints) await keystone.api('DELETE', `/endpoints/${id}`);
    await keystone.api('DELETE', `/regions/${region}`);
    await guard.stop();
    await tokens.stop();
    await neutron.drop();
  });

  function makeClient(options: Partial<NeutronOptions> = {}): NeutronClient {
    const client = new NeutronClient(
      neutronOptions({
        auth_type: 'password',
        auth_url: `${tokens.url}/v3`,
        username: required('NETPROV_KEYSTONE_USERNAME'),
        password: required('NETPROV_KEYSTONE_PASSWORD'),
        project_name: required('NETPROV_KEYSTONE_PROJECT'),
        region_name: region,
        valid_interfaces: ['public'],
        ...options,
      }),
    );
    clients.push(client);
    return client;
  }

  const find = (client: NeutronClient) => client.findNetworks(network.name);

  it('logs in with a password, and finds Neutron in the catalog', async () => {
    expect(await find(makeClient())).to.deep.equal([{ id: network.id, name: network.name }]);
    expect(guard.requests).to.have.length(1);
  });

  it('accepts auth_url without /v3 as well', async () => {
    expect(await find(makeClient({ auth_url: `${tokens.url}/` }))).to.have.length(1);
  });

  it('logs in with an application credential', async () => {
    const admin = keystone;
    const user = new TestKeystone();
    const password = required('NETPROV_KEYSTONE_PASSWORD');
    const project = required('NETPROV_KEYSTONE_PROJECT');
    const { userId } = await user.logIn(required('NETPROV_KEYSTONE_USERNAME'), password, project);
    interface Made {
      application_credential: { id: string; secret: string };
    }
    const wanted = { application_credential: { name: `test-${randomUUID()}` } };
    const made = await user.api<Made>('POST', `/users/${userId}/application_credentials`, wanted);
    const { id, secret } = made.application_credential;
    try {
      const client = makeClient({
        auth_type: 'v3applicationcredential',
        application_credential_id: id,
        application_credential_secret: secret,
        username: null,
        password: null,
        project_name: null,
      });
      expect(await find(client)).to.have.length(1);
    } finally {
      await admin.api('DELETE', `/users/${userId}/application_credentials/${id}`);
    }
  });

  it('asks for one token for many requests, also when they start at once', async () => {
    const client = makeClient();
    await Promise.all(Array.from({ length: 10 }, () => find(client)));
    await find(client);
    expect(tokens.summary()).to.deep.equal(['POST /v3/auth/tokens']);
  });

  it('gets a new token when the one it has is revoked, and repeats the request once', async () => {
    const client = makeClient();
    await find(client);
    const token = String(guard.requests[0]?.headers['x-auth-token']);
    await keystone.revoke(token);
    const filters = { network_id: network.id, id: [randomUUID()] };
    expect(await Promise.all([client.listPorts(filters), client.listPorts(filters)])).to.deep.equal([[], []]);
    expect(tokens.requests).to.have.length(2);
  });

  it('gives up when Neutron refuses a new token too', async () => {
    guard.fate = () => ({
      status: 401,
      body: { error: { message: 'The request you have made requires authentication.' } },
    });
    const error = await rejection(find(makeClient()));
    expect(error).to.be.instanceOf(OpenStackError).and.include({ status: 401, transient: false });
    expect(guard.requests).to.have.length(2);
  });

  it('says that the credentials are wrong, without quoting them', async () => {
    const error = await rejection(find(makeClient({ password: 'a wrong secret' })));
    expect(error).to.be.instanceOf(OpenStackError).and.include({ code: 'neutron_auth', transient: false });
    expect(error?.message).to.include('neutron.password').and.not.include('a wrong secret');
    expect(JSON.stringify(error)).to.not.include('a wrong secret');
  });

  it('says which option is missing', async () => {
    const error = await rejection(find(makeClient({ username: null })));
    expect(error?.message).to.include('neutron.username');
    expect(tokens.requests).to.deep.equal([]);
  });

  it('prefers interfaces in the order given, of the region given', async () => {
    // The internal endpoint is nobody's port.
    const error = await rejection(find(makeClient({ valid_interfaces: ['internal', 'public'] })));
    expect(error).to.include({ code: 'neutron_unreachable', transient: true });
    expect(await find(makeClient({ valid_interfaces: ['admin', 'public'] }))).to.have.length(1);

    const nowhere = await rejection(find(makeClient({ region_name: 'no-such-region' })));
    expect(nowhere).to.include({ code: 'neutron_auth' });
    expect(nowhere?.message).to.include('no-such-region').and.include('endpoint_override');
  });

  it('takes endpoint_override for the catalog, with or without /v2.0', async () => {
    const client = makeClient({ region_name: 'no-such-region', endpoint_override: `${guard.url}/v2.0/` });
    expect(await find(client)).to.have.length(1);
    expect(guard.summary()).to.deep.equal(['GET /v2.0/networks']);
  });

  it('treats it as a transient fault when Keystone is away', async () => {
    tokens.fate = () => ({ status: 503 });
    const error = await rejection(find(makeClient()));
    expect(error).to.be.instanceOf(OpenStackError).and.include({ status: 503, transient: true });
    tokens.fate = () => 'cut before';
    expect(await rejection(find(makeClient()))).to.include({ code: 'neutron_unreachable', transient: true });
  });

  it('stops waiting for a token when the operation is aborted; others go on', async () => {
    const client = makeClient();
    const controller = new AbortController();
    tokens.fate = async (): Promise<Fate> => {
      controller.abort(new Error('no longer ours'));
      await pause(200);
      return 'pass';
    };
    const aborted = rejection(client.findNetworks(network.name, { signal: controller.signal }));
    const other = find(client);
    expect((await aborted)?.message).to.equal('no longer ours');
    expect(await other).to.have.length(1);
    expect(tokens.requests).to.have.length(1);
  });
});
