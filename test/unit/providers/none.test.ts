import { expect } from 'chai';
import { BASE_METHOD_NAMES, METHODS } from '../../../src/contract/methods.js';
import createNoneProvider from '../../../src/providers/none.js';
import { makeBinding, makeContext, makeTask, record } from '../../support/tasks.js';

describe('provider none', () => {
  const provider = createNoneProvider();

  for (const method of BASE_METHOD_NAMES) {
    it(`${method} does nothing and succeeds`, async () => {
      expect(await provider[method](makeContext(makeTask()))).to.deep.equal({ bindings: [], failures: [] });
    });

    it(`${method} leaves on record what another provider bound: it still stands`, async () => {
      const binding = makeBinding();
      const recorded = [...record(METHODS[method].networkType, [binding])];
      recorded.push(...record(METHODS[method].networkType === 'tenant' ? 'cleaning' : 'tenant', [makeBinding()]));
      const outcome = await provider[method](makeContext(makeTask(), { recorded }));
      expect(outcome).to.deep.equal({ bindings: [binding], failures: [] });
    });
  }
});
