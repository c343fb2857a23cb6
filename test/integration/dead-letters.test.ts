import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { GetMessage, Options } from 'amqplib';
import { expect } from 'chai';

import { DeadLetterQueue, type ChooseOptions } from '../../src/dead-letter-queue.js';
import type { Letter } from '../../src/dead-letter.js';
import { silentLogger } from '../../src/log.js';
import { ConnectionLost, jsonCodec, TopologyMismatch } from '../../src/rpc/index.js';
import { CommandPlace, HOST } from '../support/command-place.js';
import { json, TIMEOUT, type Ended } from '../support/netprov.js';
import { until } from '../support/poll.js';
import { sampleTask } from '../support/samples.js';

const TOPIC = 'ironic.network_provider';
const DEAD = `${TOPIC}.dead`;
const HOST_QUEUE = `${TOPIC}.${HOST}`;
const NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
const TIME = '2026-01-31T14:00:00.000Z';

interface Listed {
  dead_letters: Letter[];
  more: boolean;
}

/** A letter's headers as a worker writes them. */
function headersOf(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    'netprov-reason': 'retries_exhausted',
    'netprov-detail': 'Neutron answers 503',
    'netprov-origin-queue': HOST_QUEUE,
    'netprov-first-time': TIME,
    'netprov-last-time': TIME,
    'netprov-deaths': 1,
    'netprov-attempts': 1,
    'netprov-node': NODE,
    'netprov-method': 'add_cleaning_network',
    ...fields,
  };
}

describe('netprov dead-letter', function () {
  this.timeout(TIMEOUT);
  const place = new CommandPlace();
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
  const declare = (queue: string, more: Record<string, unknown> = {}): Promise<unknown> =>
    place.broker.onChannel((channel) =>
      channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum', ...more } }),
    );
  const send = async (queue: string, body: string, options: Options.Publish = {}): Promise<void> => {
    await place.broker.onChannel((channel) => Promise.resolve(channel.sendToQueue(queue, Buffer.from(body), options)));
  };
  const ready = (queue: string, count: number): Promise<unknown> =>
    until(`${count} messages in ${queue}`, async () => (await place.broker.counts(queue)).ready === count);
  /** Letters with these operation ids, oldest first. */
  const write = async (letters: Record<string, Record<string, unknown>>): Promise<void> => {
    await declare(DEAD, { 'x-delivery-limit': 1_000_000_000 });
    for (const [id, fields] of Object.entries(letters)) {
      await send(DEAD, `body of ${id}`, { headers: headersOf({ 'netprov-operation-id': id, ...fields }) });
    }
    await ready(DEAD, Object.keys(letters).length);
  };
  const take = async (queue: string): Promise<GetMessage[]> => {
    const messages: GetMessage[] = [];
    await place.broker.onChannel(async (channel) => {
      for (;;) {
        const message = await channel.get(queue, { noAck: true });
        if (message === false) return;
        messages.push(message);
      }
    });
    return messages;
  };
  const bodies = async (queue: string): Promise<string[]> => (await take(queue)).map(({ content }) => String(content));

  describe('with letters of a worker', () => {
    const cast = (fields: object): string =>
      JSON.stringify({ method: 'reboot', version: '1.0', args: { node_id: NODE }, ...fields });

    it('tells what each was, and its story when it dies again', async () => {
      await place.startWorker();
      const id = randomUUID();
      const body = cast({ _unique_id: id, _context_auth_token: 'secret' });
      const own = { contentEncoding: 'utf-8', correlationId: 'theirs', headers: { theirs: 'x' } };
      await send(HOST_QUEUE, body, { contentType: 'application/json', ...own });
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

      const requeued = await deadLetter('requeue', id, '--yes');
      expect(requeued).to.deep.equal({ code: 0, stdout: 'requeued 1 dead letter\n', stderr: '' });
      await ready(DEAD, 1);
      const [again] = await listed();
      expect(again).to.deep.include({ id, reason: 'no_such_method', deaths: 2, attempts: 2 });
      expect(again?.first_time).to.equal(first?.first_time);
      expect(again?.last_time).to.not.equal(first?.last_time);

      const shown = await deadLetter('show', id);
      expect(shown.stdout).to.contain('"method": "reboot"').and.to.contain('no_such_method');
      expect(shown.stdout + shown.stderr).to.not.contain('secret');
      expect((await deadLetter('show', id, '--raw')).stdout).to.equal(body);

      const [letter] = await take(DEAD);
      expect(letter?.content.toString()).to.equal(body);
      expect(letter?.properties).to.include({ contentType: 'application/json', contentEncoding: 'utf-8' });
      expect(letter?.properties).to.include({ correlationId: 'theirs' });
      expect(letter?.properties.headers).to.include({ theirs: 'x', 'netprov-operation-id': id, 'netprov-deaths': 2 });
    });

    it('are not routed by the headers of their senders, and need no content type', async () => {
      await place.startWorker();
      await declare('bystander');
      await send(HOST_QUEUE, 'no JSON', { headers: { CC: ['bystander'] } });
      await ready(DEAD, 1);
      expect((await take('bystander')).length, 'what the sender sent, and no letter').to.equal(1);
      const [letter] = await take(DEAD);
      expect(letter?.properties.contentType).to.equal(undefined);
      expect(letter?.properties.contentEncoding).to.equal(undefined);
    });

    it('does a failed operation again, whose retries ran out', async () => {
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
      await ready(DEAD, 1);
      const [letter] = await listed();
      expect(letter).to.deep.include({ id, method: 'add_cleaning_network', queue: HOST_QUEUE });

      const results = place.start(['results', '--host', HOST, '--count', '2', '--json']);
      await results.says('listening');
      await deadLetter('requeue', id, '--yes');
      await ready(DEAD, 1);
      rmSync(broken);
      expect((await deadLetter('requeue', id, '--yes')).code).to.equal(0);
      const { stdout: lines } = await results.ended;
      const ends = lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { operation_id: string; status: string });
      expect(ends.map(({ operation_id }) => operation_id)).to.deep.equal([id, id]);
      expect(ends.map(({ status }) => status)).to.deep.equal(['failed', 'succeeded']);
      await ready(DEAD, 0);
    });
  });

  describe('requeue', () => {
    it('keeps the order, the body and the properties, and takes our headers off but two', async () => {
      await declare(HOST_QUEUE);
      await write({ a: {}, other: { 'netprov-reason': 'not_json' }, b: {}, c: { theirs: 'x' } });
      const ended = await deadLetter('requeue', '--reason', 'retries_exhausted', '--yes', '--json');
      expect(ended.code).to.equal(0);
      expect(json(ended)).to.deep.equal({ requeued: ['a', 'b', 'c'], stayed: [], more: false });
      const messages = await take(HOST_QUEUE);
      expect(messages.map(({ content }) => String(content))).to.deep.equal(['body of a', 'body of b', 'body of c']);
      const { properties } = messages[2] ?? {};
      expect(properties?.headers).to.deep.include({ theirs: 'x', 'netprov-first-time': TIME, 'netprov-deaths': 1 });
      const left = Object.keys(properties?.headers ?? {}).filter((name) => name.startsWith('netprov-'));
      expect(left).to.have.members(['netprov-first-time', 'netprov-deaths']);
      await ready(DEAD, 1);
      expect(await ids()).to.deep.equal(['other']);
    });

    it('leaves a letter whose queue does not exist, and those behind it, and says so', async () => {
      await declare(HOST_QUEUE);
      const gone = { 'netprov-origin-queue': `${TOPIC}.gone` };
      await write({ a: gone, b: {}, c: gone, d: { 'netprov-origin-queue': undefined } });
      const ended = await deadLetter('requeue', '--all', '--yes');
      expect(ended.code).to.equal(1);
      expect(ended.stdout).to.equal('requeued 1 dead letter\n');
      expect(ended.stderr).to.contain(`dead letter a stays: its queue "${TOPIC}.gone" does not exist`);
      expect(ended.stderr).to.contain('dead letter c stays').and.to.contain('dead letter d stays: it has no header');
      await ready(DEAD, 3);
      expect(await ids()).to.deep.equal(['a', 'c', 'd']);
      expect(await bodies(HOST_QUEUE)).to.deep.equal(['body of b']);
    });

    it('of a letter that is not there changes nothing', async () => {
      await declare(HOST_QUEUE);
      await write({ a: {} });
      const { code, stderr } = await deadLetter('requeue', 'a', 'z', '--yes');
      expect(code).to.equal(1);
      expect(stderr).to.contain('there is no such dead letter: z; nothing was changed');
      await ready(DEAD, 1);
      await ready(HOST_QUEUE, 0);
    });

    it('changes nothing with --dry-run, without --yes where nobody can be asked, and without a choice', async () => {
      await declare(HOST_QUEUE);
      await write({ a: {} });
      const dry = await deadLetter('requeue', '--all', '--dry-run', '--json');
      expect(dry.code).to.equal(0);
      expect((json(dry) as Listed).dead_letters.map(({ id }) => id)).to.deep.equal(['a']);
      const cases: [string[], string][] = [
        [['--all'], 'give --yes'],
        [['--yes'], 'needs ids, a filter, or --all alone'],
        [['a', '--all', '--yes'], 'needs ids, a filter, or --all alone'],
        [['--older-than', 'soon', '--yes'], 'duration such as'],
      ];
      for (const [args, says] of cases) {
        const { code, stderr } = await deadLetter('requeue', ...args);
        expect(code, stderr).to.equal(2);
        expect(stderr).to.contain(says);
      }
      await ready(DEAD, 1);
      await ready(HOST_QUEUE, 0);
    });
  });

  describe('drop', () => {
    it('removes what is chosen and leaves the others in their order', async () => {
      await write({
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
      await ready(DEAD, 3);
      expect(await ids()).to.deep.equal(['b', 'c', 'e']);
    });
  });

  it('says what is wrong where there is no queue, and where there is no broker', async () => {
    const none = await deadLetter('list');
    expect(none.code).to.equal(2);
    expect(none.stderr).to.contain(`there is no queue "${DEAD}"`);
    place.env['NETPROV_TRANSPORT_URL'] = 'rabbit://127.0.0.1:1/';
    const away = await deadLetter('list');
    expect(away.code).to.equal(3);
    expect(away.stderr).to.contain('RabbitMQ could not be reached within 10 s');
  });

  describe('its queue', () => {
    const all: ChooseOptions = { filter: () => true, bodies: true };
    const withQueue = async <T>(work: (queue: DeadLetterQueue) => Promise<T>): Promise<T> => {
      const queue = await DeadLetterQueue.open({
        topic: TOPIC,
        queueType: 'quorum',
        connection: {
          transportUrl: place.broker.url(),
          heartbeat: 10,
          reconnect: { initialDelay: 50, maxDelay: 500 },
          connectionName: 'letters',
          log: silentLogger(),
        },
        jsonCodec,
        maxMessageBytes: 1024,
      });
      try {
        return await work(queue);
      } finally {
        await queue.close();
      }
    };

    it('loses no letter by being looked at, and letters keep their places while others come', async () => {
      await write({ a: {}, b: {}, c: {}, d: {} });
      for (let look = 1; look <= 45; look++) {
        const limit = (look % 4) + 1;
        const seen = await withQueue(async (queue) => {
          const { letters, more } = await queue.choose({ ...all, limit });
          expect(more).to.equal(limit < (look > 10 ? 5 : 4));
          if (look === 10) await send(DEAD, 'body of e', { headers: headersOf({ 'netprov-operation-id': 'e' }) });
          return letters.map(({ letter }) => letter.id);
        });
        expect(seen, `look ${look}`).to.deep.equal(['a', 'b', 'c', 'd'].slice(0, limit));
        await ready(DEAD, look < 10 ? 4 : 5);
      }
      expect(await bodies(DEAD)).to.deep.equal(['a', 'b', 'c', 'd', 'e'].map((id) => `body of ${id}`));
    });

    it('has its letters oldest first even after a look that was interrupted', async () => {
      await write({ a: {}, b: {}, c: {}, d: {} });
      await withQueue((queue) => queue.choose(all));
      for (let interrupted = 1; interrupted <= 5; interrupted++) {
        await ready(DEAD, 4);
        await place.broker.onChannel(async (channel) => {
          for (let read = 0; read < (interrupted % 3) + 1; read++) await channel.get(DEAD);
        });
        await ready(DEAD, 4);
        const { letters } = await withQueue((queue) => queue.choose(all));
        expect(letters.map(({ letter }) => letter.id)).to.deep.equal(['a', 'b', 'c', 'd']);
      }
    });

    it('is refused when it has no delivery limit of its own, so that letters would be lost by being looked at', async () => {
      await declare(DEAD);
      await send(DEAD, 'body');
      const refused = await withQueue(() => Promise.resolve(null)).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(TopologyMismatch);
      expect(String(refused)).to.contain('x-delivery-limit');
      await ready(DEAD, 1);
      expect((await deadLetter('list')).code).to.equal(2);
    });

    it('keeps its letters when the connection goes before they are requeued', async () => {
      await declare(HOST_QUEUE);
      await write({ a: {}, b: {} });
      const failed = await withQueue(async (queue) => {
        const { letters } = await queue.choose(all);
        expect(letters.length).to.equal(2);
        await ready(DEAD, 0);
        await place.broker.closeConnections('letters');
        await ready(DEAD, 2);
        return queue.drop(letters).catch((error: unknown) => error);
      });
      expect(failed).to.be.instanceOf(ConnectionLost);
      await ready(DEAD, 2);
      expect(await bodies(DEAD)).to.deep.equal(['body of a', 'body of b']);
    });
  });
});
