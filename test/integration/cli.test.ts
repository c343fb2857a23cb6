import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import type { OperationResult } from '../../src/contract/types.js';
import { TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Netprov, netprov, type Ended } from '../support/netprov.js';
import { until } from '../support/poll.js';
import { sampleTask } from '../support/samples.js';

const MIGRATIONS = ['CreateTables1763800000000', 'AddNodeNetworkProvider1763800000001'];
const HOST = 'conductor-1';
const TOPIC = 'ironic.network_provider';

function json({ stdout }: Ended): unknown {
  return JSON.parse(stdout);
}

function textsOf(results: OperationResult[]): string[] {
  return results.map(({ operation_id, status }) => `${operation_id} ${status}`).sort();
}

describe('netprov db', () => {
  let database: TestDatabase;
  const db = (...args: string[]): Promise<Ended> =>
    netprov(['db', ...args], { NETPROV_DATABASE_URL: database.connection });
  const applied = async (): Promise<string[]> =>
    (json(await db('status', '--json')) as { migrations: { name: string; applied: boolean }[] }).migrations
      .filter((one) => one.applied)
      .map(({ name }) => name);

  beforeEach(async () => {
    database = await createDatabase({ migrated: false });
  });
  afterEach(() => database.drop());

  it('upgrades, twice without harm, and shows it', async () => {
    const before = await db('status');
    expect(before.code).to.equal(4);
    expect(before.stdout).to.contain(MIGRATIONS[0]).and.to.contain('no');
    expect(json(await db('upgrade', '--json'))).to.deep.equal({ migrations: MIGRATIONS });
    expect(await db('upgrade')).to.deep.equal({ code: 0, stdout: 'nothing to do\n', stderr: '' });
    expect((await db('status')).code).to.equal(0);
    expect(await applied()).to.deep.equal(MIGRATIONS);
  });

  it('downgrades by steps, and to a version by name or number', async () => {
    const [first = '', second = ''] = MIGRATIONS;
    await db('upgrade');
    expect((await db('downgrade', '--steps', '1')).stdout).to.equal(`taken back: ${second}\n`);
    expect(await applied()).to.deep.equal([first]);
    await db('upgrade');
    await db('downgrade', '--to', '1763800000000');
    expect(await applied()).to.deep.equal([first]);
    await db('downgrade', '--to', first);
    expect(await applied()).to.deep.equal([first]);
    await db('downgrade', '--to', '0');
    expect(await applied()).to.deep.equal([]);
  });

  it('does not guess how far to go back', async () => {
    await db('upgrade');
    const wrong = [[], ['--steps', '0'], ['--to', 'x'], ['--to', '0', '--steps', '1']];
    for (const args of wrong) expect((await db('downgrade', ...args)).code, args.join(' ')).to.equal(2);
    expect(await applied()).to.deep.equal(MIGRATIONS);
  });

  it('says in one sentence that the database is not there, or does not exist', async () => {
    const closed = await netprov(['db', 'status'], { NETPROV_DATABASE_URL: 'mysql://u:sesame@127.0.0.1:1/d' });
    expect(closed.code).to.equal(3);
    expect(closed.stderr).to.match(/^netprov: the database cannot be reached: .*127\.0\.0\.1:1; start it, or .*\n$/);
    const url = new URL(database.connection);
    url.pathname = '/netprov_test_missing';
    const missing = await netprov(['db', 'status'], { NETPROV_DATABASE_URL: url.toString() });
    expect(missing.code).to.equal(2);
    expect(missing.stderr).to.match(/^netprov: the database refuses: .*netprov_test_missing.*\n$/);
  });
});

describe('netprov', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let env: Record<string, string>;
  let directory: string;
  let running: Netprov[];

  before(async () => {
    database = await createDatabase();
    directory = mkdtempSync(join(tmpdir(), 'netprov-cli-'));
  });
  after(async () => {
    await database.drop();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    broker = await TestBroker.create();
    running = [];
    env = {
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_DATABASE_URL: database.connection,
      NETPROV_RPC_PING_ENABLED: 'true',
      NETPROV_HEALTH_PORT: '0',
    };
  });
  afterEach(async () => {
    await Promise.all(running.map((command) => command.stop()));
    await broker.drop();
  });

  const run = (...args: string[]): Promise<Ended> => netprov(args, env);
  const start = (args: string[], more: Record<string, string> = {}): Netprov => {
    const command = new Netprov(args, { ...env, ...more });
    running.push(command);
    return command;
  };
  const startWorker = async (more: Record<string, string> = {}): Promise<Netprov> => {
    const worker = start(['worker', '--host', HOST], more);
    await worker.says('the worker is ready');
    return worker;
  };
  const taskFile = (task: object = sampleTask()): string => {
    const file = join(directory, `${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(task));
    return file;
  };

  describe('worker', () => {
    it('says what it serves before it connects, answers health checks, and stops when told to', async () => {
      const worker = await startWorker();
      const [first = ''] = worker.stderr.split('\n');
      expect(first).to.contain('this worker serves').and.to.contain(`hosts=${HOST}`);
      expect(first).to.contain(`topic=${TOPIC}`).and.to.contain('default_network_provider=none');
      expect(first).to.contain(':***@');
      expect(worker.stderr).to.not.contain(broker.host.password);
      const address = /address=(\S+)/.exec(worker.stderr)?.[1] ?? '';
      expect((await fetch(`${address}/healthz`)).status).to.equal(200);
      expect(await (await fetch(`${address}/readyz`)).json()).to.deep.equal({ ready: true, reasons: [] });
      expect((await broker.counts(`${TOPIC}.${HOST}`)).consumers).to.equal(1);
      worker.kill('SIGTERM');
      const { code, stdout } = await worker.ended;
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
      await until('nobody consumes', async () => (await broker.counts(`${TOPIC}.${HOST}`)).consumers === 0);
    });

    it('is alive but not ready, and can be stopped, while there is no broker', async () => {
      const worker = start(['worker'], { NETPROV_TRANSPORT_URL: 'rabbit://127.0.0.1:1/' });
      await worker.says('cannot connect to RabbitMQ');
      const address = /address=(\S+)/.exec(worker.stderr)?.[1] ?? '';
      expect((await fetch(`${address}/healthz`)).status).to.equal(200);
      expect((await fetch(`${address}/readyz`)).status).to.equal(503);
      worker.kill('SIGINT');
      expect((await worker.ended).code).to.equal(0);
    });

    it('refuses a schema that is behind, and says the command', async () => {
      const empty = await createDatabase({ migrated: false });
      try {
        const { code, stderr } = await netprov(['worker'], { ...env, NETPROV_DATABASE_URL: empty.connection });
        expect(code).to.equal(4);
        expect(stderr).to.contain('netprov db upgrade');
      } finally {
        await empty.drop();
      }
    });

    it('refuses a port that is taken, and a queue of another type', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await until('listening', () => taken.listening);
      const { port } = taken.address() as AddressInfo;
      const busy = await netprov(['worker'], { ...env, NETPROV_HEALTH_PORT: String(port) });
      taken.close();
      expect(busy.code).to.equal(2);
      expect(busy.stderr).to.contain('health.port');

      await run('topology', 'declare', '--host', HOST);
      const other = await netprov(['worker', '--host', HOST], { ...env, NETPROV_RPC_QUEUE_TYPE: 'classic' });
      expect(other.code).to.equal(2);
      expect(other.stderr).to.contain('x-queue-type');
    });

    it('refuses a wrong configuration, all of it at once', async () => {
      const more = { NETPROV_RPC_PREFETCH: 'many', NETPROV_NOPE: '1' };
      const { code, stdout, stderr } = await netprov(['worker', '--host', 'a*'], { ...env, ...more });
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      for (const name of ['rpc.prefetch', 'NETPROV_NOPE', 'host is ["a*"] (command line)']) {
        expect(stderr).to.contain(name);
      }
    });
  });

  describe('call', () => {
    beforeEach(() => startWorker());

    for (const encoding of ['json', 'protobuf']) {
      it(`prints the result, in ${encoding}`, async () => {
        const task = sampleTask();
        const args = ['--task', taskFile(task), '--encoding', encoding, '--call-monitor-timeout', '5', '--json'];
        const ended = await run('call', 'add_cleaning_network', '--host', HOST, ...args);
        expect(ended).to.deep.include({ code: 0, stderr: '' });
        expect(json(ended)).to.deep.include({
          node_uuid: task.node.uuid,
          method: 'add_cleaning_network',
          network_provider: 'none',
          network_type: 'cleaning',
          status: 'succeeded',
          failures: [],
          error: null,
        });
      });
    }

    it('prints it for people, with a task from standard input, by any worker', async () => {
      const task = sampleTask();
      const args = ['call', 'configure_tenant_networks', '--task', '-'];
      const { code, stdout } = await netprov(args, env, JSON.stringify(task));
      expect(code).to.equal(0);
      expect(stdout).to.contain(`configure_tenant_networks succeeded: node ${task.node.uuid}, provider none`);
    });

    it('names a node that the worker has stored', async () => {
      const task = sampleTask();
      await run('call', 'add_cleaning_network', '--host', HOST, '--task', taskFile(task));
      const stored = await run('call', 'remove_cleaning_network', '--host', HOST, '--node-id', task.node.uuid);
      expect(stored).to.deep.include({ code: 0, stderr: '' });
      const unknown = await run('call', 'remove_cleaning_network', '--host', HOST, '--node-id', randomUUID());
      expect(unknown.code).to.equal(1);
      expect(unknown.stderr).to.match(/^netprov: NodeNotFound: .*\n$/);
    });

    it('prints what the worker raised', async () => {
      const file = taskFile(sampleTask({ network_provider: 'acme' }));
      const ended = await run('call', 'add_cleaning_network', '--host', HOST, '--task', file, '--json');
      expect(ended.code).to.equal(1);
      const { error } = json(ended) as { error: { class: string; module: string; message: string } };
      expect(error).to.deep.include({ class: 'InvalidParameterValue', module: 'ironic.common.exception' });
      expect(error.message).to.contain('acme');
      expect(ended.stderr).to.equal(`netprov: InvalidParameterValue: ${error.message}\n`);
    });
  });

  describe('arguments', () => {
    it('are refused with exit code 2 before anything is sent', async () => {
      const task = sampleTask();
      const [port] = task.ports;
      const wrong: [string[], string][] = [
        [['call', 'move', '--task', taskFile()], 'add_provisioning_network'],
        [['call', 'add_cleaning_network'], '--task FILE'],
        [['call', 'add_cleaning_network', '--task', taskFile(), '--node-id', randomUUID()], 'cannot be used with'],
        [['cast', 'add_cleaning_network', '--node-id', 'node-1'], 'node_id must be a UUID'],
        [['cast', 'add_cleaning_network', '--task', taskFile({ node: {} })], 'task.node.uuid is missing'],
        [['cast', 'add_cleaning_network', '--task', taskFile({ ...task, ports: [{ ...port, address: 'x' }] })], 'MAC'],
        [['cast', 'add_cleaning_network', '--task', join(directory, 'missing')], 'cannot be read'],
        [['cast', 'add_cleaning_network', '--task', taskFile(), '--encoding', 'xml'], 'json, protobuf'],
        [['results', '--host', HOST, '--count', '0'], 'from 1 to'],
        [['results'], '--host'],
        [['topology', 'declare'], '--host'],
        [['ping', '--host', HOST, '--timeout', 'soon'], 'number of seconds'],
        [['nope'], 'unknown command'],
      ];
      await Promise.all(
        wrong.map(async ([args, sentence]) => {
          const { code, stdout, stderr } = await run(...args);
          expect({ code, stdout }, args.join(' ')).to.deep.equal({ code: 2, stdout: '' });
          expect(stderr, args.join(' ')).to.contain(sentence);
          expect(stderr).to.not.match(/^ +at /m);
        }),
      );
      expect(await broker.queues()).to.deep.equal([]);
    });

    it('show a stack when asked to', async () => {
      const { stderr } = await run('--debug', 'call', 'add_cleaning_network', '--node-id', 'x');
      expect(stderr).to.match(/^ +at /m);
    });
  });

  describe('cast and results', () => {
    it('say that no worker has served the host, and what to do', async () => {
      const { code, stderr } = await run('cast', 'add_cleaning_network', '--host', HOST, '--task', taskFile());
      expect(code).to.equal(3);
      expect(stderr).to.contain('netprov topology declare');
    });

    it('wait in declared queues until a worker comes; the results are printed', async () => {
      const declared = await run('topology', 'declare', '--host', HOST, 'conductor-2', '--json');
      const queues = [TOPIC, `${TOPIC}.${HOST}`, `${TOPIC}.conductor-2`, `${TOPIC}_fanout`];
      expect(json(declared)).to.deep.equal({ exchange: 'ironic', queues });
      expect(await broker.queues()).to.have.members(queues);

      const first = await run('cast', 'add_cleaning_network', '--host', HOST, '--task', taskFile());
      expect(first).to.deep.include({ code: 0, stderr: '' });
      const args = ['--task', taskFile(), '--encoding', 'protobuf', '--json', '--request-id', `req-${randomUUID()}`];
      const second = await run('cast', 'add_provisioning_network', '--host', HOST, ...args);
      const ids = [first.stdout.trim(), (json(second) as { operation_id: string }).operation_id];
      await until('both wait', async () => (await broker.counts(`${TOPIC}.${HOST}`)).ready === 2);

      const results = start(['results', '--host', HOST, '--count', '2', '--json']);
      await results.says('listening');
      await startWorker();
      const { code, stdout } = await results.ended;
      expect(code).to.equal(0);
      const printed = stdout.trim().split('\n');
      expect(textsOf(printed.map((line) => JSON.parse(line) as OperationResult))).to.deep.equal(
        ids.map((id) => `${id} succeeded`).sort(),
      );
      expect((await broker.queues()).filter((name) => name.includes('copy'))).to.deep.equal([]);
    });

    it('end with 3 when fewer came in time, and with 0 on Ctrl-C', async () => {
      const late = await run('results', '--host', HOST, '--count', '1', '--timeout', '0.2');
      expect(late.code).to.equal(3);
      expect(late.stderr).to.contain('1 of 1 results did not come');
      expect((await run('results', '--host', HOST, '--timeout', '0.2')).code).to.equal(0);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const results = start(['results', '--host', HOST]);
        await results.says('listening');
        results.kill(signal);
        expect((await results.ended).code).to.equal(0);
      }
    });

    it('end with 3 when there is no broker', async () => {
      env = { ...env, NETPROV_TRANSPORT_URL: 'rabbit://guest:sesame@127.0.0.1:1/' };
      const { code, stderr } = await run('call', 'add_cleaning_network', '--task', taskFile(), '--timeout', '0.5');
      expect(code).to.equal(3);
      expect(stderr).to.match(/netprov: RabbitMQ could not be reached within 0\.5 s: .*127\.0\.0\.1:1.*\n$/);
      expect(stderr).to.not.contain('sesame');
    });
  });

  describe('ping', () => {
    it('gets a pong from the worker of a host, and nothing from a host without one', async () => {
      await startWorker();
      expect((await run('ping', '--host', HOST)).stdout).to.match(
        /^pong from the worker of conductor-1 after \d+ ms\n$/,
      );
      expect((await run('ping', '--host', 'conductor-2')).code).to.equal(3);
      await run('topology', 'declare', '--host', 'conductor-2');
      const silent = await run('ping', '--host', 'conductor-2', '--timeout', '0.5');
      expect(silent.code).to.equal(3);
      expect(silent.stderr).to.match(/within 0\.5 s/);
    });
  });
});
