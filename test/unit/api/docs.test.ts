import { readFile } from 'node:fs/promises';

import { expect } from 'chai';

import { apiReference } from '../../../docs/generate/api.js';

describe('docs/api.md', () => {
  it('is what script/docs makes of the OpenAPI document', async () => {
    const file = new URL('../../../../docs/api.md', import.meta.url);
    expect(await readFile(file, 'utf8'), 'run script/docs').to.equal(await apiReference());
  });
});
