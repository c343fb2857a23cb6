import { expect } from 'chai';

import { readBoolean } from '../../../src/state/rows.js';

describe('state: rows', () => {
  const forms: [unknown, boolean | null][] = [
    [null, null],
    [0, false],
    [1, true],
    ['0', false],
    ['1', true],
    [0n, false],
    [1n, true],
    ['OFF', false],
    ['ON', true],
    [false, false],
    [true, true],
  ];
  for (const [form, value] of forms) {
    it(`reads ${typeof form} ${String(form)}, as one of the servers hands it over, as ${String(value)}`, () => {
      expect(readBoolean(form)).to.equal(value);
    });
  }
});
