import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { DeadLetterPlace, TOPIC } from '../../testkit/fixtures/dead-letters.js';
import { EVERY_LINE, expectHidden, expectNowhere, FORMATS, MARK, PLANTED } from '../../testkit/fixtures/planted.js';
import { samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { HttpProxy, type ProxiedRequest } from '../../testkit/proxies/http-proxy.js';
import type { Netprov } from '../../testkit/servers/netprov.js';

const LEAKY = fileURLToPath(new URL('../../testkit/fakes/leaky-provider.js', import.meta.url));
const HOSTS = { text: 'conductor-text', json: 'conductor-json' };

/** What a careless server or proxy says: all that it was sent. */
const echo = ({ headers, body, path }: ProxiedRequest): string =>
  `cannot do ${path} with ${JSON.stringify(headers)} and ${body}`;

describe('secrets', () => {
  const place = new DeadLetterPlace();
  let keystone: HttpProxy;

  before(async () => {
    await place.open();
    keystone = await HttpProxy.start('http://127.0.0.1:9');
    // No Keystone, but what stands before one: it echoes what it is sent.
    keystone.fate = (request) => ({ status: 400, body: { error: { title: 'Bad Request', message: echo(request) } } });
  });
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(async () => {
    await keystone.stop();
    await place.close();
  });

  const context = {
    _context_auth_token: PLANTED.word,
    _context_service_token: PLANTED.fernet,
    _context_request_id: `req-${randomUUID()}`,
    _context_service_catalog: [{ password: PLANTED.word }],
  };
  const cast = (fields: object): object => ({ method: 'add_cleaning_network', version: '1.0', ...context, ...fields });
  const task = (leaks: string, provider = 'leaky'): ReturnType<typeof sampleTask> => {
    const secret = { token: PLANTED.word, password: PLANTED.password };
    const node = {
      network_provider: provider,
      driver_info: { leaks, ipmi_password: PLANTED.password, fernet: PLANTED.fernet, redfish: { ...secret } },
      instance_info: { configdrive: PLANTED.word, image_url: `https://u:${MARK}@images/`, capabilities: {} },
      driver_internal_info: { agent_secret_token: PLANTED.word },
      extra: secret,
    };
    return { ...sampleTask(node), ports: [samplePort({ extra: secret, internal_info: secret })] };
  };

  /** The bodies of messages that end in every way that there is. */
  const bodies = (): string[] => {
    const sealed = (inner: unknown, version: unknown = '2.0'): string =>
      JSON.stringify({ 'oslo.version': version, 'oslo.message': JSON.stringify(inner) });
    return [
      `{"oslo.version": "2.0", "oslo.message": "{\\"_context_auth_token\\": \\"${MARK}\\""}`,
      `_context_auth_token=${MARK}`,
      JSON.stringify([context]),
      sealed(cast({ args: {} }), `9.${MARK}`),
      sealed(cast({ args: [PLANTED.word] })),
      sealed(cast({ method: 'reboot', args: { token: PLANTED.word } })),
      sealed(cast({ method: PLANTED.fernet, args: {} })),
      sealed(cast({ version: '7.0', args: { token: PLANTED.word } })),
      sealed(cast({ args: { task: { ...task('outcome'), ports: { password: PLANTED.word } } } })),
      sealed(cast({ args: { task: task('error') } })),
      sealed(cast({ args: { task: task('transient') } })),
      sealed(cast({ args: { task: task('', 'neutron') } })),
      sealed(cast({ args: { task: task('outcome') } })),
    ];
  };
  /** How many of them become dead letters, and how many are operations. */
  const [LETTERS, OPERATIONS] = [10, 5];

  const startWorker = async (format: 'text' | 'json', more: Record<string, string>): Promise<Netprov> => {
    const worker = place.start(['worker', '--host', HOSTS[format]], {
      ...EVERY_LINE,
      NETPROV_LOG_FORMAT: format,
      ...more,
    });
    await worker.says('the worker is ready');
    return worker;
  };

  it('that enter by any way are in no log, row, answer or message', async () => {
    const env = {
      NETPROV_TRANSPORT_URL: await place.broker.urlWith(PLANTED.password),
      NETPROV_DATABASE_URL: await place.database.connectionWith(PLANTED.password),
      NETPROV_NEUTRON_AUTH_TYPE: 'password',
      NETPROV_NEUTRON_AUTH_URL: keystone.url,
      NETPROV_NEUTRON_USERNAME: 'ironic',
      NETPROV_NEUTRON_PASSWORD: PLANTED.password,
      NETPROV_NEUTRON_PROJECT_NAME: 'service',
      NETPROV_CLEANING_NETWORK: 'cleaning',
      NETPROV_PROVIDERS: `{leaky: ${LEAKY}}`,
      NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '2',
      NETPROV_WORKER_RETRY_INITIAL_DELAY: '0.01',
    };
    const workers = await Promise.all(FORMATS.map((format) => startWorker(format, env)));
    await place.declare('results');
    for (const format of FORMATS) {
      await place.broker.onChannel((channel) =>
        channel.bindQueue('results', 'ironic', `${TOPIC}_results.${HOSTS[format]}`),
      );
      for (const body of bodies()) await place.send(`${TOPIC}.${HOSTS[format]}`, body);
    }
    await place.ready(`${TOPIC}.dead`, LETTERS * FORMATS.length);
    await place.ready('results', OPERATIONS * FORMATS.length);

    for (const body of await place.bodies('results')) expectHidden('a result', body);
    for (const worker of workers) {
      // It is there that they would be.
      for (const line of ['leaky provider at work', 'transient fault', 'unexpected error', 'became a dead letter']) {
        expect(worker.stderr).to.contain(line);
      }
      expect(worker.stderr).to.match(/answered with 400 .*\*\*\*/);
      expect(worker.stderr).to.match(/ipmi_password\W+\*\*\*/);
    }
    const faults = await place.database.dataSource.query<{ last_error: string | null }[]>(
      'SELECT last_error FROM operations',
    );
    expect(faults.filter(({ last_error: error }) => error?.includes('***'))).to.have.length(3 * FORMATS.length);
    expect(keystone.requests[0]?.body, 'sent to Keystone').to.contain(MARK);
    await expectNowhere(place, workers);
  });

  for (const format of FORMATS) {
    it(`that RabbitMQ or the database refuses come out nowhere, in ${format}`, async () => {
      const env = { ...EVERY_LINE, NETPROV_LOG_FORMAT: format };
      const broker = new URL(place.broker.url());
      broker.password = encodeURIComponent(PLANTED.password);
      const turnedAway = place.start(['worker'], { ...env, NETPROV_TRANSPORT_URL: broker.toString() });
      await turnedAway.says('cannot connect to RabbitMQ');
      const database = new URL(place.database.connection);
      database.password = encodeURIComponent(PLANTED.password);
      const refused = place.start(['worker', '--debug'], { ...env, NETPROV_DATABASE_URL: database.toString() });
      expect((await refused.ended).stderr).to.contain('the database refused');
      const raw = {
        NETPROV_TRANSPORT_URL: `rabbit://guest:x/${MARK}@h/`,
        NETPROV_DATABASE_URL: `mysql://u:x/${MARK}@h/d`,
      };
      const unreadable = place.start(['worker', '--debug'], { ...env, ...raw });
      expect((await unreadable.ended).code).to.equal(2);
      await turnedAway.stop();
      for (const { stderr } of [turnedAway, refused, unreadable]) expectHidden('a log', stderr);
    });
  }
});
