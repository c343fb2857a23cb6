import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { listQueries } from '../../../src/neutron/list-query.js';

describe('port list queries', () => {
  it('repeats a name for each of its values', () => {
    expect(listQueries({ network_id: 'n', mac_address: ['a', 'b'] }, [])).to.deep.equal([
      'network_id=n&mac_address=a&mac_address=b',
    ]);
  });

  it('asks nothing where a list of values is empty: Neutron would list every port', () => {
    expect(listQueries({ network_id: 'n', mac_address: [] }, ['id'])).to.deep.equal([]);
  });

  it('splits what is too long for a request line, and asks for each value once', () => {
    const id = Array.from({ length: 1000 }, () => randomUUID());
    const queries = listQueries({ id, device_owner: 'baremetal:none' }, ['id', 'status']);
    expect(queries.length).to.be.greaterThan(4);
    for (const query of queries) {
      expect(query.length).to.be.at.most(7_000);
      expect(new URLSearchParams(query).get('device_owner')).to.equal('baremetal:none');
      expect(new URLSearchParams(query).getAll('fields')).to.deep.equal(['id', 'status']);
    }
    expect(queries.flatMap((query) => new URLSearchParams(query).getAll('id'))).to.deep.equal(id);
  });

  it('asks for the fields that are wanted', () => {
    expect(listQueries({ id: 'x' }, ['id', 'binding:host_id'])).to.deep.equal([
      'id=x&fields=id&fields=binding%3Ahost_id',
    ]);
  });

  it('encodes values', () => {
    expect(listQueries({ device_owner: 'a&b=c d' }, [])).to.deep.equal(['device_owner=a%26b%3Dc+d']);
  });
});
