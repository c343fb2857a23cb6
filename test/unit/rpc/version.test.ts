import { expect } from 'chai';

import { isCompatible, isVersion } from '../../../src/rpc/message.js';

describe('version', () => {
  for (const [ours, requested, answer] of [
    ['1.0', '1.0', true],
    ['1.2', '1.0', true],
    ['1.0', '1.1', false],
    ['1.0', '2.0', false],
    ['2.5', '1.5', false],
    ['1.10', '1.9', true],
    ['1.1', '1.1.1', false],
    ['1.2', '1.1.1', true],
  ] as const) {
    it(`${ours} ${answer ? 'serves' : 'does not serve'} ${requested}`, () => {
      expect(isCompatible(ours, requested)).to.equal(answer);
    });
  }

  for (const text of ['', '1', '1.', 'a.b', '1.0.0.0', '1.0 ', '-1.0', '1.99999999999']) {
    it(`refuses "${text}"`, () => {
      expect(isVersion(text)).to.equal(false);
      expect(() => isCompatible('1.0', text)).to.throw(RangeError, 'must look like 1.0');
    });
  }
});
