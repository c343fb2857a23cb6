import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { HOST } from '../../testkit/fixtures/command-place.js';
import { DeadLetterPlace, HOST_QUEUE } from '../../testkit/fixtures/dead-letters.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import type { Netprov } from '../../testkit/servers/netprov.js';

type Line = Record<string, unknown> & { level: string; component: string; message: string };

/** Lines of a log in JSON. */
const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

describe('the log', () => {
  const place = new DeadLetterPlace();
  let directory: string;
  let file: string;

  before(() => place.open());
  beforeEach(async () => {
    await place.renew();
    directory = join(place.directory, randomUUID());
    mkdirSync(directory);
    file = join(directory, 'netprov.log');
  });
  afterEach(() => place.clear());
  after(() => place.close());

  const configure = (log: string, format = 'json'): void => {
    writeFileSync(join(directory, 'local.yaml'), `log: { format: ${format}, file: ${file}, ${log} }`);
  };
  const lines = (path = file): Line[] => (existsSync(path) ? linesOf(readFileSync(path, 'utf8')) : []);
  const says = (text: string): Promise<Line> =>
    until(`the log says "${text}"`, () => lines().find(({ message }) => message.includes(text)) ?? false);

  /** Casts for a node of its own, and waits until it is done. */
  const move = async (): Promise<string> => {
    const task = sampleTask();
    const { uuid } = task.node;
    await place.run('call', 'add_cleaning_network', '--host', HOST, '--task', place.taskFile(task));
    return uuid;
  };

  describe('at SIGHUP', () => {
    it('of a worker opens a new file, and reads its levels again', async () => {
      configure('level: info, levels: { worker: error }');
      const worker = place.start(['worker', '--host', HOST, '--config-dir', directory]);
      await says('the worker is ready');
      const silent = await move();

      const rotated = `${file}.1`;
      renameSync(file, rotated);
      configure('level: warn, levels: { worker: info }');
      worker.kill('SIGHUP');
      const { changes } = await says('were changed');
      expect(changes).to.deep.equal([
        'log.level: "info" -> "warn"',
        'log.levels: {"worker":"error"} -> {"worker":"info"}',
      ]);
      const heard = await move();
      await says('add_cleaning_network succeeded');
      expect(lines().some(({ node }) => node === heard)).to.equal(true);
      expect(JSON.stringify([lines(), lines(rotated)])).to.not.contain(silent);
      expect(lines(rotated).map(({ message }) => message)).to.include('the worker is ready');

      configure('level: loud');
      worker.kill('SIGHUP');
      const wrong = await says('the configuration is invalid');
      expect(wrong.level).to.equal('error');
      expect(String(wrong['problems'])).to.contain('log.level is "loud"').and.to.contain('local.yaml');
      const still = await move();
      await until('the levels are as before', () => lines().some(({ node }) => node === still));

      configure('level: info', 'text');
      worker.kill('SIGHUP');
      expect((await says('take effect at the next start'))['changes']).to.deep.equal(['log.format: "json" -> "text"']);
      worker.kill('SIGTERM');
      expect(await worker.ended).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    });

    it('of the API does the same', async () => {
      configure('level: info');
      const env = { NETPROV_AUTH_STRATEGY: 'noauth', NETPROV_API_PORT: '0', NETPROV_API_HEALTH_PORT: 'null' };
      const api = place.start(['api', '--config-dir', directory], env);
      const { address } = await says('the API answers');
      renameSync(file, `${file}.1`);
      configure('level: info, levels: { api: error }');
      api.kill('SIGHUP');
      await says('were changed');
      expect((await fetch(`${String(address)}/v1`)).status).to.equal(200);
      api.kill('SIGTERM');
      expect((await api.ended).code).to.equal(0);
      expect(lines().filter(({ component }) => component === 'api')).to.deep.equal([]);
    });

    it('ends every other command', async () => {
      const results = place.start(['results', '--host', HOST]);
      await results.says('listening');
      results.kill('SIGHUP');
      expect((await results.ended).code, 'ended by the signal').to.equal(null);
    });
  });

  it('of other commands goes to standard error, whatever log.file says', async () => {
    configure('level: debug');
    const { code, stderr } = await place.run('ping', '--host', HOST, '--config-dir', directory);
    expect(code).to.not.equal(0);
    expect(stderr).to.contain('connected to RabbitMQ');
    expect(existsSync(file)).to.equal(false);
  });

  it('must be a file that can be written', async () => {
    file = join(directory, 'nowhere', 'netprov.log');
    configure('level: info');
    const { code, stderr } = await place.run('worker', '--host', HOST, '--config-dir', directory);
    expect(code).to.equal(2);
    expect(stderr).to.contain(`log.file is "${file}": cannot be opened for appending: ENOENT`);
  });

  describe('of operations', () => {
    /** A plug-in that logs, and whose methods end in different ways. */
    const startWorker = async (): Promise<Netprov> => {
      const plugin = join(directory, 'various.mjs');
      const text = `
        let tries = 0;
        const done = { bindings: [], failures: [] };
        const ways = {
          add_cleaning_network: async ({ log }) => {
            log.info('the provider is at work');
            if (tries++ === 0) throw Object.assign(new Error('busy'), { name: 'TransientError' });
            return done;
          },
          remove_cleaning_network: async () => { throw new Error('a fault of the plug-in'); },
        };
        const names = ['add_provisioning_network', 'remove_provisioning_network', 'configure_tenant_networks',
          'unconfigure_tenant_networks'];
        export default () => ({ ...Object.fromEntries(names.map((name) => [name, async () => done])), ...ways });
      `;
      writeFileSync(plugin, text);
      writeFileSync(join(directory, 'local.yaml'), 'log: { format: json, level: debug }');
      return place.startWorker({
        NETPROV_CONFIG_DIR: directory,
        NETPROV_PROVIDERS: `{ various: ${plugin} }`,
        NETPROV_DEFAULT_NETWORK_PROVIDER: 'various',
        NETPROV_WORKER_RETRY_INITIAL_DELAY: '0.01',
        NETPROV_OSLO_MESSAGING_RABBIT_KOMBU_MISSING_CONSUMER_RETRY_TIMEOUT: '0',
      });
    };

    it('has request id, operation, node and host in every line', async () => {
      const worker = await startWorker();
      const { node, ports } = sampleTask();
      const ids = { request_id: `req-${randomUUID()}`, operation: randomUUID(), node: node.uuid, host: HOST };
      const send = (fields: object): Promise<void> => {
        const request = { args: { task: { node, ports } }, version: '1.0', _context_request_id: ids.request_id };
        return place.send(HOST_QUEUE, JSON.stringify({ ...request, ...fields }));
      };
      // A call whose caller is gone, its repeat, and one that ends as a dead letter.
      const gone = { _msg_id: randomUUID(), _reply_q: `reply_${randomUUID()}`, _timeout: 2 };
      await send({ method: 'add_cleaning_network', _unique_id: ids.operation, ...gone });
      await worker.says('the caller is gone');
      await send({ method: 'add_cleaning_network', _unique_id: ids.operation });
      await worker.says('repeat of a finished operation');
      const failing = randomUUID();
      await send({ method: 'remove_cleaning_network', _unique_id: failing });
      await send({ method: 'reboot', _unique_id: failing });
      await until('two dead letters', () => worker.stderr.split('became a dead letter').length >= 3);

      const all = linesOf(worker.stderr);
      const about = all.filter((line) => JSON.stringify(line).includes(node.uuid));
      for (const line of about) {
        const operation = [ids.operation, failing].find((id) => id === line['operation']);
        expect(line, line.message).to.deep.include({ ...ids, operation });
        expect(operation, line.message).to.be.a('string');
      }
      const said = new Set(about.map(({ component, message }) => `${component}: ${message}`));
      expect([...said]).to.have.members([
        'providers: the provider is at work',
        'worker: transient fault, trying again',
        'worker: add_cleaning_network succeeded',
        'rpc: the caller is gone: its reply queue does not exist',
        'worker: repeat of a finished operation; answering again',
        'worker: unexpected error in a network provider',
        'worker: remove_cleaning_network failed',
        'worker: message became a dead letter',
      ]);
      // Nothing about an operation can be among the others.
      const others = all.filter((line) => !about.includes(line));
      expect(others.filter((line) => 'operation' in line)).to.deep.equal([]);
      expect(others.map(({ message }) => message).filter((message) => /cleaning|letter|caller/.test(message))).to.be
        .empty;
    });
  });
});
