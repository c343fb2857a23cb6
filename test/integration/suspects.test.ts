import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { pause } from '../../src/async/pause.js';
import { TransientError } from '../../src/contract/errors.js';
import type { ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, type TestWorker, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const HOST = 'conductor-1';
/** How often workers died of each suspect, as the database has it before a test. */
const EARLIER = { begun: 4, tried_alone: 1 };
const SUSPECTED = 'trying it alone';

interface Counts {
  status: string;
  begun: number;
  tried_alone: number;
}

describe('operations that may crash workers', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(() => fixture.reset());

  const cast = (node: string): Promise<string> =>
    fixture.client.cast({ topic: TOPIC, server: HOST }, 'add_cleaning_network', {
      task: sampleTask({ uuid: node, network_provider: 'scripted' }),
    });
  const countsOf = async (id: string): Promise<Counts | undefined> =>
    (
      await fixture.database.dataSource.query<Counts[]>(
        'SELECT status, begun, tried_alone FROM operations WHERE id = ?',
        [id],
      )
    )[0];
  const ended = (id: string): Promise<Counts> =>
    until('the operation has ended', async () => {
      const counts = await countsOf(id);
      return counts !== undefined && counts.status !== 'running' && counts;
    });

  /** Casts that wait in the queue, each on record as one of which workers died. */
  const suspects = async (...nodes: string[]): Promise<string[]> => {
    const declaring = await fixture.start({});
    await declaring.close();
    const ids: string[] = [];
    for (const node of nodes) {
      const id = await cast(node);
      await fixture.database.dataSource.query(
        `INSERT INTO operations (id, kind, method, status, started_at, node_uuid, begun, tried_alone)
         VALUES (?, 'cast', 'add_cleaning_network', 'running', '2026-01-01', ?, ?, ?)`,
        [id, node, EARLIER.begun, EARLIER.tried_alone],
      );
      ids.push(id);
    }
    return ids;
  };
  const start = (
    script: (context: ProviderContext) => Promise<Partial<ProviderOutcome>>,
    retryDelay = 20,
  ): Promise<TestWorker> =>
    fixture.start(
      { scripted: scriptedProvider((_method, context) => script(context)) },
      { retry: { maxAttempts: 5, initialDelay: retryDelay, maxDelay: retryDelay, deadline: 2 * retryDelay } },
    );
  const saidOf = ({ lines }: TestWorker): number => lines.filter((line) => line.includes(SUSPECTED)).length;

  it('run alone until their outcome is recorded', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const [one = '', other = ''] = await suspects(first, second);
    const runner = fixture.database.dataSource.createQueryRunner();
    fixture.opened.add(runner, () => runner.release());
    const entered: string[] = [];
    let firstOnRecord = false;
    let goOn = (): void => undefined;
    const bothSuspected = new Promise<void>((resolve) => (goOn = resolve));
    let isHeldUp = false;
    const worker = await start(async ({ task }) => {
      entered.push(task.node.uuid);
      if (task.node.uuid === first) {
        await bothSuspected;
        // Holds up what would put on record how the first ended.
        await runner.startTransaction();
        await runner.query('SELECT id FROM operations WHERE id = ? FOR UPDATE', [one]);
        isHeldUp = true;
      } else firstOnRecord = (await countsOf(one))?.status === 'succeeded';
      return nothingDone;
    });
    await until('both are suspected, and the first is with its provider', () => {
      return saidOf(worker) === 2 && entered.length > 0;
    });
    goOn();
    await until('the record of the first is held up', () => isHeldUp);
    // A second that does not wait for the first begins within this time.
    await pause(300);
    await runner.rollbackTransaction();
    expect(await ended(one)).to.include({ status: 'succeeded' });
    expect(await ended(other)).to.include({ status: 'succeeded' });
    expect(entered).to.deep.equal([first, second]);
    expect(firstOnRecord).to.equal(true);
  });

  it('do not count as begun while they wait for another attempt, and let others run', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const [one = '', other = ''] = await suspects(first, second);
    const harmless = randomUUID();
    const entered: string[] = [];
    const seen: (Counts | undefined)[] = [];
    const worker = await start(async ({ task }) => {
      entered.push(task.node.uuid);
      if (task.node.uuid === first) throw new TransientError('not now');
      seen.push(await countsOf(one));
      return nothingDone;
    }, 600_000);
    await ended(other);
    await ended(await cast(harmless));
    expect(entered).to.deep.equal([first, second, harmless]);
    for (const counts of seen) expect(counts).to.deep.equal({ status: 'running', ...EARLIER });
    expect(await ended(other)).to.deep.equal({
      status: 'succeeded',
      begun: EARLIER.begun + 1,
      tried_alone: EARLIER.tried_alone + 1,
    });
    expect(saidOf(worker)).to.equal(2);
  });

  it('let others run while they are held, though they change nothing and are not noted as begun', async () => {
    const method = 'need_power_on';
    const node = randomUUID();
    const declaring = await fixture.start({});
    await declaring.close();
    const id = await fixture.client.cast({ topic: TOPIC, server: HOST }, method, {
      task: sampleTask({ uuid: node, network_provider: 'dependent' }),
    });
    await fixture.database.dataSource.query(
      `INSERT INTO operations (id, kind, method, status, started_at, node_uuid, begun, tried_alone)
       VALUES (?, 'cast', ?, 'running', '2026-01-01', ?, ?, ?)`,
      [id, method, node, EARLIER.begun, EARLIER.tried_alone],
    );
    let away: string | null = null;
    const dependent = {
      ...scriptedProvider(() => {
        away = 'the switch controller does not answer';
        return Promise.reject(new TransientError(away));
      }),
      dependency: {
        get away() {
          return away;
        },
        back: () => new Promise<void>(() => undefined),
      },
    };
    await fixture.start({ dependent, scripted: scriptedProvider(() => Promise.resolve(nothingDone)) });
    await until('the suspect is held', () => away !== null);
    expect(await ended(await cast(randomUUID()))).to.include({ status: 'succeeded' });
  });
});
