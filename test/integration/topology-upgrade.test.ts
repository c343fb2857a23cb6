import { expect } from 'chai';

import type { Letter } from '../../src/messages/dead-letter-details.js';
import { HOST } from '../../testkit/fixtures/command-place.js';
import { DEAD, DeadLetterPlace, HOST_QUEUE, NODE, TOPIC } from '../../testkit/fixtures/dead-letters.js';
import { until } from '../../testkit/fixtures/poll.js';
import { required } from '../../testkit/servers/environment.js';
import { type Ended, json } from '../../testkit/servers/netprov.js';

const QUEUES = [TOPIC, HOST_QUEUE, `${TOPIC}_fanout`];
const EARLIER = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true };

describe('netprov topology upgrade', () => {
  const place = new DeadLetterPlace();
  before(() => place.open());
  beforeEach(async () => {
    await place.renew();
    place.env = { ...place.env, NETPROV_RABBITMQ_MANAGEMENT_URL: required('NETPROV_RABBITMQ_MANAGEMENT_URL') };
  });
  afterEach(() => place.clear());
  after(() => place.close());

  const upgrade = (...args: string[]): Promise<Ended> => place.run('topology', 'upgrade', ...args);
  const standing = (queue: string): Promise<unknown> =>
    place.broker.onChannel((channel) => channel.assertQueue(queue, { durable: true, arguments: EARLIER }));
  const doctor = async (): Promise<string[]> => {
    const { findings } = json(await place.run('doctor', '--host', HOST, '--json')) as {
      findings: { check: string; status: string; what: string }[];
    };
    return findings.filter(({ check }) => check.endsWith('.limits')).map(({ status, what }) => `${status}: ${what}`);
  };

  it('gives queues of an earlier version their limits, while they are consumed and cast to', async () => {
    for (const queue of QUEUES) await standing(queue);
    await place.run('topology', 'declare', '--host', HOST);
    expect((await doctor()).join()).to.match(
      /^(warning|problem): .*delivery-limit, dead-letter-exchange.*(are lost|drops)/,
    );
    await place.broker.onChannel(async (consuming) => {
      const got: string[] = [];
      await consuming.prefetch(2);
      await consuming.consume(HOST_QUEUE, (message) => {
        if (message) got.push(String(message.content));
      });
      const send = (from: number, to: number): Promise<unknown> =>
        place.broker.onChannel((channel) => {
          for (let at = from; at < to; at++) channel.sendToQueue(HOST_QUEUE, Buffer.from(`${at}`));
          return channel.checkQueue(HOST_QUEUE);
        });
      await send(0, 5);
      await until('two are with the consumer', () => Promise.resolve(got.length === 2));

      const dry = await upgrade('--dry-run');
      expect(dry).to.deep.include({ code: 0, stderr: '' });
      for (const queue of QUEUES) expect(dry.stdout).to.contain(`queue ${queue} lacks delivery-limit, dead-letter-`);
      expect(dry.stdout).to.contain(`rabbitmqctl set_policy -p '${place.broker.vhost}'`);
      expect((await doctor()).length).to.equal(3);

      const ended = await upgrade('--yes', '--json');
      expect(ended).to.deep.include({ code: 0, stderr: '' });
      expect((json(ended) as { upgraded: string[] }).upgraded).to.have.members(QUEUES);
      expect(await doctor()).to.deep.equal(['ok: every queue has a delivery limit and a dead-letter exchange']);
      await send(5, 8);
      expect(got).to.deep.equal(['0', '1']);
      expect(await upgrade('--yes')).to.deep.equal({ code: 0, stdout: 'every queue has its limits\n', stderr: '' });
    });
    // The consumer's channel is closed: all is there, in its order.
    const left: string[] = [];
    await place.broker.onChannel(async (channel) => {
      await channel.consume(HOST_QUEUE, (message) => left.push(String(message?.content)), { noAck: true });
      await until('all were read', () => Promise.resolve(left.length === 8));
    });
    expect(left).to.deep.equal(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('does not change queues that another policy applies to, and prints what to add to that policy', async () => {
    await standing(HOST_QUEUE);
    await place.broker.setPolicy('theirs', { pattern: '.*', definition: { 'max-length': 1000 }, priority: 0 });
    await until('it applies', async () => (await place.broker.queue(HOST_QUEUE)).policy === 'theirs');
    const ended = await upgrade('--yes');
    expect(ended).to.deep.include({ code: 1, stdout: '' });
    expect(ended.stderr).to.match(/has the policy "theirs".*add to it \{"delivery-limit":1000000000,/);
    await place.broker.setPolicy('theirs', {
      pattern: '.*',
      definition: {
        'max-length': 1000,
        ...(JSON.parse(/add to it (.*)/.exec(ended.stderr)?.[1] ?? '') as object),
      },
      priority: 0,
    });
    await until('the policy applies', async () => (await upgrade('--yes')).code === 0);
  });

  it('has nothing to do for classic queues and queues that this version declared', async () => {
    await place.run('topology', 'declare', '--host', HOST);
    await place.broker.onChannel((channel) =>
      channel.assertQueue(`${TOPIC}.other`, { durable: true, arguments: { 'x-queue-type': 'classic' } }),
    );
    expect((await upgrade('--dry-run', '--json')).stdout).to.match(/^\{"queues":\[\]/);
    expect((await upgrade('--yes')).stdout).to.equal('every queue has its limits\n');
  });

  it('prints the rabbitmqctl command when there is no management API, and explains a refusal', async () => {
    const { NETPROV_RABBITMQ_MANAGEMENT_URL: url = '', ...env } = place.env;
    place.env = env;
    const without = await upgrade('--yes');
    expect(without.code).to.equal(2);
    expect(without.stderr).to.contain('needs --management-url').and.to.contain('rabbitmqctl set_policy');
    const wrong = new URL(url);
    wrong.password = 'sesame';
    const refused = await upgrade('--yes', '--management-url', wrong.href);
    expect(refused.code).to.equal(3);
    expect(refused.stderr)
      .to.match(/answered 401/)
      .and.not.contain('sesame');
  });

  describe('what RabbitMQ takes out of a queue', () => {
    const listed = async (): Promise<Letter[]> => {
      const ended = await place.run('dead-letter', 'list', '--json');
      expect(ended).to.deep.include({ code: 0, stderr: '' });
      return (json(ended) as { dead_letters: Letter[] }).dead_letters;
    };
    const cast = (id: string): string =>
      JSON.stringify({ method: 'remove_cleaning_network', args: { node_id: NODE }, _unique_id: id });

    /** Takes what comes and gives it back, until there are so many dead letters. */
    const wearOut = (letters: number): Promise<void> =>
      place.broker.onChannel(async (channel) => {
        await channel.prefetch(1);
        await channel.consume(HOST_QUEUE, (message) => {
          if (message) channel.reject(message, true);
        });
        await place.ready(DEAD, letters);
      });

    it('because it came back too often is a dead letter, and is done when it is requeued', async () => {
      await place.run('topology', 'declare', '--host', HOST);
      // Of the limits of arguments and policy, the lower one counts.
      await place.broker.setPolicy('low', {
        pattern: `^${HOST_QUEUE}$`,
        definition: { 'delivery-limit': 2 },
        priority: 0,
      });
      await until('the policy applies', async () => (await place.broker.queue(HOST_QUEUE)).policy === 'low');
      for (const id of ['first', 'second']) {
        await place.send(HOST_QUEUE, cast(id), { contentType: 'application/json', persistent: true });
      }
      await wearOut(2);
      const letters = await listed();
      expect(letters.map(({ id }) => id)).to.deep.equal(['first', 'second']);
      expect(letters[0]).to.deep.include({
        reason: 'delivery_limit',
        detail:
          "RabbitMQ removed it from its queue: it was returned to its queue more often than the queue's delivery limit allows",
        queue: HOST_QUEUE,
        node: NODE,
        method: 'remove_cleaning_network',
        operation_id: 'first',
        deaths: 1,
        attempts: null,
      });
      expect(Date.now() - new Date(letters[0]?.last_time ?? 0).getTime()).to.be.within(-5_000, 120_000);
      expect((await place.run('dead-letter', 'show', 'first')).stdout).to.contain('reason: delivery_limit');

      const requeued = await place.run('dead-letter', 'requeue', '--reason', 'delivery_limit', '--yes');
      expect(requeued).to.deep.equal({ code: 0, stdout: 'requeued 2 dead letters\n', stderr: '' });
      await wearOut(2);
      const [again] = await listed();
      expect(again).to.deep.include({
        id: 'first',
        reason: 'delivery_limit',
        deaths: 2,
        first_time: letters[0]?.first_time,
      });
    });

    it('because its caller gave up is a dead letter that is not requeued unless it is forced', async () => {
      await place.run('topology', 'declare', '--host', HOST);
      const send = { contentType: 'application/json', expiration: 50 };
      await place.send(HOST_QUEUE, cast('late'), send);
      await place.ready(DEAD, 1);
      expect((await listed())[0]).to.deep.include({ id: 'late', reason: 'expired', queue: HOST_QUEUE });
      const refused = await place.run('dead-letter', 'requeue', '--all', '--yes');
      expect(refused).to.deep.include({ code: 1, stdout: 'requeued 0 dead letters\n' });
      expect(refused.stderr).to.contain('dead letter late stays: its caller no longer waits for it');
      expect((await place.run('dead-letter', 'requeue', 'late', '--yes', '--force')).code).to.equal(0);
      await place.ready(HOST_QUEUE, 1);
    });
  });
});
