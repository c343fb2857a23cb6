import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';

import { createApi } from '../../src/api/api-server.js';
import type { Authenticator, Identity } from '../../src/api/auth/authenticator.js';
import { accessOf } from '../../src/api/auth/guard.js';
import { HttpBasicAuthenticator } from '../../src/api/auth/http-basic-authenticator.js';
import { KeystoneAuthenticator } from '../../src/api/auth/keystone-authenticator.js';
import { allows, type PolicyOptions, type Rule, RULES } from '../../src/api/auth/policy.js';
import { silentLogger } from '../../src/log/log.js';
import { apiOptions, noResources, POLICY } from '../../testkit/fixtures/api.js';
import { required } from '../../testkit/servers/environment.js';
import { authtoken, TestKeystone } from '../../testkit/servers/keystone.js';
import { PythonScript } from '../../testkit/servers/python.js';

/** The rules that Ironic has too. */
const RULES_OF_IRONIC = (Object.keys(RULES) as Rule[]).filter((rule) => rule.startsWith('baremetal:'));
/** rbac_service_role_elevated_access, enforce_scope, enforce_new_defaults. */
const SETTINGS = [
  [false, true, true],
  [true, true, true],
  [false, false, true],
  [true, false, false],
  [false, true, false],
] as const;
/** Nodes of nobody's, of the caller's as owner and as lessee, and of others'. */
const NODES = [
  { owner: null, lessee: null },
  { owner: 'p', lessee: null },
  { owner: 'another', lessee: 'p' },
  { owner: 'another', lessee: 'another' },
];
/** Whether Ironic asks the rule without a node. */
const isOfNone = (rule: Rule): boolean =>
  /:(list|list_all|create|create:self_owned_node|post)$/.test(rule) && !/port(group)?:create/.test(rule);
/** Where we differ on purpose: services may post events; and where the rules of before count, so may those who administer by them. */
const MORE_THAN_IRONIC: readonly Rule[] = ['baremetal:events:post'];
/** Headers of an answer that are compared, when Ironic's has them. */
const COMPARED = ['www-authenticate', 'content-type', 'x-openstack-ironic-api-version'];

type Headers = Record<string, string>;

interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

describe("the API's authentication, beside Ironic's own", () => {
  const log = silentLogger();
  const section = authtoken({ www_authenticate_uri: 'http://keystone.example.org:5000' });
  let directory: string;
  let passwords: string;
  let peer: PythonScript;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-passwords-'));
    passwords = join(directory, 'htpasswd');
    writeFileSync(passwords, `ada:${hashSync('open sesame', 4).replace('$2b$', '$2y$')}\n`);
    peer = new PythonScript('ironic_auth.py', {
      keystone: { ...section, interface: 'public' },
      password_file: passwords,
    });
  });

  after(async () => {
    await peer.stop();
    rmSync(directory, { recursive: true });
  });

  async function ours(authenticator: Authenticator, headers: Headers): Promise<Answer> {
    const server = await createApi(apiOptions(), { ...noResources(), log, authenticator });
    server.get('/inside', { config: { policy: 'baremetal:events:post' } }, (request) => {
      accessOf(request).assert('baremetal:events:post');
      return null;
    });
    try {
      const answer = await server.inject({
        url: headers['authorization'] === undefined ? '/v1/nodes' : '/inside',
        headers,
      });
      const answered = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
      return compared(answer.statusCode, Object.fromEntries(answered) as Headers, answer.body);
    } finally {
      await server.close();
    }
  }

  async function theirs(app: 'ironic' | 'basic', headers: Headers): Promise<Answer> {
    const answer = await peer.ask({ app, method: 'GET', path: '/v1/nodes', headers });
    return compared(answer['status'] as number, answer['headers'] as Headers, answer['body'] as string);
  }

  it('allows what Ironic allows, and lets services post events', async function () {
    this.timeout(300_000);
    for (const [elevated, scope, new_defaults] of SETTINGS) {
      const options: PolicyOptions = {
        ...POLICY,
        rbac_service_role_elevated_access: elevated,
        enforce_scope: scope,
        enforce_new_defaults: new_defaults,
      };
      const cases = [...identities()].flatMap((identity) => NODES.map((node) => ({ identity, node })));
      const questions = cases.map(({ identity, node }) => ({
        rules: RULES_OF_IRONIC.filter((rule) => node.owner === null || !isOfNone(rule)),
        identity: ironicContext(identity),
        node,
      }));
      const answer = await peer.ask({ cases: questions, elevated, scope, new_defaults });
      for (const [index, allowed] of (answer['allowed'] as Rule[][]).entries()) {
        const { identity, node } = cases[index] ?? expect.fail('an answer too many');
        const { rules = [] } = questions[index] ?? {};
        const more = identity.roles.includes('service') || (scope && !new_defaults) ? MORE_THAN_IRONIC : [];
        const by = rules.filter((rule) => allows(rule, identity, options, node));
        const title = JSON.stringify({ identity, node, elevated, scope, new_defaults });
        expect(by, title).to.include.members(allowed);
        expect([...allowed, ...more], title).to.include.members(by);
      }
    }
  });

  it('answers 401 in the words of keystonemiddleware, and 403 in those of Ironic', async () => {
    const user = [required('NETPROV_KEYSTONE_USERNAME'), required('NETPROV_KEYSTONE_PASSWORD')] as const;
    const { token } = await new TestKeystone().issue(...user, 'unscoped');
    const authenticator = new KeystoneAuthenticator(section, log);
    try {
      for (const [given, status] of [
        [null, 401],
        ['', 401],
        ['no-such-token', 401],
        [token, 403],
      ] as const) {
        const headers: Headers = { 'x-openstack-ironic-api-version': '1.46' };
        if (given !== null) headers['x-auth-token'] = given;
        const answer = await ours(authenticator, headers);
        expect(answer.status).to.equal(status);
        expect(answer).to.deep.equal(await theirs('ironic', headers));
      }
    } finally {
      await authenticator.close();
    }
  });

  it('accepts and refuses passwords as ironic_lib does, in its words', async () => {
    const authenticator = await HttpBasicAuthenticator.open(passwords, log);
    const encoded = (text: string | Buffer) => Buffer.from(text).toString('base64');
    for (const authorization of [
      undefined,
      '',
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
      const headers: Headers = authorization === undefined ? {} : { authorization };
      expect(await ours(authenticator, headers), authorization).to.deep.equal(await theirs('basic', headers));
    }
  });
});

function compared(status: number, headers: Headers, body: string): Answer {
  const names = COMPARED.filter((name) => headers[name] !== undefined);
  const kept = names.map((name) => [name, headers[name]?.replace(/; ?charset=utf-8/i, '')]);
  return { status, headers: Object.fromEntries(kept) as Headers, body: meant(JSON.parse(body)) };
}

/** An error document, with the JSON that its text holds: two languages write JSON with other blanks and orders. */
function meant(body: unknown): unknown {
  const message = (body as { error_message?: string } | null)?.error_message;
  return message === undefined ? body : { error_message: JSON.parse(message) as unknown };
}

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
  const scope = systemScope ? { system_scope: 'all' } : {};
  if (project === null) return { user_id: userId, roles, ...scope };
  const { id: project_id, name: project_name, domainId: project_domain_id } = project;
  return { user_id: userId, roles, ...scope, project_id, project_name, project_domain_id };
}
