import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import type { MethodName } from '../../src/contract/methods.js';
import { NetworkProviderClient, type OperationResult, type TaskInput } from '../../src/index.js';
import { SwitchController } from '../../testkit/fakes/switch-controller.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Netprov } from '../../testkit/servers/netprov.js';

const HOST = 'conductor-1';
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A node with two NICs on ports of one switch that no other node has. */
function wiredTask(): TaskInput {
  const cable = (port_id: string): ReturnType<typeof samplePort> => {
    return samplePort({ local_link_connection: { switch_id: `sw/${randomUUID()}`, port_id } });
  };
  return { ...sampleTask(), ports: [cable('Ethernet1/1'), cable('Ethernet1/2')] } as TaskInput;
}

/** The plug-in of examples/provider, as an operator has it: a file in the option providers, and a worker. */
describe('examples/provider', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let controller: SwitchController;
  let worker: Netprov;
  let client: NetworkProviderClient;

  const startWorker = async (): Promise<void> => {
    const env = {
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_DATABASE_URL: database.connection,
      NETPROV_PROVIDERS: '{acme: ./examples/provider/switch-controller.js}',
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'acme',
      NETPROV_PROVISIONING_NETWORK: 'deploy',
      NETPROV_CLEANING_NETWORK: 'clean',
      NETPROV_WORKER_RETRY_INITIAL_DELAY: '0.05',
      NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '3',
      NETPROV_WORKER_SHUTDOWN_TIMEOUT: '0',
      NETPROV_HEALTH_PORT: '0',
      SWITCH_CONTROLLER_URL: controller.url,
    };
    worker = new Netprov(['worker', '--host', HOST], env, { cwd: ROOT });
    await worker.says('the worker is ready');
  };
  before(async () => {
    broker = await TestBroker.create();
    database = await createDatabase();
    controller = await SwitchController.start();
    client = new NetworkProviderClient({ transportUrl: broker.url(), connectionName: 'test client' });
    await startWorker();
  });
  after(async () => {
    await client.close();
    await worker.stop();
    await controller.stop();
    await database.drop();
    await broker.drop();
  });
  beforeEach(() => {
    controller.attachments.clear();
    controller.requests.splice(0);
    controller.begins = 'active';
    controller.fate = () => 'pass';
  });

  const call = (method: MethodName, task: TaskInput): Promise<OperationResult> =>
    client.call(method, { host: HOST, task, timeout: 120 });
  const plugged = ({ node }: TaskInput): string[] => controller.networksOf(node.uuid);
  /** The task with a VIF on the first port. */
  const withVif = ({ node, ports = [] }: TaskInput): TaskInput => ({
    node,
    ports: ports.map((port, index) => (index > 0 ? port : { ...port, internal_info: { tenant_vif_port_id: 'vif-1' } })),
  });
  const bothOn = (network: string): string[] => [`Ethernet1/1 ${network}`, `Ethernet1/2 ${network}`];

  it('moves a node, and says what it is bound to', async () => {
    const task = wiredTask();
    const { bindings, network_provider } = await call('add_provisioning_network', task);
    expect(network_provider).to.equal('acme');
    expect(plugged(task)).to.deep.equal(bothOn('deploy'));
    expect(bindings.map(({ neutron_port_id }) => neutron_port_id)).to.have.members([...controller.attachments.keys()]);
    for (const [index, binding] of bindings.entries()) {
      const port = task.ports?.[index];
      expect(binding).to.include({ port_uuid: port?.uuid, mac_address: port?.address, status: 'ACTIVE' });
      expect(binding).to.deep.include({ profile: { local_link_information: [port?.local_link_connection] } });
    }
    await call('remove_provisioning_network', task);
    expect(plugged(task)).to.deep.equal([]);
  });

  it("takes the network from driver_info, and a tenant's from the VIFs", async () => {
    const task = wiredTask();
    const own = { ...task, node: { ...task.node, driver_info: { cleaning_network: 'own' } } };
    await call('add_cleaning_network', own);
    expect(plugged(task)).to.deep.equal(bothOn('own'));
    const beside = await rejection(call('configure_tenant_networks', withVif(task)));
    expect(beside).to.include({ className: 'NetworkError' });
    expect(beside?.message).to.contain('still on its cleaning network');
    await call('remove_cleaning_network', own);
    await call('configure_tenant_networks', withVif(task));
    expect(plugged(task)).to.deep.equal(['Ethernet1/1 vif-1']);
    // The task may have changed since: what is on record goes.
    await call('unconfigure_tenant_networks', { ...task, ports: [] });
    expect(plugged(task)).to.deep.equal([]);
  });
  it('gives the same result when the same request comes twice', async () => {
    const task = wiredTask();
    const first = await call('add_cleaning_network', task);
    const second = await call('add_cleaning_network', task);
    expect(second.bindings).to.deep.equal(first.bindings);
    expect(controller.attachments).to.have.property('size', 2);
    await call('remove_cleaning_network', task);
    await call('remove_cleaning_network', task);
    expect(plugged(task)).to.deep.equal([]);
  });

  it('waits until the switch port is active', async () => {
    controller.begins = 'pending';
    const task = wiredTask();
    await call('add_cleaning_network', task);
    expect([...controller.attachments.values()].map(({ state }) => state)).to.deep.equal(['active', 'active']);
    controller.begins = 'error';
    const error = await rejection(call('add_cleaning_network', wiredTask()));
    expect(error).to.include({ className: 'NetworkError' });
    expect(error?.message).to.match(/Ethernet1\/\d of sw\/.* is error, not active$/);
    expect(controller.attachments, 'undone').to.have.property('size', 2);
  });

  it('retries transient faults, and undoes its changes when the retries fail', async () => {
    let faults = 2;
    controller.fate = (request) => (request.startsWith('PUT') && faults-- > 0 ? 503 : 'pass');
    const task = wiredTask();
    expect(await call('add_cleaning_network', task)).to.include({ status: 'succeeded' });

    const other = wiredTask();
    let puts = 0;
    controller.fate = (request) => (request.startsWith('PUT') && puts++ % 2 === 1 ? 503 : 'pass');
    const error = await rejection(call('add_cleaning_network', other));
    expect(error).to.include({ className: 'NetworkError' });
    expect(error?.message).to.match(/^gave up after repeated transient faults; .* the switch controller answered 503$/);
    expect(puts, 'the first attempt and three more').to.equal(8);
    expect(plugged(other)).to.deep.equal([]);
  });

  it('fails at once when the controller refuses: all or nothing', async () => {
    const task = wiredTask();
    await call('add_cleaning_network', task);
    const [, second] = task.ports ?? [];
    const thief = wiredTask();
    const ports = thief.ports?.map((port, index) =>
      index === 0 ? port : { ...port, local_link_connection: second?.local_link_connection ?? {} },
    );
    controller.requests.splice(0);
    const error = await rejection(call('add_cleaning_network', { ...thief, ports: ports ?? [] }));
    expect(error).to.include({ className: 'NetworkError' });
    expect(error?.message).to.contain(`is plugged in for node ${task.node.uuid}`);
    expect(controller.requests.filter((line) => line.startsWith('PUT'))).to.have.length(2);
    expect(plugged(thief)).to.deep.equal([]);
    expect(plugged(task)).to.deep.equal(bothOn('clean'));
  });

  it('names missing fields before it changes anything', async () => {
    const { node, ports = [] } = wiredTask();
    const cases: [MethodName, TaskInput, string, string][] = [
      ['add_rescuing_network', { node, ports }, 'MissingParameterValue', 'rescuing_network is not set'],
      ['configure_tenant_networks', { node, ports }, 'NetworkError', 'has no port for its tenant network'],
      ['add_cleaning_network', { node }, 'NetworkError', 'has no port for its cleaning network'],
      [
        'validate',
        { node, ports: ports.map((port) => ({ ...port, local_link_connection: {} })) },
        'InvalidParameterValue',
        'local_link_connection must have switch_id and port_id',
      ],
      ['vif_list', { node, ports }, 'UnsupportedDriverExtension', 'network provider acme does not support vif_list'],
    ];
    for (const [method, task, className, message] of cases) {
      const error = await rejection(call(method, task));
      expect(error, method).to.include({ className });
      expect(error?.message).to.contain(message);
    }
    expect(await call('validate', { node, ports })).to.include({ status: 'succeeded' });
    expect(await call('need_power_on', { node, ports })).to.include({ need_power_on: false });
    expect(controller.requests).to.deep.equal([]);
  });

  it('stops when the worker stops, and another worker finishes the work', async () => {
    controller.fate = (request) => (request.startsWith('PUT') ? 'hang' : 'pass');
    const task = wiredTask();
    const calling = call('add_cleaning_network', task);
    await until('the request hangs', () => controller.requests.length === 2);
    const begin = worker.stderr.length;
    const { code, stderr } = await worker.stop();
    expect(code).to.equal(0);
    expect(stderr.slice(begin), 'not after the time that a request may take').not.to.include('transient fault');
    expect(controller.requests.filter((line) => line.startsWith('DELETE'))).to.deep.equal([]);
    controller.fate = () => 'pass';
    await startWorker();
    expect(await calling).to.include({ status: 'succeeded' });
    expect(plugged(task)).to.deep.equal(bothOn('clean'));
  });
});
