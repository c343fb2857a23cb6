import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';

import type { Authenticator } from '../../src/api/auth/authenticator.js';
import { HttpBasicAuthenticator } from '../../src/api/auth/http-basic.js';
import type { Identity } from '../../src/api/auth/identity.js';
import { KeystoneAuthenticator } from '../../src/api/auth/keystone.js';
import { allows, type Rule, RULES } from '../../src/api/policy.js';
import { createApi } from '../../src/api/server.js';
import { silentLogger } from '../../src/log.js';
import { apiOptions, noResources } from '../support/api.js';
import { authtoken } from '../support/keystone.js';
import { PythonScript } from '../support/python.js';

const PUBLIC_KEYSTONE = 'http://keystone.example.org:5000';

/** The rules that Ironic has too. */
const RULES_OF_IRONIC = (Object.keys(RULES) as Rule[]).filter((rule) => rule.startsWith('baremetal:'));
/** Where we differ on purpose: services may post events. */
const MORE_THAN_IRONIC: readonly Rule[] = ['baremetal:events:post'];

describe("the API's authentication, beside Ironic's own", function () {
  this.timeout(60_000);
  const log = silentLogger();
  let directory: string;
  let passwords: string;
  let peer: PythonScript;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-passwords-'));
    passwords = join(directory, 'htpasswd');
    writeFileSync(passwords, `ada:${hashSync('open sesame', 4).replace('$2b$', '$2y$')}\n`);
    const settings = { ...authtoken({ www_authenticate_uri: PUBLIC_KEYSTONE }), interface: 'public' };
    peer = new PythonScript('ironic_auth.py', { keystone: settings, password_file: passwords });
  });

  after(async () => {
    await peer.stop();
    rmSync(directory, { recursive: true });
  });

  /** Our answer, of what Ironic's is compared by. */
  async function ours(authenticator: Authenticator, headers: Record<string, string>): Promise<unknown> {
    const server = await createApi(apiOptions(), { ...noResources(), log, authenticator });
    server.get('/v1/inside', { config: { policy: 'baremetal:node:get' } }, () => '');
    try {
      const { statusCode, headers: answered, body } = await server.inject({ url: '/v1/inside', headers });
      const names = ['www-authenticate', 'content-type'].filter((name) => answered[name] !== undefined);
      const compared = new Map(names.map((name) => [name, String(answered[name]).replace('; charset=utf-8', '')]));
      return { status: statusCode, headers: Object.fromEntries(compared), body: parsed(body) };
    } finally {
      await server.close();
    }
  }

  async function theirs(ask: 'keystone' | 'basic', headers: Record<string, string>): Promise<unknown> {
    const answer = await peer.ask({ ask, headers });
    return { ...answer, body: parsed(String(answer['body'])) };
  }

  it('lets those do what Ironic lets, and services post events', async () => {
    for (const identity of identities()) {
      for (const elevated of [false, true]) {
        const options = { rbac_service_project_name: 'service', rbac_service_role_elevated_access: elevated };
        const [who, rules] = [ironicContext(identity), RULES_OF_IRONIC];
        const { allowed } = await peer.ask({ ask: 'allowed', rules, identity: who, elevated });
        const by = RULES_OF_IRONIC.filter((rule) => allows(rule, identity, options));
        const more = by.filter((rule) => !(allowed as string[]).includes(rule));
        const title = `${JSON.stringify(who)} elevated: ${elevated}`;
        expect(by, title).to.include.members(allowed as string[]);
        expect(more.length === 0 || identity.roles.includes('service'), title).to.equal(true);
        expect(MORE_THAN_IRONIC, title).to.include.members(more);
      }
    }
  });

  it('refuses tokens in the words of keystonemiddleware', async () => {
    const authenticator = new KeystoneAuthenticator(authtoken({ www_authenticate_uri: PUBLIC_KEYSTONE }), log);
    try {
      for (const headers of [{}, { 'X-Auth-Token': '' }, { 'X-Auth-Token': 'no-such-token' }] as Record<
        string,
        string
      >[]) {
        expect(await ours(authenticator, headers)).to.deep.equal(await theirs('keystone', headers));
      }
    } finally {
      await authenticator.close();
    }
  });

  it('takes and refuses passwords as ironic_lib does, in its words', async () => {
    const authenticator = await HttpBasicAuthenticator.open(passwords, log);
    const encoded = (text: string | Buffer) => Buffer.from(text).toString('base64');
    for (const authorization of [
      undefined,
      'Basic',
      'Bearer something',
      'Basic !!!',
      'Basic YWRhOm9wZW4',
      `Basic ${encoded('no colon')}`,
      `Basic ${encoded(Buffer.from([0xff, 0x3a, 0x61]))}`,
      `Basic ${encoded(Buffer.from([0x61, 0x3a, 0xff]))}`,
      `Basic ${encoded('ada:wrong')}`,
      `Basic ${encoded('ada:')}`,
      `Basic ${encoded('grace:open sesame')}`,
      `Basic ${encoded(':')}`,
      `bAsIc   ${encoded('ada:open sesame')} `,
    ]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
      const expected = (await theirs('basic', headers)) as { status: number };
      const got = await ours(authenticator, headers);
      if (expected.status === 200) expect(got, authorization).to.include({ status: 200 });
      else expect(got, authorization).to.deep.equal(expected);
    }
  });
});

const parsed = (body: string): unknown => (body === '' ? null : JSON.parse(body));

function* identities(): Generator<Identity> {
  const roles = ['admin', 'administrator', 'manager', 'member', 'reader', 'service', 'observer', 'baremetal_observer'];
  for (const role of [...roles, 'baremetal_admin', 'Reader', 'nothing']) {
    const somebody = { userId: 'u', userName: 'u', roles: [role] };
    // Ironic's manager of the system is let in by accident: nobody's project is taken for the owner's of a node without one.
    if (role !== 'manager') yield { ...somebody, project: null, systemScope: true };
    for (const [name, domainId] of [
      ['baremetal', 'default'],
      ['demo', 'default'],
      ['baremetal', 'another'],
      ['service', 'default'],
      ['any', 'default'],
    ] as const) {
      yield { ...somebody, project: { id: 'p', name, domainId }, systemScope: false };
    }
  }
}

/** The identity as keystonemiddleware and Ironic hand it on. */
function ironicContext({ userId, project, systemScope, roles }: Identity): Record<string, unknown> {
  return {
    user_id: userId,
    roles,
    ...(systemScope ? { system_scope: 'all' } : {}),
    ...(project === null
      ? {}
      : { project_id: project.id, project_name: project.name, project_domain_id: project.domainId }),
  };
}
