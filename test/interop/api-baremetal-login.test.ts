import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';

import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { required } from '../../testkit/servers/environment.js';
import { TestKeystone } from '../../testkit/servers/keystone.js';
import { Netprov } from '../../testkit/servers/netprov.js';

interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Debian's `baremetal` command (python3-ironicclient), with the credentials in these variables. */
function baremetal(credentials: Record<string, string>, ...args: string[]): Promise<Said> {
  const outer = Object.entries(process.env).filter(([name]) => !/^(OS|NETPROV)_/.test(name));
  const env = { ...Object.fromEntries(outer), ...credentials };
  return new Promise((resolve) => {
    execFile('/usr/bin/python3', ['/usr/bin/baremetal', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the baremetal command logs in to netprov api', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let api: Netprov | null = null;

  before(async () => {
    broker = await TestBroker.create();
    database = await createDatabase();
  });

  afterEach(async () => {
    await api?.stop();
    api = null;
  });

  after(async () => {
    await database.drop();
    await broker.drop();
  });

  /** Starts it, and says where it answers. */
  async function start(options: Record<string, string>): Promise<string> {
    api = new Netprov(['api'], {
      NETPROV_DATABASE_URL: database.connection,
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_API_PORT: '0',
      NETPROV_API_HEALTH_PORT: 'null',
      ...options,
    });
    await api.says('the API answers');
    return /the API answers address=(\S+)/.exec(api.stderr)?.[1] ?? '';
  }

  it('with Keystone: an administrator enrolls, a reader of the system reads, others get the reason of a refusal', async () => {
    const keystone = new TestKeystone();
    await keystone.logInAsAdmin();
    try {
      const reader = await keystone.makeUser('reader', 'system');
      const [username, password] = [required('NETPROV_KEYSTONE_USERNAME'), required('NETPROV_KEYSTONE_PASSWORD')];
      const endpoint = await start({
        NETPROV_KEYSTONE_AUTHTOKEN_AUTH_URL: keystone.url,
        NETPROV_KEYSTONE_AUTHTOKEN_USERNAME: username,
        NETPROV_KEYSTONE_AUTHTOKEN_PASSWORD: password,
        NETPROV_KEYSTONE_AUTHTOKEN_PROJECT_NAME: required('NETPROV_KEYSTONE_PROJECT'),
      });
      const somebody = {
        OS_AUTH_TYPE: 'password',
        OS_AUTH_URL: keystone.url,
        OS_USER_DOMAIN_NAME: 'Default',
        OS_BAREMETAL_ENDPOINT_OVERRIDE: endpoint,
      };
      const project = { OS_PROJECT_NAME: required('NETPROV_KEYSTONE_PROJECT'), OS_PROJECT_DOMAIN_NAME: 'Default' };
      const admin = { ...somebody, ...project, OS_USERNAME: username, OS_PASSWORD: password };
      const system = { ...somebody, OS_SYSTEM_SCOPE: 'all', OS_USERNAME: reader.name, OS_PASSWORD: reader.password };
      const create = ['node', 'create', '--driver', 'fake-hardware', '--name'];

      expect((await baremetal(admin, ...create, 'enrolled')).code).to.equal(0);
      const listed = await baremetal(system, 'node', 'list', '-f', 'value', '-c', 'Name');
      expect(listed).to.deep.include({ code: 0, stdout: 'enrolled\n' });
      const refused = await baremetal(system, ...create, 'another');
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.include(
        'Access was denied to the following resource: baremetal:node:create (HTTP 403)',
      );
      for (const secret of [password, reader.password]) expect(api?.stderr).to.not.include(secret);
    } finally {
      await keystone.drop();
    }
  });

  it('with a password from the password file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'netprov-passwords-'));
    try {
      const file = join(directory, 'htpasswd');
      writeFileSync(file, `ada:${hashSync('open sesame', 4)}\n`);
      const endpoint = await start({ NETPROV_AUTH_STRATEGY: 'http_basic', NETPROV_HTTP_BASIC_AUTH_USER_FILE: file });
      const ada = { OS_AUTH_TYPE: 'http_basic', OS_ENDPOINT: endpoint, OS_USERNAME: 'ada', OS_PASSWORD: 'open sesame' };
      expect((await baremetal(ada, 'node', 'list')).code).to.equal(0);
      const refused = await baremetal({ ...ada, OS_PASSWORD: 'wrong' }, 'node', 'list');
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.include('401');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
