import { expect } from 'chai';

import { FIELDS } from '../../../src/contract/fields.js';
import { readBoolean, readFields, writeJson } from '../../../src/state/rows.js';

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

  it('reads what a row has of a portgroup, and nothing else of the row', () => {
    const group = { uuid: 'u', name: null, address: null, mode: '802.3ad', physical_network: null };
    const row = {
      ...group,
      standalone_ports_supported: 0,
      properties: '{"miimon":100}',
      internal_info: '{}',
      extra: null,
    };
    expect(readFields(FIELDS.portgroup, { ...row, node_uuid: 'n', category: 'c' })).to.deep.equal({
      ...group,
      standalone_ports_supported: false,
      properties: { miimon: 100 },
      internal_info: {},
      extra: {},
    });
  });

  it('writes half a surrogate pair, which MySQL refuses, as U+FFFD, and everything else as it is', () => {
    const value = { '\udfff': ['\ud83d\ude00', 'x\ud83d', '\\ud800', '\\\ud800', 'é\u0000"'] };
    const read = JSON.parse(writeJson(value)) as unknown;
    expect(read).to.deep.equal({ '\ufffd': ['\ud83d\ude00', 'x\ufffd', '\\ud800', '\\\ufffd', 'é\u0000"'] });
  });
});
