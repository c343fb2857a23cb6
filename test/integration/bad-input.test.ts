import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { PROTOBUF_CONTENT_TYPE } from '../../src/contract/protobuf.js';
import { documentedRows, NETWORK_ROWS } from '../support/bad-input.js';
import { until } from '../support/poll.js';
import { createRegistry } from '../support/registry.js';
import { sampleTask } from '../support/samples.js';
import { EXCHANGE, TOPIC, WorkerFixture } from '../support/worker.js';

const HOST_QUEUE = `${TOPIC}.conductor-1`;
const DEAD = `${TOPIC}.dead`;
const RESULTS = `${TOPIC}_results.conductor-1`;
const METHOD = 'add_cleaning_network';

type Message = Record<string, unknown>;

interface Row {
  /** First cell of the row in docs/wire-protocol.md. */
  row: string;
  /** A body as it stands, for what no client would send. */
  raw?: (() => { body: Buffer; contentType?: string }) | undefined;
  /** The inner message, around which there is a proper envelope. */
  inner?: () => Message;
  /** Where a cast ends: the dead letter's reason, the failed result's class, or null for success. */
  dead?: string;
  failed?: string | null;
  /** What a call raises, when it is not what fails the cast. */
  raises?: string;
}

/** Stands for 10,000 objects one in the other, until the message is text: JSON.stringify would run out of stack. */
const NESTED = 'nested-10000';
const NESTED_TEXT = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
const toText = (inner: Message): string => JSON.stringify(inner).replace(`"${NESTED}"`, NESTED_TEXT);

const message = (fields: Message): (() => Message) => {
  return () => ({ method: METHOD, version: '1.0', args: { task: sampleTask() }, ...fields });
};
const withArgs = (args: () => unknown): (() => Message) => {
  return () => ({ ...message({})(), args: args() });
};
const withTask = (change: (task: ReturnType<typeof sampleTask>) => unknown): (() => Message) => {
  return withArgs(() => ({ task: change(sampleTask()) }));
};
const raw = (body: () => string | Buffer, contentType?: string): Row['raw'] => {
  return () => ({ body: Buffer.from(body()), ...(contentType !== undefined && { contentType }) });
};

const ROWS: Row[] = [
  { row: 'not JSON', raw: raw(() => '{"oslo.version": "2.0", '), dead: 'not_json' },
  { row: 'JSON that is no object', raw: raw(() => '[1, 2]'), dead: 'bad_envelope' },
  {
    row: 'wrong envelope version',
    raw: raw(() => JSON.stringify({ 'oslo.version': '3.0', 'oslo.message': JSON.stringify(message({})()) })),
    dead: 'unsupported_envelope',
  },
  {
    row: 'a body over `rpc.max_message_bytes`, such as 10 MB',
    raw: raw(() => JSON.stringify({ ...message({})(), padding: 'x'.repeat(10 * 1024 * 1024) })),
    dead: 'too_large',
  },
  {
    row: 'content type protobuf, but no RpcRequest',
    raw: raw(() => Buffer.from([0xff, 0xff, 0x01, 0x02]), PROTOBUF_CONTENT_TYPE),
    dead: 'not_protobuf',
  },
  { row: 'no method', inner: message({ method: undefined }), dead: 'bad_request', raises: 'InvalidParameterValue' },
  { row: 'args that are no object', inner: withArgs(() => [1]), dead: 'bad_request', raises: 'InvalidParameterValue' },
  { row: 'unknown method', inner: message({ method: 'reboot' }), dead: 'no_such_method', raises: 'NoSuchMethod' },
  {
    row: 'method that starts with an underscore',
    inner: message({ method: '_private' }),
    dead: 'no_such_method',
    raises: 'NoSuchMethod',
  },
  {
    row: 'unsupported version',
    inner: message({ version: '1.9' }),
    dead: 'unsupported_version',
    raises: 'UnsupportedVersion',
  },
  {
    row: 'namespace that is not ours',
    inner: message({ namespace: 'other' }),
    dead: 'unsupported_version',
    raises: 'UnsupportedVersion',
  },
  { row: 'neither task nor node_id', inner: withArgs(() => ({})), failed: 'MissingParameterValue' },
  { row: 'missing node', inner: withTask(({ ports }) => ({ ports })), failed: 'MissingParameterValue' },
  { row: 'wrong types', inner: withTask((task) => ({ ...task, ports: 'two' })), failed: 'InvalidParameterValue' },
  { row: 'a UUID that is none', inner: withArgs(() => ({ node_id: 'node-1' })), failed: 'InvalidParameterValue' },
  {
    row: 'node_id of a node that is not known',
    inner: withArgs(() => ({ node_id: randomUUID() })),
    failed: 'NodeNotFound',
  },
  {
    row: 'JSON nested 10,000 deep in a field',
    inner: withTask((task) => ({ ...task, node: { ...task.node, driver_info: NESTED } })),
    failed: 'InvalidParameterValue',
  },
  {
    row: 'JSON nested 10,000 deep in an unknown key',
    inner: withTask((task) => ({ ...task, unknown: NESTED })),
    failed: null,
  },
  {
    row: '`__proto__` keys',
    inner: withTask((task) => {
      return JSON.parse(JSON.stringify(task).replace('{', '{"__proto__": {"ports": [{"uuid": "x"}]}, ')) as unknown;
    }),
    failed: null,
  },
  { row: 'a task without ports, provider `none`', inner: withTask(({ node }) => ({ node })), failed: null },
  {
    row: 'a provider that does not exist',
    inner: withTask((task) => ({ ...task, node: { ...task.node, network_provider: 'acme' } })),
    failed: 'InvalidParameterValue',
  },
];

describe('bad input', () => {
  let fixture: WorkerFixture;
  let providers: ReturnType<typeof createRegistry>;
  before(async () => {
    fixture = await WorkerFixture.create();
    // No Neutron is needed: nobody listens there.
    providers = createRegistry('http://127.0.0.1:9');
    await fixture.start(providers.registry);
    await fixture.listen(RESULTS);
    await fixture.broker.onChannel((channel) => channel.assertQueue('reply_test', { durable: false }));
  });
  after(async () => {
    await fixture.reset();
    await fixture.drop();
    await providers.close();
  });

  it('has a test for every row of the table in docs/wire-protocol.md', () => {
    expect([...ROWS.map(({ row }) => row), ...NETWORK_ROWS]).to.have.members(documentedRows());
  });

  const send = (body: Buffer, contentType = 'application/json'): Promise<boolean> =>
    fixture.broker.onChannel((channel) =>
      Promise.resolve(channel.publish(EXCHANGE, HOST_QUEUE, body, { contentType })),
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

  for (const { row, raw: rawBody, inner, dead, failed, raises = failed } of ROWS) {
    it(`${row}: ${dead ? `dead letter ${dead}` : (failed ?? 'succeeds')}`, async () => {
      if (rawBody) {
        const { body, contentType } = rawBody();
        await send(body, contentType);
        const letter = await deadLetter();
        expect(letter.reason).to.equal(dead);
        expect(letter.body.equals(body), 'the dead letter is the message as it came').to.equal(true);
      }
      if (inner) {
        await sendInner({ ...inner(), _unique_id: randomUUID() });
        if (dead) expect((await deadLetter()).reason).to.equal(dead);
        else expect((await fixture.nextResult(RESULTS)).result.error?.class ?? null).to.equal(failed);

        const msgId = randomUUID();
        await sendInner({ ...inner(), _unique_id: randomUUID(), _msg_id: msgId, _reply_q: 'reply_test' });
        const { failure } = await reply(msgId);
        const raised = failure === null ? null : (JSON.parse(failure) as { class: string }).class;
        expect(raised).to.equal(raises);
      }
      const next = await fixture.client.call({ topic: TOPIC, server: 'conductor-1' }, METHOD, { task: sampleTask() });
      expect(next, 'the worker goes on').to.have.property('status', 'succeeded');
      for (const queue of [DEAD, RESULTS, 'reply_test', HOST_QUEUE]) {
        expect((await fixture.broker.counts(queue)).ready, `nothing more in ${queue}`).to.equal(0);
      }
    });
  }
});
