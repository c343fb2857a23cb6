import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { bareProvider, documentedRows, NETWORK_ROWS } from '../../testkit/fixtures/bad-input.js';
import { type Message, METHOD, ROWS, toText } from '../../testkit/fixtures/bad-input-rows.js';
import { until } from '../../testkit/fixtures/poll.js';
import { createRegistry } from '../../testkit/fixtures/registry.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { EXCHANGE, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const HOST_QUEUE = `${TOPIC}.conductor-1`;
const DEAD = `${TOPIC}.dead`;
const RESULTS = `${TOPIC}_results.conductor-1`;

describe('bad input', () => {
  let fixture: WorkerFixture;
  let providers: ReturnType<typeof createRegistry>;
  before(async () => {
    fixture = await WorkerFixture.create();
    // No Neutron is needed: nobody listens there.
    providers = createRegistry('http://127.0.0.1:9', {}, { bare: bareProvider });
    await fixture.start(providers.registry);
    await fixture.listen(RESULTS);
    await fixture.broker.onChannel((channel) => channel.assertQueue('reply_test', { durable: true }));
  });
  after(async () => {
    await fixture.reset();
    await fixture.drop();
    await providers.close();
  });

  it('has a test for every row of the table in docs/wire-protocol.md', () => {
    expect([...ROWS.map(({ row }) => row), ...NETWORK_ROWS]).to.have.members(documentedRows());
  });

  const send = (body: Buffer, contentType = 'application/json', headers: Message = {}): Promise<boolean> =>
    fixture.broker.onChannel((channel) =>
      Promise.resolve(channel.publish(EXCHANGE, HOST_QUEUE, body, { contentType, headers })),
    );
  const sendInner = (inner: Message): Promise<boolean> =>
    send(Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': toText(inner) })));
  const deadLetter = async (): Promise<{ reason: unknown; body: Buffer }> => {
    const letter = await until('a dead letter', () => fixture.take(DEAD));
    return { reason: letter.properties.headers?.['netprov-reason'], body: letter.content };
  };
  const reply = async (msgId: string): Promise<{ result: unknown; failure: string | null }> => {
    const answer = await until('a reply', () => fixture.take('reply_test'));
    const envelope = JSON.parse(answer.content.toString()) as { 'oslo.message': string };
    const inner = JSON.parse(envelope['oslo.message']) as { _msg_id: string; result: unknown; failure: string | null };
    expect(inner._msg_id).to.equal(msgId);
    return inner;
  };

  for (const { row, raw: rawBody, inner, dead, failed, names = '', raises = failed } of ROWS) {
    it(`${row}: ${dead ? `dead letter ${dead}` : (failed ?? 'succeeds')}`, async () => {
      if (rawBody) {
        const { body, contentType, headers } = rawBody();
        await send(body, contentType, headers);
        const letter = await deadLetter();
        expect(letter.reason).to.equal(dead);
        expect(letter.body.equals(body), 'the dead letter is the message as it came').to.equal(true);
      }
      if (inner) {
        await sendInner({ ...inner(), _unique_id: randomUUID() });
        if (dead) expect((await deadLetter()).reason).to.equal(dead);
        else {
          const { error } = (await fixture.nextResult(RESULTS)).result;
          expect(error?.class ?? null).to.equal(failed);
          expect(error?.message ?? '').to.satisfy((message: string) => message.startsWith(names));
        }

        const msgId = randomUUID();
        await sendInner({ ...inner(), _unique_id: randomUUID(), _msg_id: msgId, _reply_q: 'reply_test' });
        const { failure } = await reply(msgId);
        const raised = failure === null ? null : (JSON.parse(failure) as { class: string; message: string });
        expect(raised?.class ?? null).to.equal(raises);
        expect(raised?.message ?? '').to.satisfy((message: string) => message.startsWith(names));
      }
      const next = await fixture.client.call({ topic: TOPIC, server: 'conductor-1' }, METHOD, { task: sampleTask() });
      expect(next, 'the worker goes on').to.have.property('status', 'succeeded');
      for (const queue of [DEAD, RESULTS, 'reply_test', HOST_QUEUE]) {
        expect((await fixture.broker.counts(queue)).ready, `nothing more in ${queue}`).to.equal(0);
      }
    });
  }
});
