import { expect } from 'chai';

import { schemaStatus, upgrade } from '../../src/state/index.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { type Ended, json, netprov } from '../../testkit/servers/netprov.js';

const MIGRATIONS = [
  'CreateTables1763800000000',
  'AddNodeNetworkProvider1763800000001',
  'ExtendForFurtherMethods1764000000000',
  'OwnQueues1765000000000',
  'Inventory1766000000000',
  'ListOperations1766000000001',
  'EndsAndOwedLetters1767000000020',
  'Leases1767000000030',
  'OpenBegins1767000000031',
  'VifClaims1767000000050',
  'PxeBoot1767000000060',
  'OwnerAndLessee1767000000070',
  'PortAndPortgroupFields1767000000080',
  'OperationsLog1768000000000',
  'OwedResults1768000000010',
  'OperatorActions1768000000020',
  'NodeComparisons1768000000030',
];

describe('netprov db', () => {
  let database: TestDatabase;
  const db = (...args: string[]): Promise<Ended> =>
    netprov(['db', ...args], { NETPROV_DATABASE_URL: database.connection });
  const applied = async (): Promise<string[]> =>
    (await schemaStatus(database.dataSource)).filter((one) => one.applied).map(({ name }) => name);

  beforeEach(async () => {
    database = await createDatabase({ migrated: false });
  });
  afterEach(() => database.drop());

  it('upgrades the schema, twice without harm, and shows its status', async () => {
    const before = await db('status');
    expect(before.code).to.equal(4);
    expect(before.stdout).to.contain(MIGRATIONS[0]).and.to.contain('no');
    expect(json(await db('upgrade', '--json'))).to.deep.equal({ migrations: MIGRATIONS });
    expect(await db('upgrade')).to.deep.equal({ code: 0, stdout: 'nothing to do\n', stderr: '' });
    const after = await db('status', '--json');
    expect(after.code).to.equal(0);
    expect(json(after)).to.deep.equal({ migrations: MIGRATIONS.map((name) => ({ name, applied: true })) });
    expect(await applied()).to.deep.equal(MIGRATIONS);
  });

  it('downgrades by steps, or to a version given by number or name', async () => {
    const [first = ''] = MIGRATIONS;
    const [last = '', ...before] = MIGRATIONS.toReversed();
    await upgrade(database.dataSource);
    expect((await db('downgrade', '--steps', '1')).stdout).to.equal(`reverted: ${last}\n`);
    expect(await applied()).to.deep.equal(before.toReversed());
    expect((await db('downgrade', '--to', before[0] ?? '')).stdout).to.equal('nothing to do\n');
    await upgrade(database.dataSource);
    const taken = [last, ...before].filter((name) => name !== first);
    expect((await db('downgrade', '--to', '1763800000000')).stdout).to.equal(
      taken.map((name) => `reverted: ${name}\n`).join(''),
    );
    expect((await db('downgrade', '--to', '0')).stdout).to.equal(`reverted: ${first}\n`);
    expect(await applied()).to.deep.equal([]);
  });

  it('requires an explicit target for a downgrade', async () => {
    await upgrade(database.dataSource);
    const wrong = [[], ['--steps', '0'], ['--to', 'x'], ['--to', '0', '--steps', '1']];
    for (const args of wrong) expect((await db('downgrade', ...args)).code, args.join(' ')).to.equal(2);
    expect(await applied()).to.deep.equal(MIGRATIONS);
  });

  it('says in one sentence that the database server is away, or that the database does not exist', async () => {
    const closed = await netprov(['db', 'status'], { NETPROV_DATABASE_URL: 'mysql://u:sesame@127.0.0.1:1/d' });
    expect(closed.code).to.equal(3);
    expect(closed.stderr).to.match(
      /^netprov: the database cannot be reached: .*127\.0\.0\.1:1; start the database, or .*\n$/,
    );
    const url = new URL(database.connection);
    url.pathname = '/netprov_test_missing';
    const missing = await netprov(['db', 'status'], { NETPROV_DATABASE_URL: url.toString() });
    expect(missing.code).to.equal(2);
    expect(missing.stderr).to.match(/^netprov: the database refused the connection: .*netprov_test_missing.*\n$/);
  });
});
