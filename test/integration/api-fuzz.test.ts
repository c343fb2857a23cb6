import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';

import { createApi } from '../../src/api/api-server.js';
import { type Authenticator, NoAuthentication } from '../../src/api/auth/authenticator.js';
import { HttpBasicAuthenticator } from '../../src/api/auth/http-basic-authenticator.js';
import type { ApiServer } from '../../src/api/http/types.js';
import { NODE } from '../../src/api/routes/node-routes.js';
import { PORT } from '../../src/api/routes/port-routes.js';
import { PORTGROUP } from '../../src/api/routes/portgroup-routes.js';
import { pause } from '../../src/async/pause.js';
import { Nodes } from '../../src/inventory/nodes.js';
import { Portgroups } from '../../src/inventory/portgroups.js';
import { Ports } from '../../src/inventory/ports.js';
import { PortBindingRow } from '../../src/state/index.js';
import { ScriptedClient } from '../../testkit/fakes/scripted-client.js';
import { scriptedTools } from '../../testkit/fakes/scripted-tools.js';
import { apiOptions } from '../../testkit/fixtures/api.js';
import { ApiAnswers, type ApiDocument, EVENT_STREAM } from '../../testkit/fixtures/api-answers.js';
import { type FuzzedRequest, fuzzedRequests } from '../../testkit/fixtures/fuzz-requests.js';
import { type Pool, someUuids } from '../../testkit/fixtures/fuzz-values.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { BOUND, DELETED, UNBOUND } from '../../testkit/fixtures/neutron-event-samples.js';
import { until } from '../../testkit/fixtures/poll.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

/** Another seed makes other requests: docs/contributing.md. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20261124);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 10_000);
const AT_ONCE = 16;
/** Milliseconds after which an answer is missed. */
const TIMEOUT = 120_000;
const TOKEN = 'gAAAAABplanted-token-that-nobody-may-repeat';

const UUIDS = someUuids(12);
const NAMES = ['node-1', 'node-2', 'node-3', 'pg-1', 'pg-2', 'detail', 'Ä', 'a b'];
const POOL: Pool = {
  idents: [...UUIDS, ...NAMES.slice(0, 5), 'operation-1'],
  uuids: UUIDS,
  names: NAMES,
  macs: Array.from({ length: 8 }, (_, i) => `52:54:00:00:00:0${i}`),
  providers: ['none', 'scripted', 'neutron', 'unknown', ''],
  fields: [...new Set([NODE, PORT, PORTGROUP].flatMap(({ fields }) => Object.keys(fields))), 'id', 'links', 'nothing'],
  events: [BOUND, UNBOUND, DELETED].map((body) => JSON.parse(body) as unknown),
};

interface Answer {
  status: number;
  headers: string;
  body: string;
}

/** A node that is on its cleaning network, by the one operation on record. */
async function enroll(dataSource: DataSource): Promise<void> {
  const [node = '', port = '', neutronPort = ''] = UUIDS;
  await new Nodes(dataSource, () => []).create({ uuid: node, name: 'node-1' });
  const ports = new Ports(dataSource, () => Promise.reject(new Error('it has no VIF yet')));
  await ports.create({ uuid: port, node_uuid: node, address: POOL.macs[0] });
  const binding: object = {
    ...{ node_uuid: node, port_uuid: port, neutron_port_id: neutronPort, network_id: neutronPort },
    ...{ network_type: 'cleaning', network_provider: 'neutron', operation_id: 'operation-1', host_id: node },
    ...{ vnic_type: 'baremetal', vif_type: 'other', status: 'ACTIVE', mac_address: POOL.macs[0] ?? '' },
    ...{ fixed_ips: [], profile: {} },
  };
  await dataSource.manager.insert(PortBindingRow, binding);
  await dataSource.query(
    `INSERT INTO operations (id, kind, method, network_type, node_uuid, status, started_at, finished_at)
     VALUES ('operation-1', 'cast', 'add_cleaning_network', 'cleaning', ?, 'succeeded', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
    [node],
  );
}

describe('the REST API, fuzzed from its own OpenAPI document', () => {
  let agent: Agent;
  const { log, lines } = recordingLogger();
  const client = new ScriptedClient();
  let database: TestDatabase;
  let server: ApiServer;
  let port: number;
  let rejections: unknown[];
  const onRejection = (reason: unknown): void => {
    rejections.push(reason);
  };

  before(async () => {
    database = await createDatabase();
    await enroll(database.dataSource);
  });

  beforeEach(() => {
    agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE + 1 });
    rejections = [];
    lines.length = 0;
    process.on('unhandledRejection', onRejection);
  });

  afterEach(async () => {
    process.off('unhandledRejection', onRejection);
    agent.destroy();
    await server.close();
  });

  after(() => database.drop());

  async function start(authenticator: Authenticator): Promise<ApiDocument> {
    const { dataSource } = database;
    server = await createApi(apiOptions({ authStrategy: 'noauth', guard: { maxAuthFailures: null } }), {
      dataSource,
      nodes: new Nodes(dataSource, () => ['none', 'scripted', 'neutron']),
      ports: new Ports(dataSource, () => client.carryOver()),
      portgroups: new Portgroups(dataSource),
      client,
      seesPort: null,
      events: client,
      tools: scriptedTools(),
      log,
      authenticator,
    });
    await server.listen({ host: '127.0.0.1', port: 0 });
    port = (server.server.address() as AddressInfo).port;
    const { body } = await send({ method: 'get', target: '/openapi.json', headers: {}, body: null });
    return JSON.parse(body) as ApiDocument;
  }

  function send({ method, target, headers, body }: Omit<FuzzedRequest, 'path'>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === null ? {} : { 'content-length': body.length };
      const asked = request(
        {
          agent,
          host: '127.0.0.1',
          port,
          method: method.toUpperCase(),
          path: target,
          headers: { ...headers, ...length },
        },
        (response) => {
          const chunks: Buffer[] = [];
          const answered = (): void => {
            const { statusCode: status = 0, rawHeaders } = response;
            resolve({ status, headers: rawHeaders.join('\n'), body: Buffer.concat(chunks).toString() });
          };
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            // A stream of events does not end by itself.
            if (response.headers['content-type'] !== EVENT_STREAM) return;
            answered();
            response.destroy();
          });
          response.on('error', reject);
          response.on('end', answered);
        },
      );
      asked.on('error', reject);
      asked.setTimeout(TIMEOUT, () => asked.destroy(new Error('no answer')));
      asked.end(body ?? undefined);
    });
  }

  /** Sends them side by side, and has each answer looked at. The server answers others meanwhile. */
  async function sendAll(all: readonly FuzzedRequest[], look: (answer: Answer, one: FuzzedRequest) => string | null) {
    const done = new AbortController();
    const others = (async () => {
      while (!done.signal.aborted) {
        expect((await send({ method: 'get', target: '/v1', headers: {}, body: null })).status).to.equal(200);
        await pause(100);
      }
    })();
    const problems: string[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let one = all[next++]; one !== undefined; one = all[next++]) {
        const problem = await send(one).then(
          (answer) => look(answer, one),
          (error: unknown) => (one.body !== null && one.body.length > 1_000_000 ? null : String(error)),
        );
        if (problem === null) continue;
        const body = one.body?.toString('latin1').slice(0, 500) ?? '';
        const headers = JSON.stringify(one.headers).slice(0, 400);
        problems.push(`${problem}\n${one.method} ${one.target.slice(0, 300)}\n${headers}\n${body}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    done.abort();
    await others;
    expect(problems.slice(0, 5), `seed ${SEED}, ${problems.length} problems`).to.deep.equal([]);
  }

  async function openTransactions(): Promise<number> {
    const [{ open } = { open: null }] = await database.dataSource.query<{ open: unknown }[]>(
      `SELECT COUNT(*) AS open FROM information_schema.innodb_trx t
       JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE()
         AND NOT t.trx_autocommit_non_locking`,
    );
    return Number(open);
  }

  /** Nothing is left of them: no transaction, no connection, nobody who listens, no token. */
  async function assertNothingLeft(listeners: number): Promise<void> {
    agent.destroy();
    await until('no connection is left', async () => {
      const count = await promisify(server.server.getConnections.bind(server.server))();
      return count === 0;
    });
    await until('no transaction is open', async () => (await openTransactions()) === 0);
    await until('nobody listens any more', () => countListeners() === listeners);
    expect(rejections).to.deep.equal([]);
    expect(lines.filter((line) => line.includes(TOKEN))).to.deep.equal([]);
  }

  it(`answers ${REQUESTS} requests, each as the document says, and nothing is left of them`, async () => {
    const document = await start(new NoAuthentication());
    const answers = new ApiAnswers(document);
    const statuses = new Map<number, number>();
    const all = fc.sample(fuzzedRequests(document, POOL, TOKEN), { seed: SEED, numRuns: REQUESTS });
    const listeners = countListeners();
    await sendAll(all, ({ status, headers, body }, { method, path }) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (headers.includes(TOKEN) || body.includes(TOKEN)) return 'the answer has the token';
      if (status >= 500 && status !== 503) return `status ${status}: ${body}`;
      // 431: Node.js reads no further, and there is no route.
      return answers.problemOf(path === null || status === 431 ? null : { method, path }, status, body);
    });
    expect(statuses.get(503) ?? 0, 'outages that were planted').to.equal(client.outages);
    for (const status of [200, 201, 204, 400, 404, 406, 409, 413, 415]) {
      expect(statuses.get(status), `status ${status}`).to.be.greaterThan(0);
    }
    await assertNothingLeft(listeners);
  });

  it('rejects credentials that are slightly wrong', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'netprov-fuzz-'));
    try {
      writeFileSync(join(directory, 'htpasswd'), `ada:${hashSync('open sesame', 4)}\n`);
      await start(await HttpBasicAuthenticator.open(join(directory, 'htpasswd'), log));
      const right = `Basic ${Buffer.from('ada:open sesame').toString('base64')}`;
      const nearly = fc
        .tuple(fc.nat(right.length - 1), fc.constantFrom('', 'x', ' ', '=', '\t', ','))
        .map(([at, other]) => right.slice(0, at) + other + right.slice(at + 1));
      const given = fc
        .oneof(
          nearly,
          fc.string({ maxLength: 300 }),
          fc.string().map((text) => `Basic ${text}`),
          fc.constant('Basic'),
        )
        .map((text) => text.replace(/[^\x20-\x7e\t]/g, '?').trim())
        .filter((text) => !/^basic\s+YWRhOm9wZW4gc2VzYW1l$/i.test(text));
      const all = fc.sample(given, { seed: SEED, numRuns: 500 }).map((authorization) => ({
        method: 'get',
        path: null,
        target: '/v1/nodes',
        headers: { authorization },
        body: null,
      }));
      await sendAll(all, ({ status, body }) => (status === 400 || status === 401 ? null : `status ${status}: ${body}`));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  function countListeners(): number {
    return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name as 'exit'), 0);
  }
});
