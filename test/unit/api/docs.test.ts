import { readFile } from 'node:fs/promises';

import { expect } from 'chai';

import { apiReference } from '../../../docs/generate/api.js';
import { consoleTypes } from '../../../docs/generate/console-types.js';

describe('docs/api.md', () => {
  it('is what script/docs makes of the OpenAPI document', async () => {
    const file = new URL('../../../../docs/api.md', import.meta.url);
    expect(await readFile(file, 'utf8'), 'run script/docs').to.equal(await apiReference());
  });
});

describe('the types of the console', () => {
  it('are what script/docs makes of the OpenAPI document', async () => {
    const file = new URL('../../../../console/src/api/generated.ts', import.meta.url);
    expect(await readFile(file, 'utf8'), 'run script/docs').to.equal(await consoleTypes());
  });
});
