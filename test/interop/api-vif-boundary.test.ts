import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { KeystoneAuthenticator } from '../../src/api/auth/keystone-authenticator.js';
import type { OperationResult } from '../../src/contract/types.js';
import { NeutronClient } from '../../src/neutron/client.js';
import { TestApi } from '../../testkit/fixtures/api-client.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { required } from '../../testkit/servers/environment.js';
import { authtoken, TestKeystone } from '../../testkit/servers/keystone.js';
import { neutronOptions, TestNeutron } from '../../testkit/servers/neutron.js';

/** Neutron's answer to who does not see a port. */
const NOT_FOUND = { NeutronError: { type: 'PortNotFound', message: 'Port could not be found.', detail: '' } };

/** Neutron runs without Keystone: a guard before it asks Keystone whose a token is, and shows a project its own ports alone. */
describe('which VIFs a project may attach, by its own token', () => {
  const { log, lines } = recordingLogger();
  const asked: unknown[] = [];
  let keystone: TestKeystone;
  let neutron: TestNeutron;
  let guard: HttpProxy;
  let client: NeutronClient;
  let authenticator: KeystoneAuthenticator;
  let database: TestDatabase;
  let api: TestApi;
  let token: string;
  let system: string;
  let [own, others] = ['', ''];

  before(async () => {
    keystone = new TestKeystone();
    neutron = new TestNeutron();
    await keystone.logInAsAdmin();
    const project = required('NETPROV_KEYSTONE_PROJECT');
    const user = await keystone.makeUser('admin', { project });
    const reader = await keystone.makeUser('admin', 'system');
    token = (await keystone.issue(user.name, user.password, { project })).token;
    system = (await keystone.issue(reader.name, reader.password, 'system')).token;
    const { projects } = await keystone.api<{ projects: { id: string }[] }>('GET', `/projects?name=${project}`);
    const projectId = projects[0]?.id ?? '';
    const network = await neutron.makeNetwork();
    own = (await neutron.makePort(network.id, { project_id: projectId })).id;
    others = (await neutron.makePort(network.id, { project_id: randomUUID().replaceAll('-', '') })).id;
    guard = await HttpProxy.start(neutron.endpoint);
    client = new NeutronClient(
      neutronOptions({
        auth_type: 'password',
        auth_url: required('NETPROV_KEYSTONE_URL'),
        username: required('NETPROV_KEYSTONE_USERNAME'),
        password: required('NETPROV_KEYSTONE_PASSWORD'),
        project_name: project,
        endpoint_override: guard.url,
      }),
    );
    authenticator = new KeystoneAuthenticator(authtoken(), log);
    database = await createDatabase();
    api = await TestApi.start(database.dataSource, {
      authenticator,
      log,
      seesPort: (id, given) => client.isVisible(id, given),
      client: {
        call: (method, options) => {
          asked.push({ method, ...options });
          return Promise.resolve({ vifs: [] } as unknown as OperationResult);
        },
      },
    });
    api.token = token;
    await api.create('nodes', { name: 'n' });
  });

  beforeEach(() => {
    asked.length = 0;
    guard.reset();
    guard.fate = async (request) => {
      const given = String(request.headers['x-auth-token']);
      if (!(await keystone.accepts(given))) return { status: 401 };
      const read = await keystone.api<{ token: { project: { id: string } } }>('GET', '/auth/tokens', undefined, {
        'x-subject-token': given,
      });
      const id = /^\/v2\.0\/ports\/([^?]+)/.exec(request.path)?.[1] ?? '';
      const found = await neutron
        .api<{ port?: { project_id: string } }>('GET', `ports/${id}`)
        .catch(() => ({ port: undefined }));
      const owner = found.port?.project_id;
      return owner === undefined || owner === read.token.project.id ? 'pass' : { status: 404, body: NOT_FOUND };
    };
  });

  after(async () => {
    await api.close();
    await authenticator.close();
    await client.close();
    await database.drop();
    await guard.stop();
    await neutron.drop();
    await keystone.drop();
  });

  const attach = (id: string, given = token) => {
    api.token = given;
    return api.ask('POST', '/v1/nodes/n/vifs', { id });
  };

  it('attaches a VIF of the project', async () => {
    expect((await attach(own)).status).to.equal(204);
    expect(asked).to.have.length(1);
    expect(guard.requests.map(({ method, headers }) => [method, headers['x-auth-token']])).to.deep.equal([
      ['GET', token],
    ]);
  });

  it("treats another project's VIF as nonexistent, and asks no worker", async () => {
    for (const id of [others, randomUUID(), '..', '.', 'x/../y']) {
      const { status, fault } = await attach(id);
      expect([status, fault], id).to.deep.equal([400, `Neutron port ${id} was not found`]);
    }
    expect(asked).to.deep.equal([]);
  });

  it('does not check the project for a token of the whole system', async () => {
    expect((await attach(others, system)).status).to.equal(204);
    expect(guard.requests).to.deep.equal([]);
  });

  it('attaches nothing while Neutron does not answer', async () => {
    guard.fate = () => ({ status: 503 });
    expect((await attach(own)).status).to.equal(503);
    guard.fate = () => 'cut before';
    expect((await attach(own)).status).to.equal(503);
    guard.fate = () => ({ status: 401 });
    expect((await attach(own)).status).to.equal(500);
    expect(asked).to.deep.equal([]);
  });

  it('sends the token only to Neutron, and to no log or worker', async () => {
    await attach(own);
    expect(JSON.stringify([asked, lines])).to.not.include(token);
  });
});
