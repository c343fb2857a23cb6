import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

import { expect } from 'chai';

import { METHODS } from '../../src/contract/methods.js';
import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { until } from '../../testkit/fixtures/poll.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { createDatabase } from '../../testkit/servers/database.js';
import { json, type Netprov, netprov } from '../../testkit/servers/netprov.js';

const TOPIC = 'ironic.network_provider';

describe('netprov worker', () => {
  const place = new CommandPlace();
  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(() => place.close());

  it('prints what it serves before it connects, answers health checks, and stops on SIGTERM', async () => {
    const worker = await place.startWorker();
    const [first = ''] = worker.stderr.split('\n');
    expect(first).to.contain('this worker serves').and.to.contain(`hosts=${HOST}`);
    expect(first).to.contain(`topic=${TOPIC}`).and.to.contain('default_network_provider=none');
    expect(first).to.contain(':***@');
    expect(worker.stderr).to.not.contain(place.broker.host.password);
    const address = /address=(\S+)/.exec(worker.stderr)?.[1] ?? '';
    expect((await fetch(`${address}/healthz`)).status).to.equal(200);
    expect(await (await fetch(`${address}/readyz`)).json()).to.deep.equal({ ready: true, reasons: [] });
    expect((await place.broker.counts(`${TOPIC}.${HOST}`)).consumers).to.equal(1);
    worker.kill('SIGTERM');
    const { code, stdout } = await worker.ended;
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
    await until('nobody consumes', async () => (await place.broker.counts(`${TOPIC}.${HOST}`)).consumers === 0);
  });

  it('is alive but not ready, and can be stopped, while there is no broker', async () => {
    const worker = place.start(['worker'], { NETPROV_TRANSPORT_URL: 'rabbit://127.0.0.1:1/' });
    await worker.says('cannot connect to RabbitMQ');
    const address = /address=(\S+)/.exec(worker.stderr)?.[1] ?? '';
    expect((await fetch(`${address}/healthz`)).status).to.equal(200);
    expect((await fetch(`${address}/readyz`)).status).to.equal(503);
    worker.kill('SIGINT');
    expect((await worker.ended).code).to.equal(0);
  });

  it('is alive but not ready while the database is away, continues when it is back, and can be stopped', async () => {
    const url = new URL(place.database.connection);
    const database = { hostname: url.hostname, port: Number(url.port) };
    const proxy = place.opened.add(await TcpProxy.start(database), (one) => one.stop());
    url.port = String(proxy.port);
    await proxy.down();
    const env = { NETPROV_DATABASE_URL: url.toString() };
    const [patient, stopped] = [place.start(['worker'], env), place.start(['worker'], env)];
    for (const worker of [patient, stopped]) {
      await worker.says('cannot connect to the database');
      expect(worker.stderr).to.not.contain(url.password);
    }
    const address = /address=(\S+)/.exec(patient.stderr)?.[1] ?? '';
    expect((await fetch(`${address}/healthz`)).status).to.equal(200);
    const ready = await fetch(`${address}/readyz`);
    expect(ready.status).to.equal(503);
    expect(await ready.text()).to.contain('the database cannot be reached');
    stopped.kill('SIGTERM');
    expect((await stopped.ended).code).to.equal(0);
    await proxy.up();
    await patient.says('the worker is ready');
    expect((await fetch(`${address}/readyz`)).status).to.equal(200);
  });

  describe('with an operation that does not end', () => {
    /** A plug-in whose methods wait until they are told to stop, or longer. */
    const startSlow = async (more: Record<string, string>): Promise<Netprov> => {
      const methods = Object.keys(METHODS).map((name) => `${name}: wait`);
      const plugin = join(place.directory, 'slow.mjs');
      const wait = `({ signal, log }) => new Promise((_, reject) => {
        log.info('slow provider at work');
        signal.addEventListener('abort', () => reject(signal.reason));
      })`;
      writeFileSync(plugin, `const wait = ${wait};\nexport default () => ({ ${methods.join(', ')} });`);
      const slow = { NETPROV_PROVIDERS: `{ slow: ${plugin} }`, NETPROV_DEFAULT_NETWORK_PROVIDER: 'slow' };
      const worker = await place.startWorker({ ...slow, ...more });
      await place.run('cast', 'add_cleaning_network', '--host', HOST, '--task', place.taskFile());
      await worker.says('slow provider at work');
      return worker;
    };
    const left = async (): Promise<boolean> => (await place.broker.counts(`${TOPIC}.${HOST}`)).ready === 1;

    it('leaves it in the queue when shutdown_timeout is over', async () => {
      const worker = await startSlow({ NETPROV_WORKER_SHUTDOWN_TIMEOUT: '0.1' });
      worker.kill('SIGTERM');
      expect((await worker.ended).code).to.equal(0);
      expect(worker.stderr).to.contain('shutdown_timeout is over');
      await until('the cast is back in its queue', left);
    });

    it('ends at once on the second signal', async () => {
      const worker = await startSlow({});
      worker.kill('SIGTERM');
      await worker.says('the worker stops');
      worker.kill('SIGINT');
      expect((await worker.ended).code).to.equal(130);
      await until('the cast is back in its queue', left);
    });
  });

  describe('after an uncaught error', () => {
    /** A plug-in that does this, and then waits until it is told to go on by a file. */
    const startFaulty = async (
      fault: string,
    ): Promise<{ worker: Netprov; go: () => void; metrics: () => Promise<string> }> => {
      const [plugin, sign] = [join(place.directory, `faulty-${randomUUID()}.mjs`), join(place.directory, randomUUID())];
      const methods = Object.keys(METHODS).map((name) => `${name}: work`);
      const work = `async ({ log }) => {
        log.info('faulty provider at work');
        ${fault}
        while (!existsSync(${JSON.stringify(sign)})) await new Promise((go) => setTimeout(go, 20));
        return { bindings: [], failures: [], warnings: [] };
      }`;
      const source = [
        `import { existsSync } from 'node:fs';`,
        `const work = ${work};`,
        `export default () => ({ ${methods.join(', ')} });`,
      ];
      writeFileSync(plugin, source.join('\n'));
      const options = { NETPROV_PROVIDERS: `{ faulty: ${plugin} }`, NETPROV_DEFAULT_NETWORK_PROVIDER: 'faulty' };
      const worker = await place.startWorker(options);
      await place.run('cast', 'add_cleaning_network', '--host', HOST, '--task', place.taskFile());
      await worker.says('faulty provider at work');
      const address = /address=(\S+)/.exec(worker.stderr)?.[1] ?? '';
      const metrics = async (): Promise<string> => (await fetch(`${address}/metrics`)).text();
      return {
        worker,
        go: () => {
          writeFileSync(sign, '');
        },
        metrics,
      };
    };
    const succeeded = async (): Promise<number> => {
      const listed = json(await place.run('operation', 'list', '--status', 'succeeded', '--json'));
      return (listed as { operations: unknown[] }).operations.length;
    };
    let before: number;
    beforeEach(async () => {
      before = await succeeded();
    });
    const done = async (): Promise<boolean> => (await succeeded()) > before;

    it('continues after an unhandled rejection, and logs and counts it', async () => {
      const { worker, go, metrics } = await startFaulty(`void Promise.reject(new Error('nobody looks'));`);
      await worker.says('a bug in netprov');
      expect(worker.stderr).to.contain('nobody looks');
      expect(await metrics()).to.contain('netprov_faults_total{kind="unhandled_rejection"} 1');
      go();
      await until('the operation succeeds', done);
      expect(worker.running).to.equal(true);
      expect((await worker.stop()).code).to.equal(0);
    });

    it('finishes its operations after an uncaught exception, and ends with an error', async () => {
      const { worker, go, metrics } = await startFaulty(`setTimeout(() => { throw new Error('nobody catches'); });`);
      await worker.says('the worker stops');
      expect(await metrics()).to.contain('netprov_faults_total{kind="uncaught_exception"} 1');
      expect(worker.running).to.equal(true);
      go();
      const { code, stderr } = await worker.ended;
      expect(code).to.equal(1);
      expect(stderr).to.contain('nobody catches').and.to.contain('stopped after an uncaught exception');
      expect(await done()).to.equal(true);
      expect((await place.broker.counts(`${TOPIC}.${HOST}`)).ready).to.equal(0);
    });
  });

  it('refuses an outdated schema, and prints the command that upgrades it', async () => {
    const empty = await createDatabase({ migrated: false });
    try {
      const { code, stderr } = await netprov(['worker'], { ...place.env, NETPROV_DATABASE_URL: empty.connection });
      expect(code).to.equal(4);
      expect(stderr).to.contain('netprov db upgrade');
    } finally {
      await empty.drop();
    }
  });

  it('refuses to start when its port is taken, or a queue has another type', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await until('listening', () => taken.listening);
    const { port } = taken.address() as AddressInfo;
    const busy = await netprov(['worker'], { ...place.env, NETPROV_HEALTH_PORT: String(port) });
    taken.close();
    expect(busy.code).to.equal(2);
    expect(busy.stderr).to.contain('health.port');

    await place.run('topology', 'declare', '--host', HOST);
    const other = await netprov(['worker', '--host', HOST], { ...place.env, NETPROV_RPC_QUEUE_TYPE: 'classic' });
    expect(other.code).to.equal(2);
    expect(other.stderr).to.contain('x-queue-type');
  });

  it('refuses a wrong configuration, and names all errors at once', async () => {
    const more = { NETPROV_RPC_PREFETCH: 'many', NETPROV_NOPE: '1' };
    const { code, stdout, stderr } = await netprov(['worker', '--host', 'a*'], { ...place.env, ...more });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    for (const name of ['rpc.prefetch', 'NETPROV_NOPE', 'host is ["a*"] (command line)']) {
      expect(stderr).to.contain(name);
    }
  });
});
