import { expect } from 'chai';

import { errorsAsText } from '../../src/log.js';

describe('log', () => {
  it('writes the stack of an error that stands in a field', () => {
    const info = { level: 'error', message: 'broken', error: new Error('no switch'), node: 'node-1' };
    const written = errorsAsText().transform(info);
    expect(written).to.include({ message: 'broken', node: 'node-1' });
    expect(JSON.stringify(written)).to.contain('Error: no switch').and.to.contain('log.test');
  });
});
