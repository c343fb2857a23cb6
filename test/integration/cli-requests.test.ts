import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { expect } from 'chai';

import type { OperationResult } from '../../src/contract/types.js';
import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { json, netprov } from '../../testkit/servers/netprov.js';

const TOPIC = 'ironic.network_provider';

function textsOf(results: OperationResult[]): string[] {
  return results.map(({ operation_id, status }) => `${operation_id} ${status}`).sort();
}

describe('netprov', () => {
  const place = new CommandPlace();
  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(() => place.close());

  describe('call', () => {
    beforeEach(() => place.startWorker());

    for (const encoding of ['json', 'protobuf']) {
      it(`prints the result, in ${encoding}`, async () => {
        const task = sampleTask();
        const args = ['--task', place.taskFile(task), '--encoding', encoding, '--call-monitor-timeout', '60', '--json'];
        const ended = await place.run('call', 'add_cleaning_network', '--host', HOST, ...args);
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

    it('prints the result as a table, for a task from standard input that any worker runs', async () => {
      const task = sampleTask();
      const args = ['call', 'configure_tenant_networks', '--task', '-'];
      const { code, stdout } = await netprov(args, place.env, JSON.stringify(task));
      expect(code).to.equal(0);
      expect(stdout).to.contain(`configure_tenant_networks succeeded: node ${task.node.uuid}, provider none`);
    });

    it('attaches VIFs, lists them, and prints the answers', async () => {
      const task = sampleTask();
      const [first, second] = task.ports.map(({ uuid }) => uuid);
      const [vif, other] = [randomUUID(), randomUUID()];
      const file = place.taskFile(task);
      const node = ['--host', HOST, '--node-id', task.node.uuid];
      const done = async (method: string, ...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await place.run('call', method, ...args);
        expect({ code, stderr }, method).to.deep.equal({ code: 0, stderr: '' });
        return stdout.slice(stdout.indexOf('\n') + 1);
      };
      const attached = ['vif_attach', '--task', file, '--vif', vif, '--port-uuid', second ?? '', '--json'];
      expect(json(await place.run('call', ...attached))).to.deep.include({
        status: 'succeeded',
        network_type: 'tenant',
        warnings: [],
        vifs: [{ id: vif, port_uuid: second }],
      });
      expect(await done('vif_attach', ...node, '--vif', other, '--encoding', 'protobuf')).to.contain(other);
      const listed = await done('vif_list', ...node);
      expect(listed)
        .to.contain(`port ${first ?? ''}`)
        .and.to.contain(`port ${second ?? ''}`);
      expect(await done('get_current_vif', ...node, '--port-uuid', second ?? '')).to.equal(`current VIF: ${vif}\n`);
      const changed = place.taskFile({ ...task.ports[0], address: '52:54:00:00:00:0b' });
      await done('port_changed', ...node, '--port-obj', changed);
      await done('vif_detach', ...node, '--vif-id', vif);
      expect(await done('get_current_vif', ...node, '--port-uuid', second ?? '')).to.equal('current VIF: none\n');
      expect(await done('need_power_on', ...node)).to.equal('must be powered on: no\n');
      const again = await place.run('call', 'vif_detach', ...node, '--vif-id', vif);
      expect(again.code).to.equal(1);
      expect(again.stderr).to.match(/^netprov: VifNotAttached: .*\n$/);
    });

    it('names a node that the worker has stored', async () => {
      const task = sampleTask();
      await place.run('call', 'add_cleaning_network', '--host', HOST, '--task', place.taskFile(task));
      const stored = await place.run('call', 'remove_cleaning_network', '--host', HOST, '--node-id', task.node.uuid);
      expect(stored).to.deep.include({ code: 0, stderr: '' });
      const unknown = await place.run('call', 'remove_cleaning_network', '--host', HOST, '--node-id', randomUUID());
      expect(unknown.code).to.equal(1);
      expect(unknown.stderr).to.match(/^netprov: NodeNotFound: .*\n$/);
    });

    it('prints the error that the worker raised', async () => {
      const file = place.taskFile(sampleTask({ network_provider: 'acme' }));
      const ended = await place.run('call', 'add_cleaning_network', '--host', HOST, '--task', file, '--json');
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
        [['call', 'move', '--task', place.taskFile()], 'add_provisioning_network'],
        [['call', 'add_cleaning_network'], '--task FILE'],
        [
          ['call', 'add_cleaning_network', '--task', place.taskFile(), '--node-id', randomUUID()],
          'cannot be used with',
        ],
        [['cast', 'add_cleaning_network', '--node-id', 'node-1'], 'node_id must be a UUID'],
        [['cast', 'add_cleaning_network', '--task', place.taskFile({ node: {} })], 'task.node.uuid is missing'],
        [
          ['cast', 'add_cleaning_network', '--task', place.taskFile({ ...task, ports: [{ ...port, address: 'x' }] })],
          'MAC',
        ],
        [['cast', 'add_cleaning_network', '--task', join(place.directory, 'missing')], 'cannot be read'],
        [['cast', 'add_cleaning_network', '--task', place.taskFile(), '--encoding', 'xml'], 'json, protobuf'],
        [['call', 'vif_attach', '--task', place.taskFile()], 'vif_attach needs --vif'],
        [['call', 'vif_list', '--task', place.taskFile(), '--vif-id', randomUUID()], 'vif_list does not take --vif-id'],
        [['cast', 'vif_attach', '--task', place.taskFile(), '--vif', '..'], 'vif_info.id'],
        [['call', 'port_changed', '--task', '-', '--port-obj', '-'], 'standard input can be only one of'],
        [['call', 'port_changed', '--task', place.taskFile(), '--port-obj', place.taskFile(task)], 'port_obj.uuid'],
        [['cast', 'update_dhcp_options', '--node-id', task.node.uuid, '--dhcp-option', '='], 'name=value'],
        [['call', 'validate', '--node-id', task.node.uuid, '--network-type', 'storage'], 'Allowed choices'],
        [['results', '--host', HOST, '--count', '0'], 'from 1 to'],
        [['results'], '--host'],
        [['topology', 'declare'], '--host'],
        [['ping', '--host', HOST, '--timeout', 'soon'], 'number of seconds'],
        [['nope'], 'unknown command'],
      ];
      await Promise.all(
        wrong.map(async ([args, sentence]) => {
          const { code, stdout, stderr } = await place.run(...args);
          expect({ code, stdout }, args.join(' ')).to.deep.equal({ code: 2, stdout: '' });
          expect(stderr, args.join(' ')).to.contain(sentence);
          expect(stderr).to.not.match(/^ +at /m);
        }),
      );
      expect(await place.broker.queues()).to.deep.equal([]);
    });

    it('show a stack when asked to', async () => {
      const { stderr } = await place.run('--debug', 'call', 'add_cleaning_network', '--node-id', 'x');
      expect(stderr).to.match(/^ +at /m);
    });
  });

  describe('cast and results', () => {
    it('say that no worker has ever served the host, and what to do', async () => {
      const { code, stderr } = await place.run(
        'cast',
        'add_cleaning_network',
        '--host',
        HOST,
        '--task',
        place.taskFile(),
      );
      expect(code).to.equal(3);
      expect(stderr).to.contain('netprov topology declare');
    });

    it('wait in declared queues until a worker starts, and then print the results', async () => {
      const declared = await place.run('topology', 'declare', '--host', HOST, 'conductor-2', '--json');
      const queues = [TOPIC, `${TOPIC}.${HOST}`, `${TOPIC}.conductor-2`, `${TOPIC}_fanout`, `${TOPIC}.journal`];
      queues.push(`${TOPIC}.dead`);
      expect(json(declared)).to.deep.equal({ exchange: 'ironic', queues });
      expect(await place.broker.queues()).to.have.members(queues);

      const first = await place.run('cast', 'add_cleaning_network', '--host', HOST, '--task', place.taskFile());
      expect(first).to.deep.include({ code: 0, stderr: '' });
      const args = [
        '--task',
        place.taskFile(),
        '--encoding',
        'protobuf',
        '--json',
        '--request-id',
        `req-${randomUUID()}`,
      ];
      const second = await place.run('cast', 'add_provisioning_network', '--host', HOST, ...args);
      const ids = [first.stdout.trim(), (json(second) as { operation_id: string }).operation_id];
      await until('both wait', async () => (await place.broker.counts(`${TOPIC}.${HOST}`)).ready === 2);

      const results = place.start(['results', '--host', HOST, '--count', '2', '--json']);
      await results.says('listening');
      await place.startWorker();
      const { code, stdout } = await results.ended;
      expect(code).to.equal(0);
      const printed = stdout.trim().split('\n');
      expect(textsOf(printed.map((line) => JSON.parse(line) as OperationResult))).to.deep.equal(
        ids.map((id) => `${id} succeeded`).sort(),
      );
      expect((await place.broker.queues()).filter((name) => name.includes('copy'))).to.deep.equal([]);
    });

    it('end with exit code 3 when too few results came in time, and with 0 on Ctrl-C', async () => {
      const late = await place.run('results', '--host', HOST, '--count', '1', '--timeout', '0.2');
      expect(late.code).to.equal(3);
      expect(late.stderr).to.contain('1 of 1 results did not come');
      expect((await place.run('results', '--host', HOST, '--timeout', '0.2')).code).to.equal(0);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const results = place.start(['results', '--host', HOST]);
        await results.says('listening');
        results.kill(signal);
        expect((await results.ended).code).to.equal(0);
      }
    });

    it('end by the signal when fewer results than --count came', async () => {
      const results = place.start(['results', '--host', HOST, '--count', '2']);
      await results.says('listening');
      results.kill('SIGINT');
      const { code, stderr } = await results.ended;
      expect(code).to.equal(130);
      expect(stderr).to.contain('2 of 2 results did not come');
    });

    it('say that nobody serves the host whose results are waited for', async () => {
      const listen = async (said: string): Promise<void> => {
        const results = place.start(['results', '--host', HOST]);
        await results.says(said);
        results.kill('SIGINT');
        expect((await results.ended).code).to.equal(0);
      };
      await listen(`conductor host ${HOST}: no worker has served it yet, and casts to it are lost`);
      await place.run('topology', 'declare', '--host', HOST);
      await place.run('cast', 'add_cleaning_network', '--host', HOST, '--task', place.taskFile());
      await listen(`conductor host ${HOST}: no worker serves it now, and 1 request waits in its queue`);
      await place.startWorker();
      const served = place.start(['results', '--host', HOST, '--timeout', '1']);
      expect((await served.ended).stderr).to.equal(`listening for results of ${HOST}\n`);
    });

    it('end with exit code 3 when there is no broker', async () => {
      place.env = { ...place.env, NETPROV_TRANSPORT_URL: 'rabbit://guest:sesame@127.0.0.1:1/' };
      const { code, stderr } = await place.run(
        'call',
        'add_cleaning_network',
        '--task',
        place.taskFile(),
        '--timeout',
        '2',
      );
      expect(code).to.equal(3);
      expect(stderr).to.match(/netprov: RabbitMQ could not be reached within 2 s: .*127\.0\.0\.1:1.*\n$/);
      expect(stderr).to.not.contain('sesame');
    });
  });

  describe('ping', () => {
    it('gets a pong from the worker of a host, and nothing from a host without one', async () => {
      await place.startWorker();
      expect((await place.run('ping', '--host', HOST)).stdout).to.match(
        /^pong from the worker of conductor-1 after \d+ ms\n$/,
      );
      expect((await place.run('ping', '--host', 'conductor-2')).code).to.equal(3);
      await place.run('topology', 'declare', '--host', 'conductor-2');
      const silent = await place.run('ping', '--host', 'conductor-2', '--timeout', '2');
      expect(silent.code).to.equal(3);
      expect(silent.stderr).to.match(/within 2 s/);
    });
  });

  describe('of a host that no worker serves', () => {
    beforeEach(() => place.run('topology', 'declare', '--host', HOST));

    it('call says at once that no worker serves it and how many requests wait, and is answered later', async () => {
      const task = ['--host', HOST, '--task', place.taskFile()];
      await place.run('cast', 'add_cleaning_network', ...task);
      const calling = place.start(['call', 'add_cleaning_network', ...task, '--timeout', '120']);
      const said = `netprov: no worker takes requests of conductor host ${HOST} now, and 1 waits in the queue; `;
      await calling.says(said);
      expect(calling.stderr).to.equal(`${said}waiting up to 120 s, because a worker may be starting\n`);
      await until('both wait', async () => (await place.broker.counts(`${TOPIC}.${HOST}`)).ready === 2);
      await place.startWorker();
      expect((await calling.ended).code).to.equal(0);
    });

    it('ping and a call that names no host say so too, and end after their timeout', async () => {
      const ping = await place.run('ping', '--host', HOST, '--timeout', '2');
      expect(ping.code).to.equal(3);
      expect(ping.stderr).to.contain(`no worker takes requests of conductor host ${HOST} now, and 0 wait in the queue`);
      const call = await place.run('call', 'vif_list', '--node-id', randomUUID(), '--timeout', '2');
      expect(call.code).to.equal(3);
      expect(call.stderr).to.contain('no worker takes requests that name no conductor host now, and 0 wait');
    });
  });
});
