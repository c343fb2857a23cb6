import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { ALERT_TESTS, alertRules, ALERTS, dashboard, expressionsOf } from '../../testkit/fixtures/monitoring.js';
import { until } from '../../testkit/fixtures/poll.js';
import { makeNode, makeTask } from '../../testkit/fixtures/tasks.js';
import { TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { MAY_CREATE_PORTS, Netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { TestPrometheus } from '../../testkit/servers/prometheus.js';
import { Scrape } from '../../testkit/servers/scrape.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST };
const run = promisify(execFile);

/** The panels of things that a worker does not do here: it serves no REST API, and nothing goes wrong. */
const WITHOUT_DATA = [
  'Requests by status',
  'p95 by route',
  '5xx by route',
  'Neutron: what is not a success',
  'Failed, by method and provider',
  'Messages that were not answered at once',
];

describe('Prometheus', () => {
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let worker: Netprov;
  let address: string;
  let prometheus: TestPrometheus;

  before(async () => {
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    const network = await neutron.makeNetwork();
    fixture = await WorkerFixture.create();
    worker = new Netprov(['worker'], {
      NETPROV_HOST: HOST,
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_ENDPOINT: neutron.endpoint,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'neutron',
      NETPROV_PROVISIONING_NETWORK: network.id,
      NETPROV_HEALTH_PORT: '0',
    });
    await worker.says('the worker is ready');
    // It makes a port where the network has no subnet, which counts.
    await worker.says(MAY_CREATE_PORTS);
    address = /address=(\S+)/.exec(worker.stderr)?.[1] ?? '';
    prometheus = await TestPrometheus.start([new URL(address).host], resolve(ALERTS));
    // It takes some seconds until it begins; a counter's first step is seen only after a scrape before it.
    await until('Prometheus scrapes the worker', async () => (await value('up')) === 1);
  });
  after(async () => {
    await prometheus.stop();
    await worker.stop();
    await fixture.drop();
    await agents.drop();
    await neutron.drop();
  });

  const value = async (expression: string): Promise<number | null> => {
    const [series] = await prometheus.query(expression);
    return series === undefined ? null : Number(series.value[1]);
  };

  it('gets what a worker does in Neutron', async () => {
    const task = makeTask({ node: makeNode({ network_provider: null }) });
    await agents.report(task.node.uuid);
    const created = 'netprov_neutron_requests_total{call="create_port",status="201"}';
    const deleted = 'netprov_neutron_requests_total{call="delete_port",status="204"}';
    const before = await Scrape.of(address);
    const since = async (series: string): Promise<number> => ((await value(series)) ?? 0) - (before.value(series) ?? 0);
    await fixture.client.call(TARGET, 'add_provisioning_network', { task });
    await fixture.client.call(TARGET, 'remove_provisioning_network', { task });
    await fixture.client.cast(TARGET, 'add_provisioning_network', { task });
    const done = 'sum(netprov_operations_total{outcome="succeeded", provider="neutron"})';
    await until('Prometheus knows of the three operations', async () => (await value(done)) === 3);
    expect(await since(created)).to.equal(4);
    expect(await since(deleted)).to.equal(2);
    expect(await since('netprov_neutron_request_duration_seconds_count{call="create_port"}')).to.equal(4);
    const seconds = (await value('netprov_operation_stage_duration_seconds_sum{stage="provider"}')) ?? 0;
    const requests = (await value('netprov_neutron_request_duration_seconds_sum{call="create_port"}')) ?? 0;
    expect(seconds).to.be.greaterThan(0);
    expect(requests).to.be.greaterThan(0);
    const { text } = await Scrape.of(address);
    expect(text).to.not.contain(task.node.uuid).and.to.not.contain(new URL(neutron.endpoint).host);
  });

  it('takes each expression of the dashboard, and has data for it', async () => {
    const empty = new Set<string>();
    for (const { title, expr } of expressionsOf(dashboard())) {
      if ((await prometheus.query(expr)).length === 0) empty.add(title);
    }
    expect([...empty].filter((title) => !WITHOUT_DATA.includes(title))).to.deep.equal([]);
  });

  it('takes each alert rule, and fires none', async () => {
    const names = alertRules().map(({ alert }) => alert);
    const rules = await until('all rules are evaluated', async () => {
      const all = await prometheus.rules();
      return all.every(({ health }) => health !== 'unknown') && all;
    });
    expect(rules.map(({ name }) => name)).to.have.members(names);
    expect(rules.filter(({ health }) => health !== 'ok')).to.deep.equal([]);
    for (const { expr } of alertRules()) await prometheus.query(expr);
    expect(await prometheus.query('ALERTS{alertstate="firing"}')).to.deep.equal([]);
  });

  it('has promtool find the rules well made, and each alert firing in its story', async () => {
    expect((await run('promtool', ['check', 'rules', ALERTS])).stdout).to.contain(`${alertRules().length} rules found`);
    expect((await run('promtool', ['test', 'rules', ALERT_TESTS])).stdout).to.contain('SUCCESS');
  });
});
