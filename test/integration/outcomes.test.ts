import { expect } from 'chai';

import { NetworkError } from '../../src/contract/errors.js';
import type { OperationResult, PortBinding } from '../../src/contract/types.js';
import type { NetworkProvider, ProviderOutcome } from '../../src/providers/provider.js';
import { NodeRecord } from '../../testkit/fixtures/node-record.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { makeBinding, record } from '../../testkit/fixtures/tasks.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const TARGET = { topic: TOPIC, server: 'conductor-1' };
const RESULTS = `${TOPIC}_results.conductor-1`;
const METHOD = 'add_cleaning_network';

type Sent = ReturnType<typeof sampleTask>;

describe('outcomes that cannot be recorded', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  afterEach(async () => {
    await query('DROP TRIGGER IF EXISTS refuse');
    await fixture.reset();
  });
  after(() => fixture.drop());

  const query = (sql: string): Promise<unknown> => fixture.database.dataSource.query(sql);

  /** Has the database refuse new rows of a table for good, under a condition. */
  const refuse = (table: string, condition = 'TRUE'): Promise<unknown> =>
    query(
      `CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW
       IF ${condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'; END IF`,
    );

  const bound = (fields: object = {}): Promise<ProviderOutcome> =>
    Promise.resolve({ bindings: [{ ...makeBinding(), ...fields }], failures: [] });

  const letterOf = async (): Promise<unknown> =>
    (await until('a dead letter', () => fixture.take(`${TOPIC}.dead`))).properties.headers;

  const lateUntil = async ({ node }: Sent): Promise<unknown> =>
    ((await query(`SELECT late_until FROM nodes WHERE uuid = '${node.uuid}'`)) as { late_until: unknown }[])[0]
      ?.late_until;

  const portsOf = async ({ node }: Sent): Promise<unknown[]> => {
    const rows = await query(`SELECT neutron_port_id FROM port_bindings WHERE node_uuid = '${node.uuid}'`);
    return (rows as { neutron_port_id: unknown }[]).map(({ neutron_port_id: id }) => id);
  };

  it('are recorded as failed and answered, with a dead letter, when a value does not fit its column', async () => {
    await fixture.start({ none: scriptedProvider(() => bound({ 'status = NULL, x': 'y' })) });
    const task = sampleTask();
    const error = await rejection(fixture.client.call(TARGET, METHOD, { task }));
    expect(error).to.include({ className: 'NetworkError' });
    const [operation] = await new NodeRecord(fixture.database, task.node.uuid).operations();
    expect(operation).to.include({ status: 'failed' });
    expect(await letterOf()).to.include({ 'netprov-reason': 'internal_error' });
  });

  it('replace the bindings of other network types too, where the provider says what stands of all', async () => {
    const [left, added] = [makeBinding(), makeBinding()];
    const script = (method: string): Promise<ProviderOutcome> =>
      Promise.resolve(
        method === METHOD
          ? { bindings: [added], failures: [], standing: record('cleaning', [added]) }
          : { bindings: [left], failures: [] },
      );
    await fixture.start({ none: scriptedProvider(script) });
    const task = sampleTask();
    await fixture.client.call(TARGET, 'add_provisioning_network', { task });
    expect(await portsOf(task)).to.deep.equal([left.neutron_port_id]);
    const result = (await fixture.client.call(TARGET, METHOD, { task })) as OperationResult;
    expect(result.bindings.map(({ neutron_port_id: id }) => id)).to.deep.equal([added.neutron_port_id]);
    expect(await portsOf(task)).to.deep.equal([added.neutron_port_id]);
  });

  it('are failures when a plug-in returns one Neutron port twice; the node is then checked', async () => {
    const looks: string[] = [];
    const twice = scriptedProvider(() => {
      const binding = makeBinding();
      return Promise.resolve({ bindings: [binding, binding], failures: [] });
    });
    const repair: NetworkProvider['repair'] = ({ task }, standing) => {
      looks.push(task.node.uuid);
      return Promise.resolve({ bindings: [...standing], findings: [] });
    };
    await fixture.start({ none: { ...twice, repair } });
    const task = sampleTask();
    const error = await rejection(fixture.client.call(TARGET, METHOD, { task }));
    expect(error).to.include({ className: 'NetworkError' });
    expect(looks).to.deep.equal([task.node.uuid]);
    expect(await lateUntil(task)).to.be.instanceOf(Date);
    expect(await portsOf(task)).to.deep.equal([]);
  });

  it('are not checked when the provider cannot compare', async () => {
    await fixture.start({ none: scriptedProvider(() => bound()) });
    const task = sampleTask();
    await fixture.client.call(TARGET, 'validate', { task });
    await refuse('port_bindings');
    await rejection(fixture.client.call(TARGET, METHOD, { task }));
    expect(await letterOf()).to.include({ 'netprov-reason': 'internal_error' });
    expect(await lateUntil(task)).to.equal(null);
  });

  it('are cut when a sentence is longer than its column', async () => {
    const reason = 'r'.repeat(100_000);
    const failure = { port_uuid: 'p', portgroup_uuid: null, reason };
    await fixture.start({
      none: scriptedProvider(() =>
        Promise.resolve({ bindings: [], failures: [failure], error: new NetworkError(`the switch said ${reason}`) }),
      ),
    });
    await fixture.listen(RESULTS);
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    const { result } = await fixture.nextResult(RESULTS);
    expect(result).to.include({ operation_id: id, status: 'failed' });
    expect(result.error?.message)
      .to.match(/^the switch said r+\[cut\]$/)
      .and.to.have.length.below(10_000);
    expect(result.failures[0]?.reason)
      .to.match(/^r+\[cut\]$/)
      .and.to.have.length.below(2000);
    expect(await fixture.operation(id)).to.include({ status: 'failed', last_error: result.error?.message });
    expect((await fixture.broker.counts(`${TOPIC}.dead`)).ready).to.equal(0);
  });

  it('end as a minimal failure: the caller is told, and the record stays and is compared', async () => {
    const [before, after] = [makeBinding(), makeBinding()];
    let made: PortBinding[] = [before];
    const none = scriptedProvider(() => Promise.resolve({ bindings: made, failures: [] }));
    const repair: NetworkProvider['repair'] = () => Promise.reject(new Error('not asked for in this test'));
    await fixture.start({ none: { ...none, repair } });
    const task = sampleTask();
    const record = new NodeRecord(fixture.database, task.node.uuid);
    await fixture.client.call(TARGET, METHOD, { task });

    await refuse('port_bindings', `NEW.neutron_port_id = '${after.neutron_port_id}'`);
    made = [before, after];
    const error = await rejection(fixture.client.call(TARGET, METHOD, { task }));
    expect(error).to.include({ className: 'NetworkError' }).and.have.property('message').contain('cannot be recorded');
    expect((await record.operations()).map(({ status }) => status)).to.have.members(['succeeded', 'failed']);
    expect(await letterOf()).to.include({ 'netprov-reason': 'internal_error' });
    expect(await portsOf(task)).to.deep.equal([before.neutron_port_id]);
    expect(await lateUntil(task)).to.be.instanceOf(Date);

    made = [];
    const other = (await fixture.client.call(TARGET, METHOD, { task: sampleTask() })) as object;
    expect(other).to.include({ status: 'succeeded' });
  });

  it('wait unchanged while the database refuses even the minimal failure', async () => {
    const { lines } = await fixture.start({ none: scriptedProvider(() => bound()) });
    await refuse('operations', "NEW.status <> 'running'");
    const task = sampleTask();
    const answer = fixture.client.call(TARGET, METHOD, { task }, { timeout: 240 }) as Promise<object>;
    await until('the least is refused too', () =>
      lines.some((line) => line.includes('the database refuses') && line.includes('"least":true')),
    );
    await query('DROP TRIGGER refuse');
    expect(await answer).to.include({ status: 'succeeded' });
    const [operation] = await new NodeRecord(fixture.database, task.node.uuid).operations();
    expect(operation).to.include({ status: 'succeeded' });
    expect((await fixture.broker.counts(`${TOPIC}.dead`)).ready).to.equal(0);
  });

  it('do not exist when the begin of a request cannot be recorded: it fails before any work', async () => {
    let calls = 0;
    await fixture.start({ none: scriptedProvider(() => ((calls += 1), Promise.resolve(nothingDone))) });
    await refuse('operations', "NEW.status = 'running'");
    const error = await rejection(fixture.client.call(TARGET, METHOD, { task: sampleTask() }));
    expect(error).to.include({ className: 'NetworkError' });
    expect(calls).to.equal(0);
    expect(await letterOf()).to.include({ 'netprov-reason': 'internal_error' });
  });
});
