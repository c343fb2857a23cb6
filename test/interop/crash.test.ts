import { isDeepStrictEqual } from 'node:util';

import { expect } from 'chai';

import type { MethodName } from '../../src/contract/methods.js';
import { resultToJson } from '../../src/contract/result.js';
import type { OperationResult, Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { type Crash, CRASHES, creates, deletes, type Seen } from '../../testkit/fixtures/crashes.js';
import { until } from '../../testkit/fixtures/poll.js';
import { makeNode, makeTask, withVif } from '../../testkit/fixtures/tasks.js';
import { TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import type { Netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { atRequests, startNetprovWorker, SteeredWorker } from '../../testkit/servers/steered-worker.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST };
const QUEUE = `${TOPIC}.${HOST}`;
const RESULTS = `${TOPIC}_results.${HOST}`;
const NICS = 2;

/** Per method: the network type it changes, what has to be done before, and how many ports are bound in the end. */
const MOVES = {
  add_provisioning_network: { type: 'provisioning', needs: null, bound: NICS },
  remove_provisioning_network: { type: 'provisioning', needs: 'add_provisioning_network', bound: 0 },
  configure_tenant_networks: { type: 'tenant', needs: null, bound: NICS },
  unconfigure_tenant_networks: { type: 'tenant', needs: 'configure_tenant_networks', bound: 0 },
} as const;

describe('a worker that is killed', () => {
  // Each test starts two processes or more and moves a node in Neutron: seconds, many on a busy machine.
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let networks: Record<'provisioning' | 'tenant', { id: string; name: string }>;
  let env: Record<string, string>;
  let task: Task;
  let running: { stop(): Promise<unknown> }[] = [];

  before(async () => {
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    networks = { provisioning: await neutron.makeNetwork(), tenant: await neutron.makeNetwork() };
    fixture = await WorkerFixture.create();
    env = {
      NETPROV_HOST: HOST,
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_ENDPOINT: neutron.endpoint,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'neutron',
      NETPROV_PROVISIONING_NETWORK: networks.provisioning.id,
      NETPROV_NEUTRON_POLL_INTERVAL_MIN: '0.05',
      NETPROV_WORKER_SHUTDOWN_TIMEOUT: '60',
      // It is not to lapse on a slow machine: what is under way would be begun once more.
      NETPROV_WORKER_LEASE: '60',
      NETPROV_HEALTH_PORT: 'null',
    };
  });
  after(async () => {
    await fixture.drop();
    await agents.drop();
    await neutron.drop();
  });

  beforeEach(async () => {
    task = makeTask({ node: makeNode({ network_provider: null }) });
    const vifs = await Promise.all(task.ports.map(() => neutron.makePort(networks.tenant.id)));
    task.ports = task.ports.map((port, index) => withVif(port, vifs[index]?.id ?? ''));
    await agents.report(task.node.uuid);
  });
  afterEach(async () => {
    await Promise.all(running.map((worker) => worker.stop()));
    running = [];
    await fixture.reset();
    for (const { id } of Object.values(networks)) {
      for (const port of await neutron.portsOn(id)) await neutron.removePort(port.id);
    }
  });

  const steered = async (): Promise<SteeredWorker> => {
    const worker = await SteeredWorker.start(fixture, env);
    running.push(worker);
    await fixture.listen(RESULTS);
    return worker;
  };
  const plain = async (): Promise<Netprov> => {
    const worker = await startNetprovWorker(env);
    running.push(worker);
    return worker;
  };
  const cast = (method: MethodName): Promise<string> => fixture.client.cast(TARGET, method, { task });
  const call = (method: MethodName): Promise<unknown> => fixture.client.call(TARGET, method, { task });
  const boundOn = async (type: keyof typeof networks): Promise<NeutronPort[]> =>
    (await neutron.portsOn(networks[type].id)).filter((port) => port['binding:host_id'] === task.node.uuid);
  const seen = async (id: string, method: keyof typeof MOVES): Promise<Seen> => ({
    operation: ((await fixture.operation(id))?.['status'] ?? null) as Seen['operation'],
    bound: (await boundOn(MOVES[method].type)).length,
    results: (await fixture.broker.counts(RESULTS)).ready,
  });

  /** The process of the owner is gone: nobody need wait for its lease. */
  const leaseIsOver = (): Promise<unknown> =>
    fixture.database.dataSource.query('UPDATE queue_owners SET worker_id = NULL');

  /**
   * Waits for results of these operations, in this order, and for every message to be acknowledged: what is not comes back
   * to the queue. Answers with all that came: each is delivered at least once, and no other.
   */
  async function finish(worker: Netprov, ids: readonly string[]): Promise<OperationResult[]> {
    const received: OperationResult[] = [];
    const take = async (): Promise<OperationResult> => {
      const { result } = await fixture.nextCast(RESULTS);
      received.push(result);
      return result;
    };
    for (const id of ids) while ((await take()).operation_id !== id);
    expect((await worker.stop()).code).to.equal(0);
    await until('nobody consumes', async () => (await fixture.broker.counts(QUEUE)).consumers === 0);
    expect((await fixture.broker.counts(QUEUE)).ready).to.equal(0);
    expect((await fixture.broker.counts(`${TOPIC}.dead`)).ready).to.equal(0);
    while ((await fixture.broker.counts(RESULTS)).ready > 0) await take();
    expect(received.filter(({ operation_id: id }) => !ids.includes(id))).to.deep.equal([]);
    return received;
  }

  /** Neutron has the NICs on that network, or nothing of them, and the record of the bindings says the same. */
  async function expectInNeutron(type: keyof typeof networks, bound: number): Promise<NeutronPort[]> {
    const addresses = task.ports.map(({ address }) => address);
    const ports = await neutron.portsOn(networks[type].id);
    const attached = ports.filter((port) => addresses.includes(port.mac_address));
    expect(attached.map((port) => port.mac_address)).to.have.members(bound === 0 ? [] : addresses);
    expect(ports.filter((port) => port['binding:host_id'] !== '')).to.have.members(attached);
    expect(ports).to.have.length(type === 'tenant' ? NICS : bound);
    for (const port of attached) {
      const nic = task.ports.find(({ address }) => address === port.mac_address);
      expect(port).to.include({
        'binding:host_id': task.node.uuid,
        'binding:vnic_type': 'baremetal',
        'binding:vif_type': 'other',
        status: 'ACTIVE',
      });
      expect(port['binding:profile']['local_link_information']).to.deep.equal([nic?.local_link_connection]);
      if (type === 'tenant') expect(port.id).to.equal(nic?.internal_info['tenant_vif_port_id']);
    }
    const rows = await fixture.database.dataSource.query<Record<string, unknown>[]>(
      'SELECT neutron_port_id, host_id, status, mac_address FROM port_bindings WHERE node_uuid = ? AND network_type = ?',
      [task.node.uuid, type],
    );
    const wanted = attached.map((port) => ({
      neutron_port_id: port.id,
      host_id: task.node.uuid,
      status: 'ACTIVE',
      mac_address: port.mac_address,
    }));
    expect(rows.map((row) => ({ ...row }))).to.have.deep.members(wanted);
    return attached;
  }

  /** One row for the operation, whose stored result is what was sent, every time that it was sent. */
  async function expectOneOutcome(id: string, attempts: number, sent: OperationResult[]): Promise<void> {
    const rows = await fixture.database.dataSource.query<Record<string, unknown>[]>(
      'SELECT * FROM operations WHERE id = ?',
      [id],
    );
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include({ status: 'succeeded', attempts });
    const stored = rows[0]?.['result'];
    const result = (typeof stored === 'string' ? JSON.parse(stored) : stored) as OperationResult;
    expect(result).to.include({ operation_id: id, status: 'succeeded', error: null });
    for (const one of sent) if (one.operation_id === id) expect(one).to.deep.equal(resultToJson(result));
  }

  async function survives({ method, hold, leaves }: Crash): Promise<void> {
    const { type, needs, bound } = MOVES[method];
    const worker = await steered();
    if (needs) await call(needs);
    const reached = hold(worker);
    const id = await cast(method);
    await worker.killAt(reached, async () => isDeepStrictEqual(await seen(id, method), leaves));
    const left = await boundOn(type);
    const row = await fixture.operation(id);

    await leaseIsOver();
    // What was sent before the death is sent once more.
    const results = await finish(await plain(), Array<string>(leaves.results + 1).fill(id));

    await expectOneOutcome(id, leaves.operation === 'running' ? 2 : 1, results);
    const ports = await expectInNeutron(type, bound);
    expect(results[0]?.bindings.map((binding) => binding.neutron_port_id)).to.have.members(ports.map(({ id }) => id));
    if (bound > 0) expect(ports.map(({ id }) => id)).to.include.members(left.map(({ id }) => id));
    // What was committed is not done again: not a revision number in Neutron, not a time in the row has changed.
    if (leaves.operation === 'succeeded') {
      expect(ports).to.deep.equal(left);
      // But the answer is owed no more.
      expect(await fixture.operation(id)).to.deep.equal({ ...row, owed_to: null });
    }
  }

  for (const method of Object.keys(MOVES) as (keyof typeof MOVES)[]) {
    describe(`in ${method}`, () => {
      for (const crash of CRASHES.filter((one) => one.method === method)) it(crash.dies, () => survives(crash));
    });
  }

  it('again and again, each at another step: the next one finishes', async () => {
    const steps = ['one of two ports is created, before it knows', 'both ports are ACTIVE, before the transaction'];
    let id = '';
    for (const { method, hold, leaves } of CRASHES.filter(({ dies }) => steps.includes(dies))) {
      const worker = await steered();
      const reached = hold(worker);
      if (id === '') id = await cast(method);
      await worker.killAt(reached, async () => isDeepStrictEqual(await seen(id, method), leaves));
      await leaseIsOver();
    }
    const results = await finish(await plain(), [id]);
    await expectOneOutcome(id, 3, results);
    await expectInNeutron('provisioning', NICS);
  });

  it('with a caller that waits: it gets its answer from the next one', async () => {
    const worker = await steered();
    const reached = atRequests(creates, 'hang after', 'hang before')(worker);
    const answer = call('add_provisioning_network');
    await worker.killAt(reached, async () => (await boundOn('provisioning')).length === 1);
    await leaseIsOver();
    const next = await plain();
    const result = (await answer) as OperationResult;
    await finish(next, []);
    await expectOneOutcome(result.operation_id, 2, [result]);
    await expectInNeutron('provisioning', NICS);
  });

  it('with a standby: it finishes the move, in order and without a restart', async () => {
    const worker = await steered();
    await call('add_provisioning_network');
    const reached = atRequests(deletes, 'hang after', 'hang before')(worker);
    const ids = [await cast('remove_provisioning_network'), await cast('configure_tenant_networks')] as const;
    await until('the worker is held', reached);
    // Not before: the queue may be its share, and would be handed over to it while the other could still let go of it.
    const standby = await plain();
    const leaves: Seen = { operation: 'running', bound: 1, results: 0 };
    await worker.killAt(reached, async () => {
      if (!isDeepStrictEqual(await seen(ids[0], 'remove_provisioning_network'), leaves)) return false;
      // Before it dies: the standby has the queue at once.
      await leaseIsOver();
      return true;
    });
    const results = await finish(standby, ids);
    await expectOneOutcome(ids[0], 2, results);
    await expectOneOutcome(ids[1], 1, results);
    await expectInNeutron('provisioning', 0);
    await expectInNeutron('tenant', NICS);
  });
});
