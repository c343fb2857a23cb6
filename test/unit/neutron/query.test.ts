import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { listQueries } from '../../../src/neutron/list-query.js';

describe('port list queries', () => {
  it('repeats a name for each of its values', () => {
    expect(listQueries({ network_id: 'n', mac_address: ['a', 'b'] })).to.deep.equal([
      'network_id=n&mac_address=a&mac_address=b',
    ]);
  });

  it('asks nothing where a list of values is empty: Neutron would list every port', () => {
    expect(listQueries({ network_id: 'n', mac_address: [] })).to.deep.equal([]);
  });

  it('splits what is too long for a request line, and asks for each value once', () => {
    const id = Array.from({ length: 1000 }, () => randomUUID());
    const queries = listQueries({ id, device_owner: 'baremetal:none' });
    expect(queries.length).to.be.greaterThan(4);
    for (const query of queries) {
      expect(query.length).to.be.at.most(7_000);
      expect(new URLSearchParams(query).get('device_owner')).to.equal('baremetal:none');
    }
    expect(queries.flatMap((query) => new URLSearchParams(query).getAll('id'))).to.deep.equal(id);
  });

  it('encodes values', () => {
    expect(listQueries({ device_owner: 'a&b=c d' })).to.deep.equal(['device_owner=a%26b%3Dc+d']);
  });
});
