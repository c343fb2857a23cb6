import { expect } from 'chai';

import { letterOf } from '../../../chaos/driver/letters.js';
import { LETTER_KINDS, LETTERS } from '../../../chaos/plan/letters.js';
import { decode } from '../../../src/messages/request.js';
import { DEFAULT_MAX_BYTES, jsonCodec } from '../../../src/rpc/index.js';

const OPTIONS = { jsonCodec, maxMessageBytes: DEFAULT_MAX_BYTES, pingEnabled: false };

describe('the messages of script/chaos that cannot become operations', () => {
  for (const kind of LETTER_KINDS) {
    const { what, reason } = LETTERS[kind];
    it(`${what}: ${reason}`, () => {
      const letter = letterOf(kind, 'b6f3c1de-29d7-4f0b-9a4f-5a1c0e0f7d11');
      const decoded = decode({ ...letter, headers: {}, server: 'conductor' }, OPTIONS);
      expect(decoded).to.include({ kind: 'refused', reason, reply: null });
    });
  }
});
