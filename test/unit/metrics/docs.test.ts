import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import { allMetrics } from '../../../testkit/fixtures/all-metrics.js';

describe('docs/metrics.md', () => {
  it('has every metric, with its type and labels', () => {
    const text = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
    const items = text.matchAll(/^- `(\w+)` \((\w+)(?: by ([^)]+))?\):/gm);
    const documented = [...items].map(([, name = '', type = '', labels]) => ({
      name,
      type,
      labels: labels?.split(', ') ?? [],
    }));
    const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1);
    expect(documented.sort(byName)).to.deep.equal(allMetrics().sort(byName));
  });

  it('has names by the conventions of Prometheus', () => {
    for (const { name, type } of allMetrics().filter((metric) => metric.name.startsWith('netprov_'))) {
      expect(name, name).to.match(/^netprov_[a-z_]+$/);
      expect(name.endsWith('_total'), name).to.equal(type === 'counter');
      if (type === 'histogram') expect(name, name).to.match(/_seconds$/);
    }
  });
});
