import { expect } from 'chai';

import { problemsOf, secureOf, withParameters } from '../../../src/state/database-tls.js';
import { parseDatabaseUrl, placeOf } from '../../../src/state/database-url.js';
import { openDatabase } from '../../../src/state/index.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

const PLAIN = {
  ssl: false,
  ssl_ca: null,
  ssl_cert: null,
  ssl_key: null,
  ssl_verify_cert: true,
  ssl_verify_identity: true,
};

describe('database.connection', () => {
  it('names one server, on port 3306 unless it names another', () => {
    expect(parseDatabaseUrl('mysql://netprov:secret@db.example.org/netprov')).to.deep.equal({
      hosts: [{ hostname: 'db.example.org', port: 3306 }],
      username: 'netprov',
      password: 'secret',
      database: 'netprov',
      parameters: new Map(),
    });
  });

  it('names several servers, in their order', () => {
    const url = parseDatabaseUrl('mysql+pymysql://u:p%40%2C@h1:3307,h2,[fe80::1]:3308/net%20prov?charset=utf8');
    expect(url?.hosts.map(placeOf)).to.deep.equal(['h1:3307', 'h2:3306', '[fe80::1]:3308']);
    expect(url).to.include({ username: 'u', password: 'p@,', database: 'net prov' });
    expect(url?.parameters).to.deep.equal(new Map([['charset', 'utf8']]));
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

  describe('behind the question mark', () => {
    const parametersOf = (query: string): ReadonlyMap<string, string> =>
      parseDatabaseUrl(`mysql+pymysql://u:p@h/d?${query}`)?.parameters ?? new Map();

    it("accepts oslo.db's parameters for TLS, and a charset", () => {
      const query =
        'charset=utf8&ssl_ca=%2Fetc%2Fca.pem&ssl_cert=c&ssl_key=k&ssl_verify_cert=True&ssl_verify_identity=0&ssl=1';
      const parameters = parametersOf(query);
      expect(problemsOf(parameters)).to.deep.equal([]);
      expect(withParameters(PLAIN, parameters)).to.deep.equal({
        ssl: true,
        ssl_ca: '/etc/ca.pem',
        ssl_cert: 'c',
        ssl_key: 'k',
        ssl_verify_cert: true,
        ssl_verify_identity: false,
      });
      expect(withParameters({ ...PLAIN, ssl_ca: 'a' }, parametersOf('charset=utf8'))).to.include({ ssl_ca: 'a' });
    });

    for (const [query, problem] of [
      ['ssl_mode=REQUIRED', /ssl_mode is unknown; known parameters: ssl_ca, ssl_cert, /],
      ['read_timeout=5', /read_timeout is unknown/],
      ['ssl_verify_cert=maybe', /ssl_verify_cert must be true or false/],
      ['ssl_ca=', /ssl_ca must be the path of a file/],
      ['charset=latin1', /charset must be utf8mb4/],
    ] as const) {
      it(`has no use for ${query}`, async () => {
        const [found = ''] = problemsOf(parametersOf(query));
        expect(found).to.match(problem);
        const opening = openDatabase({ connection: `mysql://h/d?${query}`, maxPoolSize: 1, connectTimeout: 1 });
        expect(String(await rejection(opening))).to.contain(`database.connection: ${found}`);
      });
    }

    it('has no TLS by default', () => {
      expect(secureOf(PLAIN)).to.equal(undefined);
      expect(secureOf({ ...PLAIN, ssl: true })).to.deep.equal({
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        verifyIdentity: true,
      });
      expect(secureOf({ ...PLAIN, ssl: true, ssl_verify_cert: false })).to.include({
        rejectUnauthorized: false,
        verifyIdentity: false,
      });
      expect(() => secureOf({ ...PLAIN, ssl_ca: '/nonexistent/ca.pem' })).to.throw(/database.ssl_ca: .*\/nonexistent/);
    });
  });
});
