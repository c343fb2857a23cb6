import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkError, VifAlreadyAttached } from '../../src/contract/errors.js';
import { METHOD_NAMES, type MethodName, onlyAsks } from '../../src/contract/methods.js';
import { readResult } from '../../src/contract/result.js';
import type { OperationResult, PortBinding, Vif } from '../../src/contract/types.js';
import { attachedVifs } from '../../src/contract/vifs.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { readJson } from '../../src/state/rows.js';
import { NodeRecord } from '../../testkit/fixtures/node-record.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { makeBinding } from '../../testkit/fixtures/tasks.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

type Args = Record<string, unknown>;
type Plain = ReturnType<typeof sampleTask>;
const TARGET = { topic: TOPIC, server: 'conductor-1', version: '1.1' };

/** Attaches to the first free port, as any provider does in one way or another. */
function attach({ task, args: { vif_info: vif } }: ProviderContext): Partial<ProviderOutcome> {
  const vifs = attachedVifs(task);
  if (vif === null || vifs.some(({ id }) => id === vif.id)) throw new VifAlreadyAttached('it is attached already');
  const free = task.ports.find((port) => vifs.every(({ port_uuid }) => port_uuid !== port.uuid));
  return { vifs: [...vifs, { id: vif.id, port_uuid: free?.uuid ?? '', portgroup_uuid: null }] };
}

/** What a task says of the VIF of its first port. */
function saying({ node, ports }: Plain, vif: string | null): Plain {
  const [first, ...others] = ports;
  if (!first) throw new Error('no port');
  return { node, ports: [{ ...first, internal_info: { tenant_vif_port_id: vif } }, ...others], portgroups: [] };
}

describe('worker: VIFs', () => {
  let fixture: WorkerFixture;
  let provider: NetworkProvider;
  let fault: Error | null;
  /** What configure_tenant_networks binds. */
  let bound: PortBinding | null;
  /** The VIFs that the provider was shown, by each method in turn. */
  let shown: [MethodName, Vif[]][];
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  beforeEach(async () => {
    fault = null;
    bound = null;
    shown = [];
    provider = scriptedProvider((method, context) => {
      shown.push([method, attachedVifs(context.task)]);
      if (fault !== null) return Promise.reject(fault);
      if (method === 'vif_attach') return Promise.resolve().then(() => attach(context));
      if (method === 'vif_detach') {
        return Promise.resolve({
          vifs: attachedVifs(context.task).filter(({ id }) => id !== context.args.vif_id),
        });
      }
      if (bound !== null) return Promise.resolve({ bindings: [bound], failures: [] });
      return Promise.resolve(onlyAsks(method) || method.endsWith('_changed') ? {} : nothingDone);
    });
    await fixture.start({ none: provider });
  });
  afterEach(() => fixture.reset());

  const call = async (method: MethodName, args: Args): Promise<OperationResult> =>
    readResult(await fixture.client.call(TARGET, method, args));
  const record = (task: Plain): NodeRecord => new NodeRecord(fixture.database, task.node.uuid);
  const onFirst = (id: string, { ports }: Plain): Vif[] => [
    { id, port_uuid: ports[0]?.uuid ?? '', portgroup_uuid: null },
  ];
  /** What the provider is shown for a task, and for the node alone. */
  const seen = async (task: Plain): Promise<{ task: Vif[]; stored: Vif[] }> => {
    await call('add_provisioning_network', { task });
    const [, fromTask] = shown.at(-1) ?? [];
    await call('vif_list', { node_id: task.node.uuid });
    const [, stored] = shown.at(-1) ?? [];
    return { task: fromTask ?? [], stored: stored ?? [] };
  };
  async function attached(): Promise<{ task: Plain; id: string }> {
    const task = sampleTask();
    const id = randomUUID();
    const result = await call('vif_attach', { task, vif_info: { id } });
    expect(result.vifs).to.deep.equal(onFirst(id, task));
    return { task, id };
  }

  describe('that another node has', () => {
    const refusal = async (method: MethodName, args: Args): Promise<string> =>
      String((await rejection(call(method, args)))?.message);

    it('are not attached: the node on record is named', async () => {
      const { task, id } = await attached();
      const other = sampleTask();
      const error = await rejection(call('vif_attach', { task: other, vif_info: { id } }));
      expect(error).to.include({ className: 'VifInvalidForAttach' });
      expect(error?.message).to.contain(id).and.to.contain(`on record for node ${task.node.uuid}`);
      expect(
        shown.map(([method]) => method),
        'the provider is not asked',
      ).to.deep.equal(['vif_attach']);
      await call('vif_detach', { task, vif_id: id });
      expect((await call('vif_attach', { task: other, vif_info: { id } })).vifs).to.have.length(1);
    });

    it('are not attached when only a task names them for another node, of a portgroup too', async () => {
      const [port, group] = [randomUUID(), randomUUID()];
      const task = saying(sampleTask(), port);
      const info = { tenant_vif_port_id: group };
      const portgroups = [{ uuid: randomUUID(), name: 'bond', internal_info: info }];
      await call('add_provisioning_network', { task: { ...task, portgroups } });
      for (const id of [port, group]) {
        expect(await refusal('vif_attach', { task: sampleTask(), vif_info: { id } })).to.contain(task.node.uuid);
      }
    });

    it('are not attached by a provider that changes nothing in Neutron, either', async () => {
      const { task, id } = await attached();
      Object.assign(provider, { changesNothing: ['vif_attach'] });
      expect(await refusal('vif_attach', { task: sampleTask(), vif_info: { id } })).to.contain(task.node.uuid);
    });

    it('are attached to only one of two nodes that request them at once', async () => {
      const id = randomUUID();
      const tasks = Array.from({ length: 6 }, () => sampleTask());
      const results = await Promise.allSettled(tasks.map((task) => call('vif_attach', { task, vif_info: { id } })));
      const reasons = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
      expect(reasons, reasons.join('\n')).to.have.length(5);
      for (const reason of reasons) expect(reason).to.contain(`VIF ${id} cannot be attached`);
      expect(shown, 'only one provider was asked').to.have.length(1);
      expect(await fixture.database.dataSource.query('SELECT * FROM vif_claims')).to.deep.equal([]);
    });

    it('are not claimed any more after an attach that failed', async () => {
      const id = randomUUID();
      fault = new NetworkError('Neutron refuses');
      await rejection(call('vif_attach', { task: sampleTask(), vif_info: { id } }));
      fault = null;
      expect((await call('vif_attach', { task: sampleTask(), vif_info: { id } })).vifs).to.have.length(1);
    });

    it('are not bound', async () => {
      const [task, other] = [sampleTask(), sampleTask()];
      const id = randomUUID();
      bound = makeBinding({ neutron_port_id: id });
      await call('configure_tenant_networks', { task: saying(task, id) });
      expect(await refusal('configure_tenant_networks', { task: saying(other, id) })).to.contain(task.node.uuid);
      bound = null;
      await call('unconfigure_tenant_networks', { task: saying(task, id) });
      await call('configure_tenant_networks', { task: saying(other, id) });
    });
  });

  describe('that vif_attach attached', () => {
    it('are added to a later task that does not contain them, and only for this node', async () => {
      const { task, id } = await attached();
      expect(await seen(task)).to.deep.equal({ task: onFirst(id, task), stored: onFirst(id, task) });
      expect(await seen(task), 'time and again').to.deep.equal({ task: onFirst(id, task), stored: onFirst(id, task) });
    });

    it('are replaced by the VIFs that a task contains', async () => {
      const { task } = await attached();
      const other = randomUUID();
      const both = onFirst(other, task);
      expect(await seen(saying(task, other))).to.deep.equal({ task: both, stored: both });
      expect(await seen(task), 'and are forgotten then').to.deep.equal({ task: [], stored: [] });
    });

    it('are removed by a task that says there is none', async () => {
      const { task } = await attached();
      expect(await seen(saying(task, null))).to.deep.equal({ task: [], stored: [] });
      expect(await seen(task)).to.deep.equal({ task: [], stored: [] });
    });

    it('are added to', async () => {
      const { task, id } = await attached();
      const next = { id: randomUUID(), port_uuid: task.ports[1]?.uuid ?? '', portgroup_uuid: null };
      const result = await call('vif_attach', { node_id: task.node.uuid, vif_info: { id: next.id } });
      expect(result.vifs).to.deep.equal([...onFirst(id, task), next]);
      expect((await seen(task)).task).to.deep.equal(result.vifs);
    });

    it('are forgotten after vif_detach', async () => {
      const { task, id } = await attached();
      expect((await call('vif_detach', { task, vif_id: id })).vifs).to.deep.equal([]);
      expect(await seen(task)).to.deep.equal({ task: [], stored: [] });
      const [node] = (await record(task).all()).nodes;
      expect(readJson(node?.['attached_vifs'])).to.deep.equal([]);
    });

    it('stay when vif_detach fails, and when another attach does', async () => {
      const { task, id } = await attached();
      fault = new NetworkError('Neutron refuses');
      await rejection(call('vif_detach', { task, vif_id: id }));
      await rejection(call('vif_attach', { task, vif_info: { id: randomUUID() } }));
      fault = null;
      expect(await seen(task)).to.deep.equal({ task: onFirst(id, task), stored: onFirst(id, task) });
    });
  });

  it('are not stored when vif_attach failed and only the task contained them', async () => {
    const task = sampleTask();
    const id = randomUUID();
    const error = await rejection(call('vif_attach', { task: saying(task, id), vif_info: { id } }));
    expect(error).to.include({ className: 'VifAlreadyAttached' });
    expect((await seen(task)).task).to.deep.equal([]);
  });

  describe('of a changed port', () => {
    const address = '52:54:00:00:00:0b';
    const changed = (task: Plain, more: object = {}): Args => ({ ...task.ports[0], address, ...more });

    it('stay when port_obj does not contain them, and the port is recorded', async () => {
      const { task, id } = await attached();
      const internal_info = { cleaning_vif_port_id: null, note: 1 };
      await call('port_changed', { task, port_obj: changed(task, { internal_info }) });
      const { ports } = await record(task).all();
      const port = ports.find(({ uuid }) => uuid === task.ports[0]?.uuid);
      expect(port).to.include({ address });
      expect(readJson(port?.['internal_info'])).to.deep.equal({
        cleaning_vif_port_id: null,
        tenant_vif_port_id: id,
      });
      expect((await seen(task)).task).to.deep.equal(onFirst(id, task));
    });

    it('are removed when port_obj says so', async () => {
      const { task } = await attached();
      await call('port_changed', { task, port_obj: changed(task, { internal_info: { tenant_vif_port_id: null } }) });
      expect((await seen(task)).task).to.deep.equal([]);
    });

    it('stay with the port as it was, which stays on record, when the method fails', async () => {
      const { task, id } = await attached();
      const before = await record(task).all();
      fault = new NetworkError('Neutron refuses the MAC address');
      const args = { task, port_obj: changed(task, { internal_info: { tenant_vif_port_id: null } }) };
      await rejection(call('port_changed', args));
      fault = null;
      expect(await record(task).all()).to.deep.equal(before);
      expect((await seen(task)).task).to.deep.equal(onFirst(id, task));
    });

    it('behave in the same way for a changed portgroup', async () => {
      const group = { uuid: randomUUID(), name: 'bond0', mode: '802.3ad', properties: {} };
      const task = { ...sampleTask(), portgroups: [group] };
      fault = new NetworkError('no');
      await rejection(call('portgroup_changed', { task, portgroup_obj: { ...group, mode: 'balance-rr' } }));
      expect((await record(task).all()).portgroups[0]).to.include({ mode: '802.3ad' });
      fault = null;
      await call('portgroup_changed', { task, portgroup_obj: { ...group, mode: 'balance-rr' } });
      expect((await record(task).all()).portgroups[0]).to.include({ mode: 'balance-rr', name: 'bond0' });
    });
  });
});

describe('worker: methods that only ask', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(() => fixture.reset());

  it('record the task, change no bindings, and have no row before they end', async () => {
    const running: [MethodName, number][] = [];
    const binding = makeBinding();
    await fixture.start({
      none: scriptedProvider(async (method, { task }) => {
        const rows = await new NodeRecord(fixture.database, task.node.uuid).operations();
        running.push([method, rows.filter(({ status }) => status === 'running').length]);
        // An asking method has no say in bindings, whatever it answers.
        return { bindings: onlyAsks(method) ? [] : [binding], failures: [] };
      }),
    });
    for (const method of METHOD_NAMES.filter((name) => onlyAsks(name))) {
      const task = sampleTask();
      const record = new NodeRecord(fixture.database, task.node.uuid);
      await fixture.client.call(TARGET, 'add_provisioning_network', { task });
      const before = await record.all();
      const renamed = { ...task, node: { ...task.node, name: 'renamed' } };
      const args = { task: renamed, network_type: 'provisioning', port_uuid: randomUUID() };
      await fixture.client.call(TARGET, method, args);
      const after = await record.all();
      expect(after.port_bindings, method).to.deep.equal(before.port_bindings).and.to.have.length(1);
      expect(after.nodes[0], method).to.include({ name: 'renamed' });
      expect(running.splice(0)).to.deep.equal([
        ['add_provisioning_network', 1],
        [method, 0],
      ]);
      const ended = (await record.operations()).find((row) => row['method'] === method);
      expect(ended).to.include({
        status: 'succeeded',
        // reconcile is about what is on record.
        network_type: ['validate', 'reconcile'].includes(method) ? 'provisioning' : null,
      });
    }
  });
});
