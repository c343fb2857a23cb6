import { expect } from 'chai';

import { isNodeAway } from '../../../src/amqp/resumable.js';

describe('whether a refusal of the broker may pass', () => {
  const refusal = (code: number, message: string): Error => Object.assign(new Error(message), { code });

  it('may pass when the node of a queue is away', () => {
    const sentences = [
      "NOT_FOUND - home node 'rabbit1@localhost' of durable queue 'q' in vhost '/' is down or inaccessible",
      "NOT_FOUND - queue 'q' in vhost '/' process is stopped by supervisor",
    ];
    for (const sentence of sentences) expect(isNodeAway(refusal(404, sentence)), sentence).to.equal(true);
  });

  it('is permanent for every other reason', () => {
    expect(isNodeAway(refusal(404, "NOT_FOUND - no queue 'q' in vhost '/'"))).to.equal(false);
    expect(isNodeAway(refusal(404, "NOT_FOUND - no exchange 'home node' in vhost '/'"))).to.equal(false);
    expect(isNodeAway(refusal(403, 'ACCESS_REFUSED'))).to.equal(false);
    expect(isNodeAway(new Error('is down'))).to.equal(false);
  });
});
