import { expect } from 'chai';

import { parseDatabaseUrl, placeOf } from '../../../src/state/database-url.js';

describe('database.connection', () => {
  it('names one server, on port 3306 unless it says another', () => {
    expect(parseDatabaseUrl('mysql://netprov:secret@db.example.org/netprov')).to.deep.equal({
      hosts: [{ hostname: 'db.example.org', port: 3306 }],
      username: 'netprov',
      password: 'secret',
      database: 'netprov',
    });
  });

  it('names several servers, in their order', () => {
    const url = parseDatabaseUrl('mysql+pymysql://u:p%40%2C@h1:3307,h2,[fe80::1]:3308/net%20prov?charset=utf8');
    expect(url?.hosts.map(placeOf)).to.deep.equal(['h1:3307', 'h2:3306', '[fe80::1]:3308']);
    expect(url).to.include({ username: 'u', password: 'p@,', database: 'net prov' });
  });

  it('may have colons in its password, and no login at all', () => {
    expect(parseDatabaseUrl('mariadb://u:a:b@h/d')).to.include({ username: 'u', password: 'a:b' });
    expect(parseDatabaseUrl('mysql://h/d')).to.include({ username: '', password: '' });
  });

  for (const [what, url] of [
    ['another scheme', 'postgresql://u:p@h/d'],
    ['no database', 'mysql://u:p@h1,h2/'],
    ['no host', 'mysql://u:p@/d'],
    ['an empty host', 'mysql://u:p@h1,,h2/d'],
    ['a comma at the end', 'mysql://u:p@h1,/d'],
    ['port 0', 'mysql://u:p@h1:0/d'],
    ['port 65536', 'mysql://u:p@h1,h2:65536/d'],
    ['a port that is none', 'mysql://u:p@h1:port/d'],
    ['an IPv6 address without brackets', 'mysql://u:p@fe80::1/d'],
    ['a login for each host', 'mysql://u:p@h1,u:p@h2/d'],
    ['a percent sign that starts no escape', 'mysql://u:%zz@h1/d'],
    ['33 hosts', `mysql://u:p@${Array(33).fill('h').join(',')}/d`],
    ['nothing', ''],
  ] as const) {
    it(`is refused with ${what}`, () => {
      expect(parseDatabaseUrl(url)).to.equal(null);
    });
  }
});
