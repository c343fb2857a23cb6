import { createRequire } from 'node:module';

import { expect } from 'chai';

import { NetworkError, TransientError } from '../../src/contract/errors.js';
import { RESULT_METHOD } from '../../src/contract/result.js';
import type { OperationResult, PortBinding } from '../../src/contract/types.js';
import type { NetworkProvider, ProviderOutcome } from '../../src/providers/provider.js';
import { RemoteError } from '../../src/rpc/index.js';
import { NodeRecord } from '../../testkit/fixtures/node-record.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask, versioned } from '../../testkit/fixtures/samples.js';
import { makeBinding } from '../../testkit/fixtures/tasks.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const TARGET = { topic: TOPIC, server: 'conductor-1' };
const RESULTS = `${TOPIC}_results`;

/** The module loaded once more, as from another copy of the package. */
function anotherCopyOf(module: string): unknown {
  const require = createRequire(import.meta.url);
  const path = require.resolve(module);
  const loaded = require.cache[path];
  // Otherwise Node.js returns the module that it has.
  Reflect.deleteProperty(require.cache, path);
  const copy: unknown = require(path);
  require.cache[path] = loaded;
  return copy;
}

describe('worker: operations', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(() => fixture.reset());

  it('answers a call with the result, and records it', async () => {
    const bound = { port_uuid: 'p', portgroup_uuid: null, neutron_port_id: 'n', network_id: 'net', status: 'ACTIVE' };
    const binding = {
      ...bound,
      host_id: 'h',
      vnic_type: 'baremetal',
      vif_type: 'other',
      mac_address: 'm',
      fixed_ips: [],
      profile: {},
    };
    await fixture.start({
      neutron: scriptedProvider(() => Promise.resolve({ bindings: [binding as PortBinding], failures: [] })),
    });
    const task = sampleTask({ network_provider: 'neutron' });
    const result = (await fixture.client.call(TARGET, 'add_provisioning_network', { task })) as OperationResult;
    expect(Object.keys(result)).to.deep.equal([
      'operation_id', 'node_uuid', 'method', 'network_provider', 'network_type', 'status',
      'bindings', 'failures', 'warnings', 'error',
    ]); // prettier-ignore
    expect(result).to.include({
      node_uuid: task.node.uuid,
      status: 'succeeded',
      network_type: 'provisioning',
      error: null,
    });
    expect(result.bindings[0]).to.have.property('neutron_port_id', 'n');
    expect(result.bindings[0]).not.to.have.property('portgroup_uuid');
    expect(await fixture.operation(result.operation_id)).to.include({
      status: 'succeeded',
      kind: 'call',
      conductor_host: 'conductor-1',
    });
  });

  it("sends a cast's result to the results topic of the conductor host it came from", async () => {
    await fixture.start({ none: scriptedProvider(() => Promise.resolve(nothingDone)) });
    await fixture.listen(`${RESULTS}.conductor-1`);
    await fixture.listen(RESULTS);
    const task = sampleTask();
    const id = await fixture.client.cast(TARGET, 'add_cleaning_network', { task });
    const sent = await fixture.nextResult(`${RESULTS}.conductor-1`);
    expect(sent).to.include({ method: RESULT_METHOD, uniqueId: id });
    expect(sent.result).to.include({ operation_id: id, status: 'succeeded', network_provider: 'none' });

    const anyHost = await fixture.client.cast({ topic: TOPIC }, 'remove_cleaning_network', { node_id: task.node.uuid });
    expect((await fixture.nextResult(RESULTS)).result).to.include({ operation_id: anyHost, status: 'succeeded' });
    const fanout = await fixture.client.cast({ topic: TOPIC, fanout: true }, 'add_cleaning_network', { task });
    expect((await fixture.nextResult(RESULTS)).result).to.include({ operation_id: fanout, status: 'succeeded' });
  });

  it("raises a provider's failure in a call, and reports it in the result of a cast", async () => {
    await fixture.start({ none: scriptedProvider(() => Promise.reject(new NetworkError('no switch for port p'))) });
    await fixture.listen(`${RESULTS}.conductor-1`);
    const failure = await fixture.client
      .call(TARGET, 'add_cleaning_network', { task: sampleTask() })
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(RemoteError);
    expect(failure).to.include({
      className: 'NetworkError',
      module: 'ironic.common.exception',
      message: 'no switch for port p',
    });
    await fixture.client.cast(TARGET, 'add_cleaning_network', { task: sampleTask() });
    const { result } = await fixture.nextResult(`${RESULTS}.conductor-1`);
    expect(result.status).to.equal('failed');
    expect(result.error).to.deep.equal({
      class: 'NetworkError',
      module: 'ironic.common.exception',
      message: 'no switch for port p',
    });
    expect((await fixture.broker.counts(`${TOPIC}.dead`)).ready).to.equal(0);
  });

  it('runs a repeated message once, and answers it again', async () => {
    let calls = 0;
    await fixture.start({ none: scriptedProvider(() => Promise.resolve((calls++, nothingDone))) });
    await fixture.listen(`${RESULTS}.conductor-1`);
    const task = sampleTask();
    const uniqueId = await fixture.client.cast(TARGET, 'add_cleaning_network', { task });
    await fixture.client.cast(TARGET, 'add_cleaning_network', { task }, { uniqueId });
    const first = await fixture.nextResult(`${RESULTS}.conductor-1`);
    const second = await fixture.nextRepeat(`${RESULTS}.conductor-1`, first);
    expect(second).to.deep.equal(first);
    expect(calls).to.equal(1);
    expect(await fixture.operation(uniqueId)).to.include({ attempts: 1 });
  });

  it('keeps the order of each node while other nodes continue', async () => {
    const begun: string[] = [];
    const ended: string[] = [];
    const [slow, quick] = [sampleTask(), sampleTask()];
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    await fixture.start({
      none: scriptedProvider(async (method, { task }) => {
        const step = `${task.node.uuid === slow.node.uuid ? 'slow' : 'quick'} ${method}`;
        begun.push(step);
        if (task.node.uuid === slow.node.uuid) await gate;
        ended.push(step);
        return nothingDone;
      }),
    });
    const methods = ['add_cleaning_network', 'remove_cleaning_network', 'add_provisioning_network'];
    const of = (name: string): string[] => methods.map((method) => `${name} ${method}`);
    for (const method of methods) {
      await fixture.client.cast(TARGET, method, { task: slow });
      await fixture.client.cast(TARGET, method, { task: quick });
    }
    await until('the quick node has its three steps', () => ended.length === 3);
    expect(ended).to.deep.equal(of('quick'));
    expect(begun.filter((step) => step.startsWith('slow'))).to.deep.equal(of('slow').slice(0, 1));
    letGo();
    await until('six steps', () => ended.length === 6);
    expect(ended.slice(3)).to.deep.equal(of('slow'));
  });

  it('retries a transient fault, and ends with a failed result and a dead letter', async () => {
    let attempts = 0;
    await fixture.start({
      none: scriptedProvider(() => {
        attempts++;
        return attempts < 3 ? Promise.reject(new TransientError('Neutron is away')) : Promise.resolve(nothingDone);
      }),
      neutron: scriptedProvider(() => Promise.reject(new TransientError('Neutron stays away'))),
    });
    await fixture.listen(`${RESULTS}.conductor-1`);
    await fixture.client.cast(TARGET, 'add_cleaning_network', { task: sampleTask() });
    expect((await fixture.nextResult(`${RESULTS}.conductor-1`)).result.status).to.equal('succeeded');
    expect(attempts).to.equal(3);

    await fixture.client.cast(TARGET, 'add_cleaning_network', { task: sampleTask({ network_provider: 'neutron' }) });
    const { result } = await fixture.nextResult(`${RESULTS}.conductor-1`);
    expect(result.error?.message).to.contain('Neutron stays away');
    const letter = await until('a dead letter', () => fixture.take(`${TOPIC}.dead`));
    expect(letter.properties.headers).to.include({
      'netprov-reason': 'retries_exhausted',
      'netprov-origin-queue': `${TOPIC}.conductor-1`,
    });
  });

  it("recognizes errors of a plug-in's own copy of the package", async () => {
    const theirs = anotherCopyOf('../../src/contract/errors.js') as typeof import('../../src/contract/errors.js');
    expect(new theirs.NetworkError('x')).not.to.be.instanceOf(NetworkError);
    let attempts = 0;
    await fixture.start({
      none: scriptedProvider(() =>
        Promise.reject(attempts++ === 0 ? new theirs.TransientError('away') : new theirs.VifNotAttached('not there')),
      ),
    });
    const error = await rejection(fixture.client.call(TARGET, 'add_cleaning_network', { task: sampleTask() }));
    expect(error).to.include({ className: 'VifNotAttached', message: 'not there' });
    expect(attempts).to.equal(2);
  });

  it('answers when a plug-in returns values that cannot be recorded', async () => {
    const tooLong = { ...makeBinding(), neutron_port_id: 'x'.repeat(40) };
    for (const answer of [undefined, { bindings: [tooLong], failures: [] }]) {
      await fixture.start({ none: scriptedProvider(() => Promise.resolve(answer as ProviderOutcome)) });
      const task = sampleTask();
      const error = await rejection(fixture.client.call(TARGET, 'add_cleaning_network', { task }));
      expect(error).to.include({ className: 'NetworkError' });
      expect(error?.message).to.contain('internal error in the network provider');
      const letter = await until('a dead letter', () => fixture.take(`${TOPIC}.dead`));
      expect(letter.properties.headers).to.include({ 'netprov-reason': 'internal_error' });
      const [operation] = await new NodeRecord(fixture.database, task.node.uuid).operations();
      expect(operation).to.include({ status: 'failed' });
      await fixture.reset();
    }
  });

  it("uses a node's network_interface when no network_provider is given, and stores it", async () => {
    const done: string[] = [];
    const named = (name: string): NetworkProvider =>
      scriptedProvider((method) => Promise.resolve((done.push(`${name} ${method}`), nothingDone)));
    await fixture.start({ none: named('none'), flat: named('flat'), acme: named('acme') });
    const { node, ...others } = sampleTask();
    const call = (method: string, fields: object): Promise<unknown> => {
      const task = { ...others, node: versioned('Node', { ...node, network_provider: null, ...fields }) };
      return fixture.client.call(TARGET, method, { task });
    };
    await call('add_cleaning_network', { network_interface: 'flat' });
    await call('remove_cleaning_network', {});
    await call('add_cleaning_network', { network_interface: 'noop' });
    await call('remove_cleaning_network', { network_interface: 'acme' });
    await call('add_cleaning_network', { network_provider: 'flat', network_interface: 'acme' });
    expect(done).to.deep.equal([
      ...['flat add_cleaning_network', 'flat remove_cleaning_network', 'none add_cleaning_network'],
      ...['acme remove_cleaning_network', 'flat add_cleaning_network'],
    ]);
    const [row] = await fixture.database.dataSource.query<{ network_provider: string }[]>(
      'SELECT network_provider FROM nodes WHERE uuid = ?',
      [node.uuid],
    );
    expect(row?.network_provider).to.equal('flat');
  });

  it('does not change the provider of a node that is bound, and keeps a provider that a task named', async () => {
    const done: string[] = [];
    const binding = {
      port_uuid: null,
      portgroup_uuid: null,
      neutron_port_id: 'n',
      network_id: 'net',
      status: 'ACTIVE',
    };
    const bound = {
      ...binding,
      host_id: 'h',
      vnic_type: 'b',
      vif_type: 'other',
      mac_address: 'm',
      fixed_ips: [],
      profile: {},
    };
    await fixture.start({
      none: scriptedProvider((method) => Promise.resolve((done.push(`none ${method}`), nothingDone))),
      neutron: scriptedProvider((method) => {
        done.push(`neutron ${method}`);
        return Promise.resolve({ bindings: method.startsWith('add') ? [bound] : [], failures: [] });
      }),
    });
    const task = sampleTask({ network_provider: 'neutron' });
    await fixture.client.call(TARGET, 'add_cleaning_network', { task });
    const other = { ...task, node: { ...task.node, network_provider: 'none' } };
    const refused = await fixture.client
      .call(TARGET, 'remove_cleaning_network', { task: other })
      .catch((error: unknown) => error);
    expect(refused)
      .to.include({ className: 'InvalidParameterValue' })
      .and.have.property('message')
      .contain('made by network provider neutron');
    const silent = { ...task, node: { uuid: task.node.uuid } };
    await fixture.client.call(TARGET, 'remove_cleaning_network', { task: silent });
    await fixture.client.call(TARGET, 'add_provisioning_network', { task: other });
    expect(done).to.deep.equal([
      'neutron add_cleaning_network',
      'neutron remove_cleaning_network',
      'none add_provisioning_network',
    ]);
  });
});
