import { expect } from 'chai';
import sinon from 'sinon';

import type { Delivery } from '../../../src/amqp/index.js';
import type { DeadLetters } from '../../../src/worker/keep-dead-letter.js';
import { settle, type Settlement } from '../../../src/worker/settle.js';

type Settled = 'acknowledged' | 'requeued' | 'left alone';

const dead: Settlement = { kind: 'dead', reason: 'not_json', detail: 'no JSON', end: null };

// The table in settle.ts, row by row.
const rows: { outcome: Settlement; copyConfirmed?: boolean; settled: Settled; copies: number }[] = [
  { outcome: { kind: 'answered' }, settled: 'acknowledged', copies: 0 },
  { outcome: dead, copyConfirmed: true, settled: 'acknowledged', copies: 1 },
  { outcome: dead, copyConfirmed: false, settled: 'requeued', copies: 1 },
  { outcome: { kind: 'unanswered' }, settled: 'requeued', copies: 0 },
  { outcome: { kind: 'abandoned' }, settled: 'left alone', copies: 0 },
];

describe('worker: settle', () => {
  afterEach(() => {
    sinon.restore();
  });

  for (const { outcome, copyConfirmed = true, settled, copies } of rows) {
    const copy = outcome.kind === 'dead' ? ` (dead letter ${copyConfirmed ? 'kept' : 'not confirmed'})` : '';
    it(`${outcome.kind}${copy}: ${settled}`, async () => {
      const ack = sinon.spy();
      const requeue = sinon.spy();
      const keep = sinon.stub().resolves(copyConfirmed);
      const delivery = { ack, requeue } as unknown as Delivery;
      await settle(delivery, outcome, { keep } as unknown as DeadLetters, 0);
      expect(ack.callCount).to.equal(settled === 'acknowledged' ? 1 : 0);
      expect(requeue.callCount).to.equal(settled === 'requeued' ? 1 : 0);
      expect(keep.callCount).to.equal(copies);
    });
  }
});
