import { randomUUID } from 'node:crypto';

import { expect } from 'chai';
import mysql, { type Connection } from 'mysql2/promise';

import { pause } from '../../src/async/pause.js';
import type { OperationResult } from '../../src/contract/types.js';
import { jsonCodec } from '../../src/rpc/index.js';
import { ACKNOWLEDGES, ASKS_IF_DONE, COMMITS, ENDS, SENDS_RESULT } from '../../testkit/fixtures/crashes.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import {
  atFrame,
  atStatement,
  type Hold,
  startNetprovWorker,
  SteeredWorker,
} from '../../testkit/servers/steered-worker.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST };
const QUEUE = `${TOPIC}.${HOST}`;
const RESULTS = `${TOPIC}_results.${HOST}`;
const CASTS = 12;

type Row = Record<string, unknown>;

/** What the servers have of the casts when the worker dies. */
interface Seen {
  committed: number;
  results: number;
}

/** A worker's death: where it dies, how it is held there, and what proves that it died there. */
type Crash = [dies: string, hold: Hold, leaves: (seen: Seen) => boolean];

const nothing = ({ committed, results }: Seen): boolean => committed === 0 && results === 0;
const onlyCommitted = ({ committed, results }: Seen): boolean => committed > 0 && results === 0;
const answered =
  (least: number) =>
  ({ committed, results }: Seen): boolean =>
    committed >= results && results >= least;
const sends = (casts: number): RegExp[] => Array<RegExp>(casts).fill(SENDS_RESULT);

/** The two packets of a batch's transaction. */
const CHECKS = /START TRANSACTION;UPDATE queue_owners /;
const WRITES = /INSERT INTO operations .*COMMIT$/s;

const AROUND_THE_COMMIT: Record<'packets' | 'transaction', Crash[]> = {
  packets: [
    ['the providers are done, before the transaction', atStatement('hang before', CHECKS), nothing],
    ['in the transaction, before it writes', atStatement('hang before', WRITES), nothing],
    ['committed, before it knows', atStatement('hang after', WRITES), onlyCommitted],
  ],
  transaction: [
    ['the providers are done, before they are recorded', atStatement('hang before', ENDS), nothing],
    ['in the transaction, before the commit', atStatement('hang before', ENDS, COMMITS), nothing],
    ['committed, before it knows', atStatement('hang after', ENDS, COMMITS), onlyCommitted],
  ],
};

function crashes(commit: keyof typeof AROUND_THE_COMMIT): Crash[] {
  return [
    ['received, before they are looked up', atStatement('hang before', ASKS_IF_DONE), nothing],
    ['looked up, before it knows', atStatement('hang after', ASKS_IF_DONE), nothing],
    ...AROUND_THE_COMMIT[commit],
    ['committed, before the first answer', atFrame('hang before', SENDS_RESULT), onlyCommitted],
    ['some are answered', atFrame('hang before', ...sends(CASTS / 2)), answered(CASTS / 2 - 1)],
    ['answered, before it knows', atFrame('hang after', SENDS_RESULT), answered(1)],
    ['answered, before the acknowledgement', atFrame('hang before', SENDS_RESULT, ACKNOWLEDGES), answered(1)],
  ];
}

/**
 * Operations that change nothing outside, which are done in batches, and the same ones step by step. Each test has a
 * worker that is killed at a step, and another that finishes.
 */
describe('a worker that is killed with many operations', () => {
  let fixture: WorkerFixture;
  let env: Record<string, string>;
  const tasks = Array.from({ length: CASTS }, () => sampleTask());
  let ids: string[];
  let running: { stop(): Promise<unknown> }[] = [];

  const query = (sql: string): Promise<Row[]> => fixture.database.dataSource.query<Row[]>(sql);
  /** Ends the lease: the owner's process is gone, so nothing has to wait for it. */
  const leaseIsOver = (): Promise<Row[]> => query('UPDATE queue_owners SET worker_id = NULL');
  const finishing = async () => {
    const worker = await startNetprovWorker(env);
    running.push(worker);
    return worker;
  };
  const ready = async (queue: string): Promise<number> => (await fixture.broker.counts(queue)).ready;
  const seen = async (): Promise<Seen> => ({ committed: (await rows()).length, results: await ready(RESULTS) });
  const rows = (): Promise<Row[]> =>
    fixture.database.dataSource.query<Row[]>('SELECT * FROM operations WHERE id IN (?) ORDER BY id', [ids]);

  before(async () => {
    fixture = await WorkerFixture.create();
    env = {
      NETPROV_HOST: HOST,
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_WORKER_SHUTDOWN_TIMEOUT: '60',
      // The lease must not lapse on a slow machine, or the operations under way would begin again.
      NETPROV_WORKER_LEASE: '60',
      NETPROV_HEALTH_PORT: 'null',
    };
    // From now on the nodes are on record, and the tasks do not change them: a batch is committed in two packets.
    const worker = await finishing();
    await Promise.all(tasks.map((task) => fixture.client.call(TARGET, 'add_cleaning_network', { task })));
    await worker.stop();
  });
  beforeEach(async () => {
    await fixture.listen(RESULTS);
    // No worker runs: the next one finds all of them in its queue.
    ids = tasks.map(() => randomUUID());
    for (const [index, task] of tasks.entries()) {
      await fixture.client.cast(TARGET, 'remove_cleaning_network', { task }, { uniqueId: ids[index] ?? '' });
    }
  });
  afterEach(async () => {
    await Promise.all(running.map((worker) => worker.stop()));
    running = [];
    // Also after a failed test: the next one would wait until the lease of the killed worker has lapsed.
    await leaseIsOver();
    await fixture.reset();
    await query('DELETE FROM operations');
    await query('DELETE FROM owed_results');
  });
  after(() => fixture.drop());

  /**
   * Starts a worker that is held at a step, and kills it there.
   *
   * @param afterwards returns how many casts may be acknowledged, because they were committed in another batch
   */
  async function dies(
    hold: Hold,
    alsoTrue: () => Promise<boolean>,
    own: Record<string, string> = {},
    afterwards: () => Promise<number> = () => Promise.resolve(0),
  ): Promise<void> {
    const { worker, reached } = await SteeredWorker.startHeld(fixture, { ...env, ...own }, hold);
    running.push(worker);
    await worker.killAt(reached, alsoTrue);
    const others = await afterwards();
    await leaseIsOver();
    await until('nobody consumes', async () => (await fixture.broker.counts(QUEUE)).consumers === 0);
    expect(await ready(QUEUE), 'messages that are not acknowledged').to.be.within(CASTS - others, CASTS);
  }

  /** Takes all results that are there. A result may come again, but not with another content. */
  async function take(results: Map<string, OperationResult>): Promise<void> {
    for (let message = await fixture.take(RESULTS); message !== null; message = await fixture.take(RESULTS)) {
      const { args, uniqueId } = jsonCodec.decodeRequest(message.content);
      const result = args['result'] as OperationResult;
      expect(results.get(uniqueId) ?? result).to.deep.equal(result);
      results.set(uniqueId, result);
    }
  }

  /** Lets another worker finish, and judges by rows, results and acknowledgements. */
  async function expectFinished(): Promise<void> {
    const before = await rows();
    const sent = new Map<string, OperationResult>();
    await take(sent);
    // The dead worker has acknowledged the other messages: it has sent their results, or owes them.
    const waiting = await ready(QUEUE);
    const worker = await finishing();
    const results = new Map<string, OperationResult>();
    const answeredIds = (): string[] => [...new Set([...sent.keys(), ...results.keys()])].sort();
    await until('every operation has a result, and every message that waited has an answer', async () => {
      await take(results);
      return results.size >= waiting && answeredIds().length === CASTS;
    });
    await until('no result is owed', async () => (await query('SELECT id FROM owed_results')).length === 0);
    expect((await worker.stop()).code).to.equal(0);
    await until('nobody consumes', async () => (await fixture.broker.counts(QUEUE)).consumers === 0);
    expect(await ready(QUEUE), 'every message is acknowledged').to.equal(0);
    await take(results);
    expect(answeredIds()).to.deep.equal([...ids].sort());
    expect(await ready(`${TOPIC}.dead`), 'dead letters').to.equal(0);

    const after = await rows();
    expect(after.map(({ id }) => id)).to.deep.equal([...ids].sort());
    for (const row of after) {
      expect(row).to.include({ status: 'succeeded', method: 'remove_cleaning_network', owed_to: null });
      const id = row['id'] as string;
      const answers = [sent, results].flatMap((each) => each.get(id) ?? []);
      for (const answer of answers) expect(answer).to.deep.equal(JSON.parse(row['result'] as string));
    }
    // No worker has done an operation again that was committed before the crash: its row is the same.
    for (const row of before) expect(after).to.deep.include(row);
    expect(await query('SELECT * FROM owed_results')).to.deep.equal([]);
  }

  describe('in a batch', () => {
    for (const [where, hold, leaves] of crashes('packets')) {
      it(where, async () => {
        await dies(hold, async () => leaves(await seen()));
        await expectFinished();
      });
    }

    describe('while the database works on the commit', () => {
      /** A session that holds a lock. One of the pool would be ended while it is idle in a transaction. */
      let holder: Connection;
      beforeEach(async () => {
        holder = await mysql.createConnection(fixture.database.connection);
      });
      afterEach(() => holder.end());

      /**
       * Lets the database wait in the middle of the commit, and kills the worker then.
       * @param afterwards gets the number of the session that waits
       * @param own what of the worker's configuration is other than usual
       * @param alsoTrue what else must be so before it is killed
       */
      async function diesInCommit(
        afterwards: (session: number) => Promise<void>,
        own: Record<string, string> = {},
        alsoTrue: () => Promise<boolean> = () => Promise.resolve(true),
      ): Promise<void> {
        await holder.beginTransaction();
        await holder.query(
          "INSERT INTO operations (id, kind, method, status, started_at) VALUES (?, 'cast', '', '', NOW())",
          [ids[0]],
        );
        let session = 0;
        const waits = async (): Promise<boolean> => {
          // InnoDB refreshes innodb_trx only if nobody has read it for 0.1 s.
          await pause(150);
          const [row] = await query(
            `SELECT p.id FROM information_schema.innodb_trx t JOIN information_schema.processlist p
               ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE() AND t.trx_state = 'LOCK WAIT'`,
          );
          session = Number(row?.['id'] ?? 0);
          return session !== 0;
        };
        const sent: Hold = ({ database }) => {
          let packets = 0;
          database.fate = (frame) => {
            if (WRITES.test(frame)) packets += 1;
            return 'pass';
          };
          return () => packets > 0;
        };
        await dies(
          sent,
          async () => (await waits()) && (await alsoTrue()),
          own,
          async () => {
            // On a slow machine, there are several batches, or the wait for the lock has ended, and the others were committed
            // alone.
            const committed = (await rows()).map(({ id }) => id);
            expect(committed).not.to.include(ids[0]);
            await afterwards(session);
            await until('the session has ended', async () => {
              const rest = await query(`SELECT id FROM information_schema.processlist WHERE id = ${session}`);
              return rest.length === 0;
            });
            return committed.length;
          },
        );
      }

      it('the database goes on with the commit after the death', async () => {
        await diesInCommit(() => holder.rollback());
        await expectFinished();
      });

      it('of one batch, after another one was answered', async () => {
        const several = { NETPROV_WORKER_GROUP_SIZE: String(CASTS / 4) };
        await diesInCommit(
          () => holder.rollback(),
          several,
          async () => (await seen()).results > 0,
        );
        await expectFinished();
      });

      it('the database rolls it back', async () => {
        await diesInCommit(async (session) => {
          // On a slow machine, the wait for the lock has ended the session already.
          await query(`KILL ${session}`).catch(() => undefined);
          await holder.rollback();
        });
        await expectFinished();
      });
    });
  });

  describe('step by step, as with traces', () => {
    const traced = { NETPROV_TRACING_ENABLED: 'true', NETPROV_TRACING_ENDPOINT: 'http://127.0.0.1:9' };
    for (const [where, hold, leaves] of crashes('transaction')) {
      it(where, async () => {
        await dies(hold, async () => leaves(await seen()), traced);
        await expectFinished();
      });
    }
  });
});
