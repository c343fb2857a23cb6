import { expect } from 'chai';

import { readBoolean, writeJson } from '../../../src/state/rows.js';

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

  it('writes half a surrogate pair, which MySQL refuses, as U+FFFD, and everything else as it is', () => {
    const value = { '\udfff': ['\ud83d\ude00', 'x\ud83d', '\\ud800', '\\\ud800', 'é\u0000"'] };
    const read = JSON.parse(writeJson(value)) as unknown;
    expect(read).to.deep.equal({ '\ufffd': ['\ud83d\ude00', 'x\ufffd', '\\ud800', '\\\ufffd', 'é\u0000"'] });
  });
});
