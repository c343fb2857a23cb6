import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { pause } from '../../src/async/pause.js';
import { protobufCodec } from '../../src/messages/protobuf.js';
import { jsonCodec } from '../../src/rpc/index.js';
import { loadEnds } from '../../src/state/index.js';
import { HOST } from '../../testkit/fixtures/command-place.js';
import { HOST_QUEUE, ReplayPlace, TOPIC } from '../../testkit/fixtures/replay.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { type Ended, json } from '../../testkit/servers/netprov.js';

interface Shown {
  counts: { queue: string | null; method: string | null; decision: string; entries: number }[];
  entries: { offset: number; operation_id: string | null; decision: string; problem: string | null }[];
  replayed: number;
  next: number | null;
}

const shown = (ended: Ended): Shown => json(ended) as Shown;
const decisions = (ended: Ended): string[] => shown(ended).entries.map(({ decision }) => decision);

describe('netprov replay, between the journal and the queues', () => {
  const place = new ReplayPlace();
  const [one, two] = [randomUUID(), randomUUID()] as const;
  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(async () => {
    await place.database.dataSource.query('DELETE FROM operations');
    await place.clear();
  });
  after(() => place.close());

  it("sends unfinished requests in order and unchanged, except for a call's reply fields, and does not journal them", async () => {
    await place.declare();
    const reply = { msgId: 'msg-1', replyQ: 'reply_1', timeout: 60 };
    const body = JSON.stringify({
      method: 'add_cleaning_network',
      args: { node_id: one },
      _context_auth_token: 'secret',
    });
    await place.publish(body, { contentType: 'application/json', headers: { theirs: 'x', CC: [TOPIC] } });
    const finished = await place.request('remove_cleaning_network', two);
    const call = await place.request('add_provisioning_network', one, reply);
    const binary = await place.request('add_rescuing_network', one, reply, protobufCodec);
    await place.request('vif_list', one, reply);
    await place.request('remove_provisioning_network', one, { uniqueId: call });
    await place.ended(finished);
    const sent = await place.take(6);
    const journaled = await place.journaled();
    expect(journaled).to.equal(6);

    const dry = await place.replay('--from', 'first', '--dry-run', '--json');
    expect(dry).to.deep.include({ code: 0, stderr: '' });
    const plan = ['replay', 'skip: finished', 'replay', 'replay', 'skip: only asks', 'skip: repeat'];
    expect(decisions(dry)).to.deep.equal(plan);
    expect((await place.broker.counts(HOST_QUEUE)).ready).to.equal(0);

    const done = await place.replay('--from', 'first', '--yes');
    expect(done).to.deep.include({ code: 0, stderr: '' });
    expect(done.stdout)
      .to.contain('skip: only asks')
      .and.to.match(/\nreplayed 3 requests\n$/);
    const again = await place.take(3);
    expect(again[0]?.content.equals(sent[0]?.content ?? Buffer.alloc(0)), 'byte for byte').to.equal(true);
    expect(again[0]?.properties).to.deep.include({ contentType: 'application/json' });
    expect(again[0]?.properties.headers).to.include({
      theirs: 'x',
      'netprov-replay': 0,
      'netprov-replay-unless': binary,
    });
    expect(again[0]?.properties.headers).to.not.have.any.keys('CC', 'x-stream-offset');
    const requests = again.map(({ content }, index) =>
      (index === 2 ? protobufCodec : jsonCodec).decodeRequest(content),
    );
    expect(requests.map(({ method }) => method)).to.deep.equal([
      'add_cleaning_network',
      'add_provisioning_network',
      'add_rescuing_network',
    ]);
    expect(requests.slice(1).map(({ uniqueId }) => uniqueId)).to.deep.equal([call, binary]);
    for (const request of requests) expect(request).to.deep.include({ msgId: null, replyQ: null, timeout: null });
    expect(await place.journaled()).to.equal(journaled);
  });

  it('selects requests by place, node, method and host, only failed ones, or only the latest', async () => {
    await place.declare();
    const early = await place.request('add_cleaning_network', one);
    await place.request('add_provisioning_network', two);
    await pause(2100);
    const between = new Date(Date.now() - 1000).toISOString();
    const failed = await place.request('remove_provisioning_network', two);
    await place.request('add_provisioning_network', one);
    await place.request('remove_provisioning_network', one);
    await place.ended(failed, 'failed');
    const offsets = async (...args: string[]): Promise<number[]> => {
      const ended = await place.replay('--dry-run', '--json', ...args);
      expect(ended.code, ended.stderr).to.equal(0);
      return shown(ended).entries.flatMap(({ offset, decision }) => (decision.startsWith('replay') ? [offset] : []));
    };
    // Entry 1 has been overtaken by entry 2, which failed and stands as it is.
    expect(await offsets('--from', between)).to.deep.equal([3, 4]);
    expect(await offsets('--from', '1h', '--to', between)).to.deep.equal([0]);
    expect(await offsets('--from', 'first', '--force', '--node', two)).to.deep.equal([1, 2]);
    expect(await offsets('--from', 'first', '--method', 'add_provisioning_network')).to.deep.equal([3]);
    expect(await offsets('--from', 'first', '--host', HOST, '--latest-per-node')).to.deep.equal([0, 4]);
    expect(await offsets('--from', '1', '--host', 'another', '--failed-only')).to.deep.equal([]);
    expect(await offsets('--from', '1', '--failed-only')).to.deep.equal([2]);
    await place.take(5);
    await place.replay('--from', 'first', '--to', '0', '--yes');
    await place.replay('--from', '1', '--failed-only', '--yes');
    const [first, again] = await place.take(2);
    expect(jsonCodec.decodeRequest(first?.content ?? Buffer.alloc(0)).uniqueId).to.equal(early);
    const { id: end } = (await loadEnds(place.database.dataSource.manager, [failed])).get(failed) ?? { id: null };
    expect(again?.properties.headers).to.deep.equal({ 'netprov-replay': 2, 'netprov-replay-again': end });
  });

  it('does not move a node back behind requests that wait in its queue', async () => {
    await place.declare();
    const task = sampleTask();
    const lost = await place.request('add_cleaning_network', task.node.uuid, { args: { task } });
    await place.take(1);
    const waits = await place.request('remove_cleaning_network', task.node.uuid, { args: { task } });
    expect((await place.replay('--from', 'first', '--yes')).stdout).to.match(/replayed 2 requests\n$/);
    const last = await place.request('add_provisioning_network', task.node.uuid, { args: { task } });
    const worker = await place.startWorker();
    const rows = await place.until({ [waits]: 'succeeded', [last]: 'succeeded' });
    expect([...rows.keys()]).to.have.members([waits, last]);
    expect(worker.stderr).to.contain(lost);
    expect((await place.replay('--from', 'first', '--dry-run')).stdout).to.contain('skip: superseded');
  });

  it('reports unreadable entries, sends the others, and shows it in its exit code', async () => {
    await place.declare();
    await place.publish('no JSON');
    await place.publish(JSON.stringify({ method: 'reboot', args: { node_id: one } }), {
      contentType: 'application/json',
    });
    await place.request('add_cleaning_network', one);
    const deep = `{"method":"add_cleaning_network","args":{"node_id":"${two}"},"_msg_id":"m","_reply_q":"q","x":DEEP}`;
    await place.publish(deep.replace('DEEP', '['.repeat(10_000) + ']'.repeat(10_000)), {
      contentType: 'application/json',
    });
    await place.take(4);
    const ended = await place.replay('--from', 'first', '--yes');
    expect(ended.code).to.equal(1);
    expect(ended.stderr)
      .to.contain('entry 3, add_cleaning_network of node')
      .and.to.contain('cannot be converted to a cast');
    expect(ended.stdout)
      .to.contain('entry 0 is not replayed: not_json')
      .and.to.contain('entry 1 is not replayed: no_such');
    expect(ended.stdout).to.match(/replayed 1 request\n$/);
    await place.take(1);
    const ofAnother = await place.replay('--from', '1', '--node', two, '--dry-run', '--json');
    expect(ofAnother.code).to.equal(0);
  });

  it('sends nothing where a queue is missing, and says how it is declared', async () => {
    await place.declare();
    await place.request('add_cleaning_network', one);
    await place.broker.onChannel((channel) => channel.deleteQueue(HOST_QUEUE));
    const { code, stderr } = await place.replay('--from', 'first', '--yes');
    expect(code).to.equal(3);
    expect(stderr).to.contain(`there is no queue "${HOST_QUEUE}"`).and.to.contain('netprov topology declare');
  });

  it('prints its position when it is interrupted, and continues from there', async () => {
    await place.declare();
    const nodes = [...Array(40).keys()].map(() => randomUUID());
    for (const node of nodes) await place.request('add_cleaning_network', node);
    await place.take(40);
    const slow = place.start(['replay', '--from', 'first', '--rate', '1', '--yes', '--json']);
    await slow.says('replayed: ');
    slow.kill('SIGINT');
    const ended = await slow.ended;
    expect(ended.code, ended.stderr).to.equal(1);
    const { replayed, next } = shown(ended);
    expect(replayed).to.be.within(1, 39);
    expect(next).to.equal(replayed);
    expect(ended.stderr).to.contain(`ended after ${replayed} of 40`).and.to.contain(`--from ${replayed}`);
    const rest = await place.replay('--from', String(next), '--yes', '--json');
    expect(shown(rest)).to.deep.include({ replayed: 40 - replayed, next: null });
    const sent = (await place.take(40)).map(({ content }) => jsonCodec.decodeRequest(content).args['node_id']);
    expect(sent).to.deep.equal(nodes);
  });

  it('skips a node that gets a newer request meanwhile', async () => {
    await place.declare();
    const others = [...Array(9).keys()].map(() => randomUUID());
    for (const node of [...others, one]) await place.request('add_cleaning_network', node);
    const slow = place.start(['replay', '--from', 'first', '--rate', '1', '--yes']);
    await slow.says('replayed: ');
    // The replay stands still until the newer request is in the journal.
    slow.kill('SIGSTOP');
    await place.request('remove_cleaning_network', one);
    slow.kill('SIGCONT');
    const ended = await slow.ended;
    expect(ended.code).to.equal(1);
    expect(ended.stdout).to.match(/replayed 9 requests\n$/);
    expect(ended.stderr).to.contain(
      `entry 9, add_cleaning_network of node ${one}, was not replayed: its node received`,
    );
    await place.take(20);
  });

  it('explains errors, and changes nothing', async () => {
    const none = await place.replay('--from', 'first', '--dry-run');
    expect(none.code).to.equal(2);
    expect(none.stderr).to.contain(`there is no journal "${TOPIC}.journal"`);
    await place.declare();
    const cases: [string[], string][] = [
      [[], "required option '--from <place>'"],
      [['--from', 'yesterday', '--yes'], 'It must be an offset such as 1200'],
      [['--from', '2999-01-01', '--yes'], 'must not be in the future'],
      [['--from', '5', '--to', '4', '--yes'], '--from is later than --to'],
      [['--from', '1h', '--to', '2h', '--yes'], '--from is later than --to'],
      [['--from', 'first'], 'give --yes, or --dry-run'],
      [['--from', 'first', '--node', 'x', '--yes'], 'UUID'],
      [['--from', 'first', '--method', 'reboot', '--yes'], 'add_provisioning_network'],
      [['--from', 'first', '--rate', '0', '--yes'], 'whole number from 1'],
    ];
    for (const [args, says] of cases) {
      const { code, stderr } = await place.replay(...args);
      expect(code, args.join(' ')).to.equal(2);
      expect(stderr, args.join(' ')).to.contain(says);
    }
    const empty = await place.replay('--from', 'first', '--yes');
    expect(empty).to.deep.equal({
      code: 0,
      stdout: 'the journal has no such entry\nreplayed 0 requests\n',
      stderr: '',
    });
    place.env['NETPROV_JOURNAL_ENABLED'] = 'false';
    expect((await place.replay('--from', 'first', '--dry-run')).stderr).to.contain('journal.enabled is false');
  });

  it('says that the database cannot be reached', async () => {
    await place.declare();
    place.env['NETPROV_DATABASE_URL'] = 'mysql://u:sesame@127.0.0.1:1/d';
    const database = await place.replay('--from', 'first', '--dry-run');
    expect(database.code).to.equal(3);
    expect(database.stderr).to.contain('the database cannot be reached').and.to.not.contain('sesame');
  });
});
