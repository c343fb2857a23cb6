import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { CommanderError, InvalidArgumentError } from 'commander';

import { ConnectionLost, InvalidTransportUrl, TopologyMismatch, Undeliverable } from '../../src/amqp/index.js';
import { EXIT_HELP, explain, report } from '../../src/cli/exit.js';
import { readMove, seconds, wholeNumber } from '../../src/cli/input/argument-parsers.js';
import { describeResult, table } from '../../src/cli/output/output.js';
import { ConfigurationError, loadConfig } from '../../src/config/load.js';
import { InvalidParameterValue } from '../../src/contract/errors.js';
import type { OperationResult } from '../../src/contract/types.js';
import { silentLogger } from '../../src/log/log.js';
import { MessagingTimeout, RemoteError } from '../../src/rpc/index.js';
import { connectionOptions, exchangeOptions } from '../../src/services/connect.js';
import { DatabaseUnreachable, EXIT, UsageError } from '../../src/services/errors.js';
import { workerOptions } from '../../src/services/run-worker.js';
import { SchemaBehind } from '../../src/state/index.js';
import { versionAndCommit } from '../../src/version.js';

const coded = (code: string, message = 'no'): Error => Object.assign(new Error(message), { code });

const RESULT: OperationResult = {
  operation_id: 'op-1',
  node_uuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123',
  method: 'add_cleaning_network',
  network_provider: 'neutron',
  network_type: 'cleaning',
  status: 'succeeded',
  bindings: [
    {
      port_uuid: null,
      portgroup_uuid: 'group-1',
      neutron_port_id: 'neutron-1',
      network_id: 'network-1',
      host_id: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123',
      vnic_type: 'baremetal',
      vif_type: 'other',
      status: 'ACTIVE',
      mac_address: '52:54:00:12:34:56',
      fixed_ips: [{ subnet_id: 'subnet-1', ip_address: '10.0.0.5' }],
      profile: {},
    },
  ],
  failures: [],
  warnings: [],
  error: null,
};

describe('the command line', () => {
  describe('exit codes', () => {
    const cases: [string, unknown, number][] = [
      ['a remote error', new RemoteError('NetworkError', 'ironic.common.exception', 'no', ''), EXIT.failed],
      ['anything unforeseen', new Error('no'), EXIT.failed],
      ['what is no error', 'no', EXIT.failed],
      ['a wrong configuration', new ConfigurationError(['no']), EXIT.usage],
      ['wrong arguments', new UsageError('no'), EXIT.usage],
      ['a task that cannot be used', new InvalidParameterValue('no'), EXIT.usage],
      ['a wrong transport_url', new InvalidTransportUrl('no'), EXIT.usage],
      ['a queue of another kind', new TopologyMismatch('no', 'queue', 'durable'), EXIT.usage],
      ['a database that does not know us', coded('ER_ACCESS_DENIED_ERROR'), EXIT.usage],
      ['a database that does not exist', coded('ER_BAD_DB_ERROR'), EXIT.usage],
      ['a port that is taken', coded('EADDRINUSE'), EXIT.usage],
      ['no reply', new MessagingTimeout('no'), EXIT.unreachable],
      ['no broker', new ConnectionLost('no'), EXIT.unreachable],
      ['no queue', new Undeliverable('no'), EXIT.unreachable],
      ['no database', new DatabaseUnreachable(coded('ECONNREFUSED')), EXIT.unreachable],
      ['no migrations', new SchemaBehind(['A']), EXIT.schemaBehind],
    ];
    for (const [what, error, code] of cases) {
      it(`is ${code} for ${what}`, () => {
        expect(explain(error).code).to.equal(code);
        expect(explain(error).message).to.contain('no');
      });
    }

    it('is 0 for help that was asked for, and 2 for arguments that commander refuses', () => {
      expect(report(new CommanderError(0, 'commander.helpDisplayed', ''), false)).to.equal(EXIT.ok);
      expect(report(new CommanderError(1, 'commander.unknownOption', ''), false)).to.equal(EXIT.usage);
    });

    it('are all in --help', () => {
      for (const code of Object.values(EXIT)) expect(EXIT_HELP).to.match(new RegExp(`^  ${code}  \\w`, 'm'));
    });

    it('come with the messages of all causes when an error has no message of its own', () => {
      const error = Object.assign(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]), {
        code: 'ECONNREFUSED',
      });
      expect(explain(new DatabaseUnreachable(error)).message).to.contain('::1 refused; 127.0.0.1 refused');
    });
  });

  describe('arguments', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'netprov-cli-'));
    });
    afterEach(() => {
      rmSync(directory, { recursive: true });
    });

    const refusal = async (task: string, limit = 100): Promise<string> => {
      try {
        await readMove({ task }, limit);
      } catch (error) {
        expect(error).to.be.instanceOf(UsageError);
        return (error as Error).message;
      }
      return 'no refusal';
    };

    it('are numbers within their limits', () => {
      expect(wholeNumber(1, 10)('7')).to.equal(7);
      expect(seconds('0.5')).to.equal(0.5);
      for (const text of ['0', '11', '1.5', '-1', '', 'x', '1e1']) {
        expect(() => wholeNumber(1, 10)(text), text).to.throw(InvalidArgumentError, 'from 1 to 10');
      }
      for (const text of ['0', '-1', '', ' ', 'x', '86401', 'Infinity']) {
        expect(() => seconds(text), text).to.throw(InvalidArgumentError, 'seconds');
      }
    });

    it("can be a task in a file, or a node's UUID", async () => {
      const file = join(directory, 'task.json');
      writeFileSync(file, '{"node": {"uuid": "x"}}');
      expect(await readMove({ task: file }, 100)).to.deep.equal({ task: { node: { uuid: 'x' } } });
      expect(await readMove({ nodeId: 'x' }, 100)).to.deep.equal({ nodeId: 'x' });
    });

    it('are refused when the file is missing, too large or not JSON', async () => {
      const file = join(directory, 'task.json');
      expect(await refusal(file)).to.contain(`${file} cannot be read`);
      writeFileSync(file, '{');
      expect(await refusal(file)).to.contain(`${file} is not JSON`);
      writeFileSync(file, ' '.repeat(101));
      expect(await refusal(file)).to.contain('larger than rpc.max_message_bytes, 100');
    });

    it('must name a node', async () => {
      const error = await readMove({}, 100).catch((reason: unknown) => reason);
      expect(String(error)).to.contain('--task FILE').and.to.contain('--node-id UUID');
    });
  });

  describe('the text of a result', () => {
    it('has the result and its bindings', () => {
      const text = describeResult(RESULT);
      expect(text).to.match(/^add_cleaning_network succeeded: node 1be26c0b\S+, provider neutron, operation op-1\n/);
      for (const part of ['portgroup group-1', 'neutron-1', 'other', 'ACTIVE', '10.0.0.5']) {
        expect(text).to.contain(part);
      }
    });

    it('has the error and what failed', () => {
      const error = { class: 'NetworkError', module: 'ironic.common.exception', message: 'binding failed' };
      const failures = [{ port_uuid: 'port-1', portgroup_uuid: null, reason: 'binding_failed' }];
      const text = describeResult({ ...RESULT, status: 'failed', network_provider: '', bindings: [], failures, error });
      expect(text.split('\n').slice(1)).to.deep.equal([
        'NetworkError: binding failed',
        'port port-1 failed: binding_failed',
      ]);
    });

    it('has no control characters', () => {
      const [binding] = RESULT.bindings;
      if (!binding) throw new Error('no binding');
      const bindings = [{ ...binding, status: '\u001b[2J' }];
      const text = describeResult({ ...RESULT, node_uuid: 'a\u0007b\u009bc', bindings });
      expect(text.replaceAll('\n', '')).to.not.match(/\p{Cc}/u);
      expect(table(['a'], [['b\r\nc']])).to.contain('b  c');
    });
  });

  describe('the start of a service', () => {
    it('gives the worker its options in the right units', () => {
      const config = loadConfig({ env: { NETPROV_HOST: 'a,b', NETPROV_WORKER_RETRY_INITIAL_DELAY: '0.25' } });
      expect(workerOptions(config)).to.deep.equal({
        hosts: ['a', 'b'],
        build: versionAndCommit(),
        topic: 'ironic.network_provider',
        exchange: 'ironic',
        exchangeDurable: false,
        exchangeAutoDelete: false,
        fanoutExchangeDurable: false,
        queueType: 'quorum',
        journal: { maxAge: 604_800, maxBytes: 5_000_000_000 },
        prefetch: 1000,
        maxHeldBytes: 134_217_728,
        pingEnabled: false,
        maxMessageBytes: 1_048_576,
        missingReplyTimeout: 60_000,
        defaultNetworkProvider: 'none',
        retry: { maxAttempts: 8, initialDelay: 250, maxDelay: 30_000, deadline: 300_000 },
        maxOperations: 100,
        lease: 1500,
        poison: { suspectAfter: 3, triesAlone: 5 },
        lateWindow: 120,
        owedAfter: 30,
        keepOperations: 2_592_000,
        groupSize: 200,
        shutdownTimeout: 60_000,
      });
    });

    it("declares exchanges as oslo.messaging's options say", () => {
      const none = { exchangeDurable: false, exchangeAutoDelete: false, fanoutExchangeDurable: false };
      for (const [name, exchanges] of [
        ['AMQP_DURABLE_QUEUES', { exchangeDurable: true }],
        ['RABBIT_QUORUM_QUEUE', { exchangeDurable: true }],
        ['RABBIT_TRANSIENT_QUORUM_QUEUE', { fanoutExchangeDurable: true }],
        ['AMQP_AUTO_DELETE', { exchangeAutoDelete: true }],
        ['SSL', {}],
      ] as const) {
        const config = loadConfig({ env: { [`NETPROV_OSLO_MESSAGING_RABBIT_${name}`]: 'true' } });
        expect(exchangeOptions(config), name).to.deep.equal({ exchange: 'ironic', ...none, ...exchanges });
      }
    });

    it('gives the connection its TLS files and retry delays', () => {
      const config = loadConfig({
        env: { NETPROV_OSLO_MESSAGING_RABBIT_SSL: 'true', NETPROV_OSLO_MESSAGING_RABBIT_SSL_CA_FILE: '/ca.pem' },
      });
      const options = connectionOptions(config, 'name', silentLogger());
      expect(options.ssl).to.deep.equal({
        ssl: true,
        ssl_ca_file: '/ca.pem',
        ssl_cert_file: undefined,
        ssl_key_file: undefined,
        ssl_enforce_hostname_verification: true,
      });
      expect(options).to.deep.include({ heartbeat: 60, reconnect: { initialDelay: 1000, maxDelay: 30_000 } });
    });
  });
});
