import { expect } from 'chai';

import { timesReturned } from '../../../src/amqp/index.js';

describe('how often a message came back to its queue', () => {
  // What the brokers said of a message that was handed out, and then came back in the ways that are named.
  for (const [broker, way, headers, times] of [
    ['any', 'never', {}, 0],
    ['3.10', 'not yet, read by basic.get', { 'x-delivery-count': 0 }, 0],
    ['3.10 and 4.0', 'by basic.nack, twice', { 'x-delivery-count': 2 }, 2],
    ['3.10 and 4.0', 'with its channel', { 'x-delivery-count': 1 }, 1],
    ['4.3', 'by basic.nack', { 'x-acquired-count': 1 }, 1],
    ['4.3', 'with its channel', { 'x-acquired-count': 1, 'x-delivery-count': 1 }, 1],
    ['4.3', 'by basic.nack, then with its channel', { 'x-acquired-count': 2, 'x-delivery-count': 1 }, 2],
    ['4.3', 'by basic.reject, twice', { 'x-acquired-count': 2, 'x-delivery-count': 2 }, 2],
    ['any', 'as a sender wrote it', { 'x-acquired-count': 'many' }, 0],
  ] as const) {
    it(`RabbitMQ ${broker}: ${way}`, () => {
      expect(timesReturned(headers)).to.equal(times);
    });
  }
});
