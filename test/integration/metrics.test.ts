import { expect } from 'chai';

import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import type { Netprov } from '../../testkit/servers/netprov.js';
import { Scrape } from '../../testkit/servers/scrape.js';

const TOPIC = 'ironic.network_provider';
const QUEUE = `${TOPIC}.${HOST}`;

const addressOf = (worker: Netprov): string => /address=(\S+)/.exec(worker.stderr)?.[1] ?? '';

describe('metrics of a worker', () => {
  const place = new CommandPlace();
  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(() => place.close());

  it("count the work that was done, and report the worker's state", async () => {
    const worker = await place.startWorker();
    const address = addressOf(worker);
    const task = place.taskFile(sampleTask());
    const cast = ['cast', 'add_cleaning_network', '--host', HOST, '--task', task];
    expect((await place.run(...cast)).code).to.equal(0);
    expect((await place.run('call', 'vif_list', '--host', HOST, '--task', task)).code).to.equal(0);
    const unknown = place.taskFile(sampleTask({ network_provider: 'nobody-has-this' }));
    expect((await place.run('call', 'add_cleaning_network', '--host', HOST, '--task', unknown)).code).to.equal(1);
    await place.broker.onChannel((channel) =>
      Promise.resolve(channel.sendToQueue(QUEUE, Buffer.from('{"no":'), { contentType: 'application/json' })),
    );
    let differences: [string, number | null][] = [];
    const expected: [string, number][] = [
      ['netprov_ready', 1],
      ['netprov_database_up', 1],
      ['netprov_journal_enabled', 1],
      ['netprov_messages_received_total', 4],
      ['netprov_messages_total{method="add_cleaning_network",outcome="answered"}', 2],
      ['netprov_messages_total{method="vif_list",outcome="answered"}', 1],
      ['netprov_messages_total{method="unknown",outcome="dead"}', 1],
      ['netprov_operations_total{method="add_cleaning_network",provider="none",outcome="succeeded"}', 1],
      ['netprov_operations_total{method="add_cleaning_network",provider="unknown",outcome="failed"}', 1],
      ['netprov_operations_total{method="vif_list",provider="none",outcome="succeeded"}', 1],
      ['netprov_operations_total{method="vif_list",provider="neutron",outcome="failed"}', 0],
      ['netprov_operation_duration_seconds_count{method="vif_list",provider="none"}', 1],
      ...['lane', 'look_up', 'provider', 'commit', 'answer'].map((stage): [string, number] => [
        `netprov_operation_stage_duration_seconds_count{stage="${stage}"}`,
        3,
      ]),
      ['netprov_rpc_replies_total{outcome="sent"}', 2],
      ['netprov_results_published_total{late="false"}', 1],
      ['netprov_dead_letters_total{reason="not_json"}', 1],
      ['netprov_messages_unsettled', 0],
      ['netprov_lanes', 0],
      ['netprov_operations_running', 0],
      ['netprov_operations_held', 0],
      ['netprov_operations_limit', 100],
      [`netprov_queue_consuming{queue="${QUEUE}"}`, 1],
      [`netprov_queue_owned{queue="${QUEUE}"}`, 1],
      [`netprov_queue_owned{queue="${TOPIC}"}`, 0],
      ['netprov_rabbitmq_connected{connection="consumer"}', 1],
      ['netprov_rabbitmq_connections_total{connection="publisher"}', 1],
      ['netprov_rabbitmq_connection_losses_total{connection="consumer"}', 0],
      ['netprov_rabbitmq_blocked{connection="publisher"}', 0],
      ['netprov_neutron_away', 0],
      ['netprov_neutron_request_limit', 32],
    ];
    const scrape = await until('all is counted', async () => {
      const one = await Scrape.of(address);
      const missing = expected.filter(([series, value]) => one.value(series) !== value);
      differences = missing.map(([series]) => [series, one.value(series)]);
      return missing.length === 0 && one;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(differences)}`);
    });
    for (const name of ['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes', 'netprov_build_info']) {
      expect(scrape.names.has(name), name).to.equal(true);
    }
    expect(scrape.text).to.not.contain('nobody-has-this').and.to.not.contain(place.broker.host.password);

    await until('the depths of the queues, a few seconds old at most', async () => {
      const one = await Scrape.of(address);
      return (
        one.value('netprov_dead_letter_queue_messages') === 1 &&
        one.value(`netprov_queue_messages{queue="${QUEUE}"}`) === 0 &&
        one.value(`netprov_queue_consumers{queue="${QUEUE}"}`) === 1 &&
        one.value('netprov_results_owed') === 0
      );
    });
  });

  it('are served while the broker is away, and report that', async () => {
    const worker = place.start(['worker', '--host', HOST], { NETPROV_TRANSPORT_URL: 'rabbit://127.0.0.1:1/' });
    await worker.says('cannot connect to RabbitMQ');
    const scrape = await Scrape.of(addressOf(worker));
    expect(scrape.value('netprov_ready')).to.equal(0);
    expect(scrape.value('netprov_rabbitmq_connected{connection="consumer"}')).to.equal(0);
    expect(scrape.value(`netprov_queue_messages{queue="${QUEUE}"}`)).to.equal(null);
    expect(scrape.value('netprov_dead_letter_queue_messages')).to.equal(null);
    worker.kill('SIGTERM');
    expect((await worker.ended).code).to.equal(0);
  });

  it('are not served when they are disabled', async () => {
    const worker = await place.startWorker({ NETPROV_METRICS_ENABLED: 'false' });
    expect((await fetch(`${addressOf(worker)}/metrics`)).status).to.equal(404);
    expect((await fetch(`${addressOf(worker)}/readyz`)).status).to.equal(200);
  });
});
