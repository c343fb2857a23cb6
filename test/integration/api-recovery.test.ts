import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { jsonCodec, NO_CONTEXT } from '../../src/rpc/index.js';
import { HOST } from '../../testkit/fixtures/command-place.js';
import { DEAD, DeadLetterPlace, HOST_QUEUE } from '../../testkit/fixtures/dead-letters.js';
import { putOperation } from '../../testkit/fixtures/on-record.js';
import { until } from '../../testkit/fixtures/poll.js';
import { ReplayPlace } from '../../testkit/fixtures/replay.js';
import { type ApiProcess, startApi } from '../../testkit/servers/api-process.js';

type Json = Record<string, unknown>;

interface Action extends Json {
  id: string;
  status: string;
  report: Json | null;
  error: string | null;
}

/** The REST API as a process, for the place where a test's commands run. */
class Asked {
  #api: ApiProcess | null = null;

  async start(env: Record<string, string>): Promise<void> {
    this.#api = await startApi(env);
  }

  async stop(): Promise<void> {
    await this.#api?.stop();
    this.#api = null;
  }

  async get(path: string): Promise<{ status: number; body: Json }> {
    return this.#answer(await fetch(`${this.#api?.endpoint ?? ''}${path}`));
  }

  async post(path: string, body: object): Promise<{ status: number; body: Json }> {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers, body: JSON.stringify(body) };
    return this.#answer(await fetch(`${this.#api?.endpoint ?? ''}${path}`, options));
  }

  /** Begins an action, and waits until it is over. */
  async act(path: string, body: object): Promise<Action> {
    const begun = await this.post(path, body);
    expect(begun.status, JSON.stringify(begun.body)).to.equal(202);
    const { id } = begun.body as Action;
    return until('the action to be over', async () => {
      const action = (await this.get(`/v1/actions/${id}`)).body as Action;
      return action.status !== 'running' && action;
    });
  }

  async #answer(answer: Response): Promise<{ status: number; body: Json }> {
    return { status: answer.status, body: (await answer.json()) as Json };
  }
}

describe('dead letters in the REST API', () => {
  const place = new DeadLetterPlace();
  const api = new Asked();
  before(() => place.open());
  beforeEach(async () => {
    await place.renew();
    await api.start(place.env);
  });
  afterEach(async () => {
    await api.stop();
    await place.clear();
  });
  after(() => place.close());

  const ids = async (query = ''): Promise<unknown[]> => {
    const { status, body } = await api.get(`/v1/dead-letters${query}`);
    expect(status).to.equal(200);
    return (body['dead_letters'] as Json[]).map(({ id }) => id);
  };

  it('are listed oldest first, by reason, host, node and method, and none without a queue', async () => {
    expect(await ids()).to.deep.equal([]);
    const other = { 'netprov-reason': 'poison', 'netprov-method': 'reattach', 'netprov-origin-queue': 'elsewhere' };
    await place.write({ 'op-1': {}, 'op-2': other, 'op-3': {} });
    await until('the list of before to be forgotten', async () => (await ids()).length === 3);
    expect(await ids()).to.deep.equal(['op-1', 'op-2', 'op-3']);
    expect(await ids('?reason=poison')).to.deep.equal(['op-2']);
    expect(await ids(`?conductor=${HOST}`)).to.deep.equal(['op-1', 'op-3']);
    expect(await ids('?method=reattach')).to.deep.equal(['op-2']);
    const { body } = await api.get('/v1/dead-letters?limit=1');
    expect([(body['dead_letters'] as Json[]).length, body['more']]).to.deep.equal([1, true]);
    await place.ready(DEAD, 3);
  });

  it('are shown with their request, without its secrets', async () => {
    const id = randomUUID();
    const request = { method: 'reboot', version: '1.0', args: {}, _unique_id: id, _context_auth_token: 'secret' };
    await place.write({});
    await place.send(DEAD, JSON.stringify(request), { contentType: 'application/json' });
    await place.ready(DEAD, 1);
    const { status, body } = await api.get(`/v1/dead-letters/${id}`);
    expect(status).to.equal(200);
    expect(body).to.have.nested.property('dead_letters.0.request.method', 'reboot');
    expect(JSON.stringify(body)).to.not.contain('secret');
    expect((await api.get('/v1/dead-letters/nobody')).status).to.equal(404);
  });

  it('are requeued after a dry run, and that is on record', async () => {
    const id = randomUUID();
    const args = { node_id: randomUUID() };
    const nobody = { msgId: null, replyQ: null, timeout: null, context: NO_CONTEXT };
    const request = { method: 'add_cleaning_network', version: '1.0', namespace: null, args, uniqueId: id };
    const body = jsonCodec.encodeRequest({ ...request, ...nobody }).toString();
    await place.declare(HOST_QUEUE);
    await place.write({});
    const headers = {
      'netprov-reason': 'retries_exhausted',
      'netprov-origin-queue': HOST_QUEUE,
      'netprov-operation-id': id,
    };
    await place.send(DEAD, body, { contentType: 'application/json', headers });
    await place.ready(DEAD, 1);

    const dry = await api.post('/v1/dead-letters/requeue', { ids: [id] });
    expect(dry.body).to.deep.include({ dry_run: true, done: [], stayed: [], action: null });
    expect(dry.body).to.have.nested.property('dead_letters.0.id', id);
    await place.ready(DEAD, 1);

    const done = await api.post('/v1/dead-letters/requeue', { ids: [id], dry_run: false });
    expect(done.body).to.deep.include({ dry_run: false, done: [id], stayed: [] });
    expect(await place.bodies(HOST_QUEUE)).to.deep.equal([body]);
    expect(await ids()).to.deep.equal([]);
    const record = (await api.get(`/v1/actions/${String(done.body['action'])}`)).body;
    expect(record).to.deep.include({ kind: 'requeue', status: 'done', request: { ids: [id], force: false } });
    expect(record['report']).to.deep.equal({ done: [id], stayed: [] });
    expect((await api.get('/v1/actions?kind=requeue')).body['actions']).to.have.length(1);
    expect((await api.get('/v1/actions?kind=drop')).body['actions']).to.deep.equal([]);
  });

  it('stay if they would come back, and nothing is done if one of the ids is unknown', async () => {
    await place.write({ 'op-1': {} });
    const refused = await api.post('/v1/dead-letters/requeue', { ids: ['op-1'], dry_run: false });
    expect(refused.body['done']).to.deep.equal([]);
    expect(refused.body).to.have.nested.property('stayed.0.id', 'op-1');
    const unknown = await api.post('/v1/dead-letters/drop', { ids: ['op-1', 'op-2'], dry_run: false });
    expect(unknown.status).to.equal(409);
    await place.ready(DEAD, 1);
    const dropped = await api.post('/v1/dead-letters/drop', { ids: ['op-1'], dry_run: false });
    expect(dropped.body['done']).to.deep.equal(['op-1']);
    await place.ready(DEAD, 0);
  });
});

describe('a replay through the REST API', () => {
  const place = new ReplayPlace();
  const api = new Asked();
  before(() => place.open());
  beforeEach(async () => {
    await place.renew();
    await place.declare();
    await api.start(place.env);
  });
  afterEach(async () => {
    await api.stop();
    await place.database.dataSource.query('DELETE FROM operations');
    await place.clear();
  });
  after(() => place.close());

  it('tells what it would do, does it, and tells what it did', async () => {
    const node = randomUUID();
    const finished = await place.request('remove_cleaning_network', randomUUID());
    const open = await place.request('add_provisioning_network', node);
    await place.ended(finished);
    await place.take(2);

    const dry = await api.act('/v1/replays', { from: 'first' });
    expect(dry).to.deep.include({ kind: 'replay', status: 'done', error: null });
    const entries = dry.report?.['entries'] as Json[];
    expect(entries.map(({ operation_id, decision }) => [operation_id, decision])).to.deep.equal([
      [open, 'replay'],
      [finished, 'skip: finished'],
    ]);
    expect((await place.broker.counts(HOST_QUEUE)).ready).to.equal(0);

    const done = await api.act('/v1/replays', { from: 0, dry_run: false });
    expect(done).to.deep.include({ status: 'done', done: 1, total: 1 });
    expect(done.report).to.deep.include({ dry_run: false, replayed: 1, left: [], next: null, problem: null });
    await place.take(1);
  });

  it('is refused for a range that is none, and fails where there is no journal', async () => {
    for (const wrong of [{}, { from: 'yesterday' }, { from: -1 }, { from: 'first', rate: 0 }]) {
      expect((await api.post('/v1/replays', wrong)).status, JSON.stringify(wrong)).to.equal(400);
    }
    await api.stop();
    await api.start({ ...place.env, NETPROV_JOURNAL_ENABLED: 'false' });
    const failed = await api.act('/v1/replays', { from: 'first' });
    expect(failed.status).to.equal('failed');
    expect(failed.error).to.contain('journal.enabled is false');
  });
});

describe('the fleet in the REST API', () => {
  const place = new DeadLetterPlace();
  const api = new Asked();
  before(async () => {
    await place.open();
    await place.renew();
    await place.startWorker();
    await api.start(place.env);
  });
  after(async () => {
    await api.stop();
    await place.clear();
    await place.close();
  });

  it('has the workers, with their builds and the hosts that they act for', async () => {
    const workers = await until('a worker that owns its host', async () => {
      const [worker] = (await api.get('/v1/workers')).body['workers'] as Json[];
      return worker?.['lives'] === true && worker;
    });
    expect(workers['build']).to.match(/^\d+\.\d+\.\d+ \(/);
    expect([...(workers['owns'] as string[]), ...(workers['stands_by'] as string[])]).to.deep.equal([HOST]);
  });

  it('has what netprov doctor finds, once for all who ask', async () => {
    const [one, other] = await Promise.all([api.get('/v1/health'), api.get('/v1/health')]);
    expect(one.status).to.equal(200);
    expect(one.body).to.deep.equal(other.body);
    const checks = (one.body['findings'] as Json[]).map(({ check }) => String(check).split('.')[0]);
    expect([...new Set(checks)]).to.include.members(['broker', 'database', 'config']);
  });

  it('has what waits in the queues, and the results that are owed', async () => {
    await place.send(DEAD, 'a dead letter', {});
    await until('the dead letter to be counted', async () => {
      const { status, body } = await api.get('/v1/queues');
      expect(status).to.equal(200);
      const dead = (body['queues'] as Json[]).find(({ kind }) => kind === 'dead_letters');
      return dead?.['messages'] === 1;
    });
    const { body } = await api.get('/v1/queues');
    const queues = body['queues'] as Json[];
    expect(queues.map(({ kind }) => kind)).to.deep.equal(['any_host', 'host', 'fanout', 'dead_letters']);
    const own = { name: HOST_QUEUE, conductor_host: HOST, messages: 0, consumers: 1 };
    expect(queues.find(({ kind }) => kind === 'host')).to.deep.include(own);
    expect(body['owed_results']).to.equal(0);
  });

  it('has rate, durations and retries of the last minutes', async () => {
    const { manager } = place.database.dataSource;
    const now = new Date();
    const ago = (seconds: number): string =>
      new Date(now.getTime() - seconds * 1000).toISOString().replace('T', ' ').slice(0, -1);
    for (const seconds of [1, 2, 4]) {
      await putOperation(manager, { started_at: ago(30 + seconds), finished_at: ago(30), attempts: 2 });
    }
    await putOperation(manager, { started_at: ago(40), finished_at: ago(30), status: 'failed', attempts: 1 });
    await putOperation(manager, { started_at: ago(40), finished_at: null, status: 'running' });
    await putOperation(manager, { started_at: ago(7200), finished_at: ago(7199) });
    const { body } = await api.get('/v1/metrics/series');
    const points = body['points'] as Record<string, number | null>[];
    expect([points.length, body['span'], body['running']]).to.deep.equal([60, 15, 1]);
    const ended = points.filter(({ mean }) => mean !== null);
    expect(ended).to.have.length(1);
    expect(ended[0]).to.deep.include({ succeeded: 3, failed: 1, retries: 3, max: 10, mean: 4.25 });
    expect(ended[0]?.['p50']).to.be.within(2, 2.2);
    expect(ended[0]?.['p95']).to.be.within(9.5, 10);
    expect(body['durations']).to.have.length(1);
    expect(body).to.have.nested.include({ 'durations.0.count': 4, 'durations.0.failed': 1 });
  });
});
