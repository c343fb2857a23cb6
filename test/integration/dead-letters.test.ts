import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import type { Letter } from '../../src/messages/dead-letter-details.js';
import { HOST } from '../../testkit/fixtures/command-place.js';
import { DEAD, DeadLetterPlace, HOST_QUEUE, NODE, TIME, TOPIC } from '../../testkit/fixtures/dead-letters.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { type Ended, json } from '../../testkit/servers/netprov.js';

interface Listed {
  dead_letters: Letter[];
  more: boolean;
}

describe('netprov dead-letter', () => {
  const place = new DeadLetterPlace();
  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(() => place.close());

  const deadLetter = (...args: string[]): Promise<Ended> => place.run('dead-letter', ...args);
  const listed = async (...args: string[]): Promise<Letter[]> => {
    const ended = await deadLetter('list', '--json', ...args);
    expect(ended).to.deep.include({ code: 0, stderr: '' });
    return (json(ended) as Listed).dead_letters;
  };
  const ids = async (...args: string[]): Promise<string[]> => (await listed(...args)).map(({ id }) => id);
  describe('with letters of a worker', () => {
    const cast = (fields: object): string =>
      JSON.stringify({ method: 'reboot', version: '1.0', args: { node_id: NODE }, ...fields });

    it('shows what each letter was, and its history when it becomes a dead letter again', async () => {
      await place.startWorker();
      const id = randomUUID();
      const body = cast({ _unique_id: id, _context_auth_token: 'secret' });
      const own = { contentEncoding: 'utf-8', correlationId: 'theirs', headers: { theirs: 'x' } };
      await place.send(HOST_QUEUE, body, { contentType: 'application/json', ...own });
      const [first] = await until('a dead letter', async () => {
        const letters = await listed().catch(() => []);
        return letters.length === 1 && letters;
      });
      expect(first).to.deep.include({
        id,
        reason: 'no_such_method',
        queue: HOST_QUEUE,
        node: NODE,
        method: 'reboot',
        operation_id: id,
        deaths: 1,
        attempts: 1,
        bytes: body.length,
      });
      expect(first?.first_time).to.equal(first?.last_time).and.to.be.a('string');
      expect((await deadLetter('list')).stdout)
        .to.contain(id)
        .and.to.contain('no_such_method');

      const refused = await deadLetter('requeue', id, '--yes');
      expect(refused).to.deep.include({ code: 1, stdout: 'requeued 0 dead letters\n' });
      expect(refused.stderr).to.contain(`dead letter ${id} stays: it would become a dead letter again`);
      await place.ready(DEAD, 1);

      const requeued = await deadLetter('requeue', id, '--yes', '--force');
      expect(requeued).to.deep.equal({ code: 0, stdout: 'requeued 1 dead letter\n', stderr: '' });
      await place.ready(DEAD, 1);
      const [again] = await listed();
      expect(again).to.deep.include({ id, reason: 'no_such_method', deaths: 2, attempts: 2 });
      expect(again?.first_time).to.equal(first?.first_time);
      expect(again?.last_time).to.not.equal(first?.last_time);

      const shown = await deadLetter('show', id);
      expect(shown.stdout).to.contain('"method": "reboot"').and.to.contain('no_such_method');
      expect(shown.stdout + shown.stderr).to.not.contain('secret');
      expect((await deadLetter('show', id, '--raw')).stdout).to.equal(body);

      const [letter] = await place.take(DEAD);
      expect(letter?.content.toString()).to.equal(body);
      expect(letter?.properties).to.include({ contentType: 'application/json', contentEncoding: 'utf-8' });
      expect(letter?.properties).to.include({ correlationId: 'theirs' });
      expect(letter?.properties.headers).to.include({ theirs: 'x', 'netprov-operation-id': id, 'netprov-deaths': 2 });
    });

    it('are not routed by the headers of their senders, and need no content type', async () => {
      await place.startWorker();
      await place.declare('bystander');
      await place.send(HOST_QUEUE, 'no JSON', { headers: { CC: ['bystander'] } });
      await place.ready(DEAD, 1);
      expect((await place.take('bystander')).length, 'what the sender sent, and no letter').to.equal(1);
      const [letter] = await place.take(DEAD);
      expect(letter?.properties.contentType).to.equal(undefined);
      expect(letter?.properties.contentEncoding).to.equal(undefined);
    });

    it('runs an operation again whose retries ran out', async () => {
      const broken = join(place.directory, `broken-${randomUUID()}`);
      writeFileSync(broken, '');
      const plugin = join(place.directory, 'breakable.mjs');
      const method = `async () => {
        if (existsSync(${JSON.stringify(broken)})) throw Object.assign(new Error('out of order'), { name: 'TransientError' });
        return { bindings: [], failures: [] };
      }`;
      const names = ['provisioning', 'cleaning'].flatMap((type) => [`add_${type}_network`, `remove_${type}_network`]);
      const all = [...names, 'configure_tenant_networks', 'unconfigure_tenant_networks'];
      const methods = all.map((name) => `${name}: method`).join(', ');
      const text = `import { existsSync } from 'node:fs';\nconst method = ${method};\nexport default () => ({ ${methods} });`;
      writeFileSync(plugin, text);
      await place.startWorker({
        NETPROV_PROVIDERS: `{ breakable: ${plugin} }`,
        NETPROV_DEFAULT_NETWORK_PROVIDER: 'breakable',
        NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '1',
      });
      const task = place.taskFile(sampleTask());
      const { stdout } = await place.run('cast', 'add_cleaning_network', '--host', HOST, '--task', task);
      const id = stdout.trim();
      await place.ready(DEAD, 1);
      const [letter] = await listed();
      expect(letter).to.deep.include({ id, method: 'add_cleaning_network', queue: HOST_QUEUE });

      const results = place.start(['results', '--host', HOST, '--count', '2', '--json']);
      await results.says('listening');
      await deadLetter('requeue', id, '--yes');
      await place.ready(DEAD, 1);
      rmSync(broken);
      expect((await deadLetter('requeue', id, '--yes')).code).to.equal(0);
      const { stdout: lines } = await results.ended;
      const ends = lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { operation_id: string; status: string });
      expect(ends.map(({ operation_id }) => operation_id)).to.deep.equal([id, id]);
      expect(ends.map(({ status }) => status)).to.deep.equal(['failed', 'succeeded']);
      await place.ready(DEAD, 0);
    });
  });

  describe('requeue', () => {
    it('keeps the order, the body and the properties, and removes our headers except for two', async () => {
      await place.declare(HOST_QUEUE);
      await place.write({ a: {}, other: { 'netprov-reason': 'not_json' }, b: {}, c: { theirs: 'x' } });
      const ended = await deadLetter('requeue', '--reason', 'retries_exhausted', '--yes', '--force', '--json');
      expect(ended.code).to.equal(0);
      expect(json(ended)).to.deep.equal({ requeued: ['a', 'b', 'c'], stayed: [], more: false });
      const messages = await place.take(HOST_QUEUE);
      expect(messages.map(({ content }) => String(content))).to.deep.equal(['body of a', 'body of b', 'body of c']);
      const { properties } = messages[2] ?? {};
      expect(properties?.headers).to.deep.include({ theirs: 'x', 'netprov-first-time': TIME, 'netprov-deaths': 1 });
      const left = Object.keys(properties?.headers ?? {}).filter((name) => name.startsWith('netprov-'));
      expect(left).to.have.members(['netprov-first-time', 'netprov-deaths']);
      await place.ready(DEAD, 1);
      expect(await ids()).to.deep.equal(['other']);
    });

    it('leaves a letter whose queue does not exist, and those behind it, and says so', async () => {
      await place.declare(HOST_QUEUE);
      const gone = { 'netprov-origin-queue': `${TOPIC}.gone` };
      await place.write({ a: gone, b: {}, c: gone, d: { 'netprov-origin-queue': undefined } });
      const ended = await deadLetter('requeue', '--all', '--yes', '--force');
      expect(ended.code).to.equal(1);
      expect(ended.stdout).to.equal('requeued 1 dead letter\n');
      expect(ended.stderr).to.contain(`dead letter a stays: its queue "${TOPIC}.gone" does not exist`);
      expect(ended.stderr)
        .to.contain('dead letter c stays')
        .and.to.contain('dead letter d stays: its original queue is unknown');
      await place.ready(DEAD, 3);
      expect(await ids()).to.deep.equal(['a', 'c', 'd']);
      expect(await place.bodies(HOST_QUEUE)).to.deep.equal(['body of b']);
    });

    it('changes nothing for a letter that does not exist', async () => {
      await place.declare(HOST_QUEUE);
      await place.write({ a: {} });
      const { code, stderr } = await deadLetter('requeue', 'a', 'z', '--yes');
      expect(code).to.equal(1);
      expect(stderr).to.contain('no dead letter has this id: z; nothing was changed');
      await place.ready(DEAD, 1);
      await place.ready(HOST_QUEUE, 0);
    });

    it('changes nothing with --dry-run, without --yes where nobody can be asked, and without a choice', async () => {
      await place.declare(HOST_QUEUE);
      await place.write({ a: {} });
      const dry = await deadLetter('requeue', '--all', '--dry-run', '--json');
      expect(dry.code).to.equal(0);
      expect((json(dry) as Listed).dead_letters.map(({ id }) => id)).to.deep.equal(['a']);
      const cases: [string[], string][] = [
        [['--all'], 'give --yes'],
        [['--yes'], 'needs ids, filters, or --all without both'],
        [['a', '--all', '--yes'], 'needs ids, filters, or --all without both'],
        [['--older-than', 'soon', '--yes'], 'duration such as'],
      ];
      for (const [args, says] of cases) {
        const { code, stderr } = await deadLetter('requeue', ...args);
        expect(code, stderr).to.equal(2);
        expect(stderr).to.contain(says);
      }
      await place.ready(DEAD, 1);
      await place.ready(HOST_QUEUE, 0);
    });
  });

  describe('drop', () => {
    it('removes what is chosen and leaves the others in their order', async () => {
      await place.write({
        a: {},
        b: { 'netprov-last-time': new Date().toISOString() },
        c: { 'netprov-node': randomUUID() },
        d: { 'netprov-origin-queue': TOPIC },
        e: {},
      });
      expect(await ids('--newer-than', '1h')).to.deep.equal(['b']);
      expect(await ids('--host', HOST, '--node', NODE, '--older-than', '1h')).to.deep.equal(['a', 'e']);
      expect(await ids('--queue', TOPIC)).to.deep.equal(['d']);
      expect(await ids('--limit', '2')).to.deep.equal(['a', 'b']);
      const ended = await deadLetter('drop', '--node', NODE, '--older-than', '1h', '--limit', '2', '--yes');
      expect(ended).to.deep.include({ code: 0, stdout: 'dropped 2 dead letters; there are more\n' });
      await place.ready(DEAD, 3);
      expect(await ids()).to.deep.equal(['b', 'c', 'e']);
    });
  });

  it('says what is wrong when there is no queue, or no broker', async () => {
    const none = await deadLetter('list');
    expect(none.code).to.equal(2);
    expect(none.stderr).to.contain(`there is no queue "${DEAD}"`);
    place.env['NETPROV_TRANSPORT_URL'] = 'rabbit://127.0.0.1:1/';
    const away = await deadLetter('list');
    expect(away.code).to.equal(3);
    expect(away.stderr).to.contain('RabbitMQ could not be reached within 10 s');
  });
});
