import { expect } from 'chai';
import type { DataSource } from 'typeorm';

import { TransientError } from '../../src/contract/errors.js';
import { openDatabase } from '../../src/state/index.js';
import { BEGINS, COMMITS, ENDS, TAKES_BACK } from '../../testkit/fixtures/crashes.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { FrameProxy, mysqlFrame } from '../../testkit/proxies/frame-proxy.js';

const TARGET = { topic: TOPIC, server: 'conductor-1' };
const METHOD = 'add_cleaning_network';

describe('worker: retries', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(() => fixture.reset());

  it('records how often an operation was tried and why, while other nodes continue', async () => {
    const patient = sampleTask();
    let faults = 0;
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    await fixture.start({
      none: scriptedProvider(async (_method, { task }) => {
        if (task.node.uuid !== patient.node.uuid || faults === 4) return nothingDone;
        if (faults === 2) await gate;
        throw new TransientError(`no answer, fault ${++faults}`);
      }),
    });
    const id = await fixture.client.cast(TARGET, METHOD, { task: patient });
    const row = await until('a second fault on the row', async () => {
      const shown = await fixture.operation(id);
      return String(shown?.['last_error']).includes('fault 2') ? shown : null;
    });
    expect(row).to.include({ status: 'running', attempts: 3 });

    const other = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until('the other node', async () => (await fixture.operation(other))?.['status'] === 'succeeded');
    expect(await fixture.operation(id)).to.include({ status: 'running' });

    goOn();
    await until('the patient one', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    expect(await fixture.operation(id)).to.include({ attempts: 5, last_error: null });
  });

  it('holds operations while their dependency is away, past their deadline, and reports it', async () => {
    let away: string | null = 'the switch controller does not answer';
    let comeBack: () => void = () => undefined;
    const back = new Promise<void>((resolve) => (comeBack = resolve));
    let calls = 0;
    const provider = {
      ...scriptedProvider(() => {
        calls++;
        return away === null ? Promise.resolve(nothingDone) : Promise.reject(new TransientError(away));
      }),
      dependency: {
        get away() {
          // It is noticed with the first fault.
          return calls === 0 ? null : away;
        },
        back: () => (calls === 0 ? Promise.resolve() : back),
      },
    };
    const { worker } = await fixture.start(
      { none: provider },
      { retry: { maxAttempts: 1, initialDelay: 1, maxDelay: 1, deadline: 1 } },
    );
    const first = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    const held = await until('a reason on the row', async () => {
      const shown = await fixture.operation(first);
      return shown?.['last_error'] == null ? null : shown;
    });
    expect(held['last_error']).to.include('held').and.include('switch controller');
    const second = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until('the second to be under way', async () => (await fixture.operation(second))?.['status'] === 'running');
    expect((await worker.readiness()).reasons).to.deep.equal([away]);
    expect(calls).to.equal(1);

    away = null;
    comeBack();
    for (const id of [first, second]) {
      await until('the held one', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    }
    expect((await worker.readiness()).ready).to.equal(true);
    expect(calls).to.equal(3);
    expect((await fixture.broker.counts(`${TOPIC}.dead`)).ready).to.equal(0);
  });

  it('counts the attempts before a hold, so that an operation that is held repeatedly ends, too', async () => {
    let calls = 0;
    let away: string | null = null;
    const provider = {
      ...scriptedProvider(() => {
        calls++;
        away = 'the switch controller does not answer';
        return Promise.reject(new TransientError('no answer'));
      }),
      dependency: {
        get away() {
          return away;
        },
        back: () => ((away = null), Promise.resolve()),
      },
    };
    await fixture.start(
      { none: provider },
      { retry: { maxAttempts: 3, initialDelay: 1, maxDelay: 1, deadline: 60_000 } },
    );
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    const letter = await until('a dead letter', () => fixture.take(`${TOPIC}.dead`));
    expect(letter.properties.headers).to.include({ 'netprov-reason': 'retries_exhausted' });
    expect(await fixture.operation(id)).to.include({ status: 'failed' });
    expect(calls).to.equal(4);
  });

  it('is not tried again after its worker abandons it during a pause', async () => {
    let calls = 0;
    const { worker } = await fixture.start(
      { none: scriptedProvider(() => (calls++, Promise.reject(new TransientError('no answer')))) },
      { retry: { maxAttempts: 9, initialDelay: 600_000, maxDelay: 600_000, deadline: 600_000 }, shutdownTimeout: 1 },
    );
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until(
      'a fault on the row',
      async () => (await fixture.operation(id))?.['last_error'] !== null && calls === 1,
    );
    await worker.stop();
    expect(calls).to.equal(1);
    expect(await fixture.operation(id)).to.include({ status: 'running', begun: 0 });
  });

  /** A database whose answers are lost from the last of some statements on, until it is cut. */
  async function losesAnswer(...statements: RegExp[]): Promise<{ proxy: FrameProxy; dataSource: DataSource }> {
    const url = new URL(fixture.database.connection);
    const database = { hostname: url.hostname, port: Number(url.port || 3306) };
    const proxy = fixture.opened.add(await FrameProxy.start(database, mysqlFrame), (one) => one.stop());
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const options = { connection: url.toString(), maxPoolSize: 5, connectTimeout: 10_000 };
    const dataSource = fixture.opened.add(await openDatabase(options), (one) => one.destroy());
    const steps = [...statements];
    proxy.fate = (frame) => {
      if (steps[0]?.test(frame) === true) steps.shift();
      return steps.length === 0 ? 'hang after' : 'pass';
    };
    return { proxy, dataSource };
  }

  it("records an outcome once, even if the database's answer to the commit was lost", async () => {
    const { proxy, dataSource } = await losesAnswer(ENDS, COMMITS);
    const provider = scriptedProvider(() => Promise.resolve(nothingDone));
    const worker = await fixture.start({ none: provider }, {}, { dataSource });
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    const row = await until('the outcome is on record', async () => {
      const shown = await fixture.operation(id);
      return shown?.['finished_at'] != null && shown;
    });
    proxy.cut();
    await until('it is committed again, and answered', async () => (await fixture.operation(id))?.['owed_to'] === null);
    expect(worker.lines.some((line) => line.includes('trying again to commit an operation'))).to.equal(true);
    expect(await fixture.operation(id)).to.deep.equal({ ...row, owed_to: null });
  });

  it("counts a begin once, even if the database's answer to it was lost", async () => {
    const { proxy, dataSource } = await losesAnswer(BEGINS, COMMITS);
    let shown: unknown = null;
    let id = '';
    const provider = scriptedProvider(async () => {
      shown = await fixture.operation(id);
      return nothingDone;
    });
    const worker = await fixture.start({ none: provider }, {}, { dataSource });
    id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until('the begin is on record', async () => (await fixture.operation(id))?.['begun'] === 1);
    proxy.cut();
    await until('it is done', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    expect(worker.lines.some((line) => line.includes('trying again to record an operation'))).to.equal(true);
    expect(shown).to.include({ status: 'running', attempts: 1, begun: 1, tried_alone: 0 });
  });

  it('takes back a begin that may or may not be recorded, when the operation is abandoned', async () => {
    const { proxy, dataSource } = await losesAnswer(BEGINS, COMMITS);
    const provider = scriptedProvider(() => Promise.resolve(nothingDone));
    const { worker, lines } = await fixture.start({ none: provider }, { shutdownTimeout: 1 }, { dataSource });
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until('the begin is on record', async () => (await fixture.operation(id))?.['begun'] === 1);
    const stopped = worker.stop();
    await until('it is given up', () => lines.some((line) => line.includes('running operations are given up')));
    proxy.cut();
    await stopped;
    expect(await fixture.operation(id)).to.include({ status: 'running', begun: 0 });
  });

  it('takes back the begin of an operation that is abandoned before its outcome is recorded', async () => {
    const { proxy, dataSource } = await losesAnswer();
    proxy.fate = (frame) => (ENDS.test(frame) ? 'hang before' : 'pass');
    const provider = scriptedProvider(() => Promise.resolve(nothingDone));
    const { worker, lines } = await fixture.start({ none: provider }, { shutdownTimeout: 1 }, { dataSource });
    const id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until('the outcome is under way to the database', () => proxy.hangs);
    expect(await fixture.operation(id)).to.include({ status: 'running', begun: 1 });
    const stopped = worker.stop();
    await until('it is given up', () => lines.some((line) => line.includes('running operations are given up')));
    proxy.cut();
    await stopped;
    expect(await fixture.operation(id)).to.include({ status: 'running', begun: 0 });
  });

  it("takes a begin back once, even if the database's answer to it was lost", async () => {
    const { proxy, dataSource } = await losesAnswer(TAKES_BACK);
    let away: string | null = null;
    let comeBack: () => void = () => undefined;
    const back = new Promise<void>((resolve) => (comeBack = resolve));
    let id = '';
    let calls = 0;
    const provider = {
      ...scriptedProvider(async () => {
        if (++calls > 1) return nothingDone;
        // As if two workers had died of it.
        await fixture.database.dataSource.query('UPDATE operations SET begun = begun + 2 WHERE id = ?', [id]);
        away = 'the switch controller does not answer';
        throw new TransientError(away);
      }),
      dependency: {
        get away() {
          return away;
        },
        back: () => (away === null ? Promise.resolve() : back),
      },
    };
    await fixture.start(
      { none: provider },
      { retry: { maxAttempts: 3, initialDelay: 1, maxDelay: 1, deadline: 60_000 } },
      { dataSource },
    );
    id = await fixture.client.cast(TARGET, METHOD, { task: sampleTask() });
    await until('the begin is taken back', async () => proxy.hangs && (await fixture.operation(id))?.['begun'] === 2);
    proxy.cut();
    const held = await until('it is held', async () => {
      const shown = await fixture.operation(id);
      return String(shown?.['last_error']).startsWith('held') && shown;
    });
    expect(held).to.include({ status: 'running', attempts: 1, begun: 2 });
    away = null;
    comeBack();
    await until('it is done', async () => (await fixture.operation(id))?.['status'] === 'succeeded');
    expect(await fixture.operation(id)).to.include({ attempts: 2, begun: 3 });
  });
});
