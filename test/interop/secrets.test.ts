import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { DEAD, DeadLetterPlace } from '../../testkit/fixtures/dead-letters.js';
import { EVERY_LINE, expectHidden, expectNowhere, FORMATS, PLANTED } from '../../testkit/fixtures/planted.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { HttpProxy, type ProxiedRequest } from '../../testkit/proxies/http-proxy.js';
import { required } from '../../testkit/servers/environment.js';
import type { Ended, Netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';

/** What becomes of the requests that are made for a call; told from others by the call's request id. */
const WAYS = ['pass', 'refuse the token', 'echo 400', 'echo 500'] as const;

describe("secrets of a real Keystone's user", () => {
  const place = new DeadLetterPlace();
  const password = required('NETPROV_KEYSTONE_PASSWORD');
  let neutron: TestNeutron;
  let guard: HttpProxy;
  let keystone: HttpProxy;
  let env: Record<string, string>;

  before(async () => {
    await place.open();
    neutron = new TestNeutron();
    guard = await HttpProxy.start(neutron.endpoint);
    keystone = await HttpProxy.start(required('NETPROV_KEYSTONE_URL'));
    env = {
      NETPROV_NEUTRON_AUTH_TYPE: 'password',
      NETPROV_NEUTRON_AUTH_URL: `${keystone.url}/v3`,
      NETPROV_NEUTRON_USERNAME: required('NETPROV_KEYSTONE_USERNAME'),
      NETPROV_NEUTRON_PASSWORD: password,
      NETPROV_NEUTRON_PROJECT_NAME: required('NETPROV_KEYSTONE_PROJECT'),
      NETPROV_NEUTRON_ENDPOINT: guard.url,
      NETPROV_CLEANING_NETWORK: (await neutron.makeNetwork()).name,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'neutron',
      NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '1',
      NETPROV_WORKER_RETRY_INITIAL_DELAY: '0.01',
    };
  });
  beforeEach(async () => {
    await place.renew();
    guard.reset();
    keystone.reset();
  });
  afterEach(() => place.clear());
  after(async () => {
    await guard.stop();
    await keystone.stop();
    await neutron.drop();
    await place.close();
  });

  const startWorker = async (format: string, more: Record<string, string> = {}): Promise<Netprov> => {
    const log = { ...EVERY_LINE, NETPROV_LOG_FORMAT: format };
    const worker = place.start(['worker', '--host', `host-${format}`], { ...env, ...log, ...more });
    await worker.says('the worker is ready');
    return worker;
  };
  const call = (format: string, requestId: string): Promise<Ended> => {
    const file = place.taskFile(sampleTask());
    const to = ['--host', `host-${format}`, '--task', file, '--request-id', requestId];
    return place.run('call', 'add_cleaning_network', ...to);
  };
  const echo = ({ headers, body }: ProxiedRequest): object => {
    return { NeutronError: { type: 'BadRequest', message: `${String(headers['x-auth-token'])} ${body}`, detail: '' } };
  };

  it('are in no log, row or answer, whatever Neutron answers', async () => {
    const ways = new Map<string, { way: (typeof WAYS)[number]; format: string }>();
    for (const way of WAYS) for (const format of FORMATS) ways.set(`req-${randomUUID()}`, { way, format });
    const refused = new Set<string>();
    guard.fate = (request) => {
      const id = String(request.headers['x-openstack-request-id']);
      const way = ways.get(id)?.way;
      if (way === 'echo 400' || way === 'echo 500') return { status: Number(way.slice(5)), body: echo(request) };
      if (way !== 'refuse the token' || refused.has(id)) return 'pass';
      refused.add(id);
      return { status: 401, body: echo(request) };
    };
    const workers = await Promise.all(FORMATS.map((format) => startWorker(format)));
    const calls = await Promise.all([...ways].map(([id, { format }]) => call(format, id)));
    const said = calls.map(({ stdout, stderr }) => stdout + stderr);
    await place.ready(DEAD, FORMATS.length);

    const tokens = new Set(guard.requests.map(({ headers }) => String(headers['x-auth-token'])));
    expect(tokens.size, 'tokens, two of each worker').to.equal(2 * FORMATS.length);
    for (const token of tokens) expect(token).to.match(/^gAAAA/);
    const secrets = [password, ...tokens];
    expectHidden('what the caller sees', said.join('\n'), secrets);
    expect(said.filter((text) => /answered with [45]00 BadRequest: \*\*\*/.test(text))).to.have.length(4);
    for (const { stderr } of workers) {
      expect(stderr).to.contain('the token was refused').and.to.contain('/v2.0/networks answered');
      expect(stderr).to.contain('transient fault').and.to.contain('BadRequest: ***');
    }
    await expectNowhere(place, workers, secrets);
  });

  it('are in no log, row or answer when Keystone refuses them and a proxy echoes them', async () => {
    const wrong = {
      text: { NETPROV_NEUTRON_PASSWORD: PLANTED.password },
      json: {
        NETPROV_NEUTRON_AUTH_TYPE: 'v3applicationcredential',
        NETPROV_NEUTRON_APPLICATION_CREDENTIAL_ID: randomUUID(),
        NETPROV_NEUTRON_APPLICATION_CREDENTIAL_SECRET: PLANTED.word,
      },
    };
    const workers = await Promise.all(FORMATS.map((format) => startWorker(format, wrong[format])));
    const ask = async (): Promise<string[]> => {
      const calls = await Promise.all(FORMATS.map((format) => call(format, `req-${randomUUID()}`)));
      return calls.map(({ stdout, stderr }) => stdout + stderr);
    };
    const refused = await ask();
    expect(refused[0]).to.contain('Keystone refused the credentials (401)');
    expect(refused[1]).to.contain('answered with 404 Could not find Application Credential');
    keystone.fate = ({ body }) => ({ status: 400, body: { error: { title: 'Bad Request', message: body } } });
    const echoed = await ask();
    for (const text of echoed) expect(text).to.match(/answered with 400 .*\*\*\*/);
    expectHidden('what the caller sees', [...refused, ...echoed].join('\n'));
    await expectNowhere(place, workers);
  });
});
