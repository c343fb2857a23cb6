import { expect } from 'chai';

import type { Delivery } from '../../../src/amqp/index.js';
import { METHOD_NAMES } from '../../../src/contract/methods.js';
import { decode, type Operation } from '../../../src/messages/request.js';
import type { NetworkProvider } from '../../../src/providers/provider.js';
import { jsonCodec, NO_CONTEXT } from '../../../src/rpc/index.js';
import { Batches, type BatchesOptions, isPlain, type OperationMessage } from '../../../src/worker/batches.js';
import { Turns } from '../../../src/worker/lanes.js';
import { NO_METRICS } from '../../../src/worker/metrics.js';
import type { Tenure } from '../../../src/worker/ownership/tenure.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';
import { until } from '../../../testkit/fixtures/poll.js';
import { sampleTask } from '../../../testkit/fixtures/samples.js';

const HEADERS: Record<string, unknown> = {};

/** A cast as a worker gets it. */
function castOf(uniqueId: string, fields: object = {}): { operation: Operation; delivery: Delivery } {
  const body = jsonCodec.encodeRequest({
    ...{ method: 'add_cleaning_network', version: '1.0', namespace: null, args: { task: sampleTask() }, uniqueId },
    ...{ msgId: null, replyQ: null, timeout: null, context: NO_CONTEXT },
    ...fields,
  });
  const delivery = { body, contentType: null, headers: HEADERS, server: 'host', redelivered: false, abandoned: false };
  const operation = decode(delivery, { jsonCodec, maxMessageBytes: 100_000, pingEnabled: true });
  if (operation.kind !== 'operation') throw new Error('it must be an operation');
  return { operation, delivery: delivery as unknown as Delivery };
}

describe('worker: one batch', () => {
  const events: string[] = [];
  beforeEach(() => events.splice(0));

  /** Batches with a database and a broker that are simulated. */
  function batchesOf(over: Partial<BatchesOptions> = {}): { batches: Batches; lines: string[] } {
    const { log, lines } = recordingLogger();
    const none: Partial<NetworkProvider> = {
      changesNothing: METHOD_NAMES,
      add_cleaning_network: () => Promise.resolve({ bindings: [], failures: [] }),
    };
    const known = { ended: null, node: null, earlier: null, superseded: false };
    const options = {
      groupSize: 10,
      state: {
        lookUpAll: (starts: unknown[]) => Promise.resolve(starts.map(() => known)),
        endAll: () => Promise.resolve(),
      },
      providers: { get: () => Promise.resolve(none), away: () => [] },
      defaultNetworkProvider: 'none',
      turns: new Turns(10),
      publisher: {
        publish: () => Promise.resolve(),
        publishAll: (_exchange: string, messages: unknown[]) => Promise.resolve(messages.map(() => null)),
      },
      ...{
        exchange: 'ironic',
        resultsTopic: 'results',
        declareAgain: () => undefined,
        owed: { delivered: () => undefined },
      },
      ...{ metrics: NO_METRICS, log },
      ...over,
    } as unknown as BatchesOptions;
    const note =
      (what: string) =>
      ({ operation }: OperationMessage): number =>
        events.push(`${operation.start.id} ${what}`);
    const batches = new Batches(options, {
      ...{ onCare: note('alone'), onLaneFree: note('free'), onAnswered: note('answered') },
      ...{ onUnanswered: note('unanswered'), onLeft: note('left') },
    });
    return { batches, lines };
  }

  const tenure = (over: Partial<Record<keyof Tenure, unknown>> = {}): Tenure =>
    ({
      begun: Promise.resolve({}),
      over: new AbortController().signal,
      draining: false,
      check: () => true,
      ...over,
    }) as Tenure;
  const message = (id: string, own = tenure()): OperationMessage => ({ ...castOf(id), tenure: own, received: 0 });

  it('answers the others when one result cannot be encoded', async () => {
    const { batches } = batchesOf();
    const own = tenure();
    const broken = message('broken', own);
    const codec = {
      ...jsonCodec,
      encodeRequest: (): Buffer => {
        throw new RangeError('too deep');
      },
    };
    batches.add(message('one', own));
    batches.add({ ...broken, operation: { ...broken.operation, codec } });
    batches.add(message('two', own));
    await until('all are answered or not', () => events.length === 6);
    expect(events.filter((event) => !event.endsWith('free')).sort()).to.deep.equal([
      'broken unanswered',
      'one answered',
      'two answered',
    ]);
  });

  it('has each done alone when the commit fails, and warns only of what nobody expects', async () => {
    for (const [gone, code, warnings] of [
      [false, 'ER_LOCK_DEADLOCK', 0],
      [false, 'ER_PARSE_ERROR', 1],
      [true, 'ER_PARSE_ERROR', 0],
    ] as const) {
      events.splice(0);
      const endAll = (): Promise<void> => Promise.reject(Object.assign(new Error('no'), { code }));
      const lookUpAll = (starts: unknown[]): Promise<unknown> =>
        Promise.resolve(starts.map(() => ({ ended: null, node: null, earlier: null, superseded: false })));
      const { batches, lines } = batchesOf({ state: { lookUpAll, endAll } as unknown as BatchesOptions['state'] });
      const own = tenure(gone ? { over: AbortSignal.abort() } : {});
      batches.add(message('one', own));
      batches.add(message('two', own));
      await until('both are done alone', () => events.length === 2);
      expect(events).to.deep.equal(['one alone', 'two alone']);
      expect(lines.filter((line) => line.startsWith('warn'))).to.have.length(warnings);
    }
  });

  it('leaves what may not begin any more, and frees its lane', async () => {
    const { batches } = batchesOf();
    batches.add(message('one', tenure({ draining: true })));
    await until('it is left', () => events.length === 2);
    expect(events).to.deep.equal(['one left', 'one free']);
  });

  it('takes only messages that nobody can have begun before, and that nobody waits for with heartbeats', () => {
    const plain = castOf('plain');
    expect(isPlain(plain.operation, plain.delivery)).to.equal(true);
    expect(isPlain(plain.operation, { ...plain.delivery, redelivered: true })).to.equal(false);
    const call = { msgId: 'm', replyQ: 'q' };
    expect(isPlain(castOf('call', call).operation, plain.delivery)).to.equal(true);
    expect(isPlain(castOf('call', { ...call, timeout: 30 }).operation, plain.delivery)).to.equal(false);
    for (const method of ['vif_attach', 'vif_list', 'reconcile']) {
      const args = { task: sampleTask(), vif_info: { id: 'vif-1' } };
      const { operation } = castOf(method, { method, args, version: '1.2' });
      expect(isPlain(operation, plain.delivery), method).to.equal(false);
    }
    const replayed = { ...plain.operation, start: { ...plain.operation.start, replay: { again: null, unless: null } } };
    expect(isPlain(replayed, plain.delivery)).to.equal(false);
  });
});
