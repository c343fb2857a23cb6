import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import type { Identity } from '../../../../src/api/auth/authenticator.js';
import {
  allows,
  isRule,
  type Persona,
  type PolicyOptions,
  type Rule,
  type RuleDefault,
  RULES,
} from '../../../../src/api/auth/policy.js';
import { POLICY } from '../../../../testkit/fixtures/api.js';

const NAMES = Object.keys(RULES) as Rule[];
const DEFAULTS: Readonly<Record<string, RuleDefault>> = RULES;
const ELEVATED: PolicyOptions = { ...POLICY, rbac_service_role_elevated_access: true };
const BEFORE: PolicyOptions = { ...POLICY, enforce_new_defaults: false };
const OWNED = { owner: 'p', lessee: 'another' };
const LEASED = { owner: 'another', lessee: 'p' };
const OTHERS = { owner: 'another', lessee: null };
/** What Keystone's roles imply. */
const IMPLIED = ['reader', 'member', 'manager', 'admin'];

function project(name: string, ...roles: string[]): Identity {
  return { userId: 'u', userName: 'u', project: { id: 'p', name, domainId: 'default' }, systemScope: false, roles };
}

function system(...roles: string[]): Identity {
  return { userId: 'u', userName: 'u', project: null, systemScope: true, roles };
}

/** A role, with those that it implies. */
const upTo = (role: string): string[] => IMPLIED.slice(0, IMPLIED.indexOf(role) + 1);
const rulesOf = (...personas: Persona[]): Rule[] =>
  NAMES.filter((rule) => DEFAULTS[rule]?.may.some((persona) => personas.includes(persona)));
/** Rules that are met whatever the node is. */
const NODELESS = rulesOf('any_reader');
const SELF_OWNED: Rule = 'baremetal:node:create:self_owned_node';
const inOrder = (...rules: Rule[]): Rule[] => NAMES.filter((rule) => rules.includes(rule));

describe('the policy of the REST API', () => {
  for (const [who, identity, node, rules, options] of [
    [
      'admin of the system',
      system(...upTo('admin')),
      OTHERS,
      NAMES.filter((rule) => !rule.endsWith('delete:self_owned_node')),
      POLICY,
    ],
    [
      'member of the system',
      system(...upTo('member')),
      OTHERS,
      inOrder(...rulesOf('system_member', 'system_reader'), ...NODELESS),
      POLICY,
    ],
    [
      'reader of the system, whatever its capitals',
      system('Reader'),
      OTHERS,
      inOrder(...rulesOf('system_reader'), ...NODELESS),
      POLICY,
    ],
    ['service in the system', system('service'), OTHERS, inOrder(...rulesOf('system_service', 'any_service')), POLICY],
    [
      'admin of a project with a node of others',
      project('any', ...upTo('admin')),
      OTHERS,
      inOrder(SELF_OWNED, ...NODELESS),
      POLICY,
    ],
    [
      'the same under the rules of before',
      project('any', ...upTo('admin')),
      OTHERS,
      NAMES.filter(
        (rule) => !['baremetal:node:delete:self_owned_node', 'baremetal:node:update_owner_provisioned'].includes(rule),
      ),
      BEFORE,
    ],
    [
      'admin of the owner',
      project('any', ...upTo('admin')),
      OWNED,
      inOrder(SELF_OWNED, ...rulesOf('owner_admin', 'owner_manager', 'owner_member', 'owner_reader'), ...NODELESS),
      POLICY,
    ],
    [
      'member of the owner',
      project('any', ...upTo('member')),
      OWNED,
      inOrder(...rulesOf('owner_member', 'owner_reader'), ...NODELESS),
      POLICY,
    ],
    ['reader of the owner', project('any', 'reader'), OWNED, inOrder(...rulesOf('owner_reader'), ...NODELESS), POLICY],
    [
      'service of the owner',
      project('any', 'service'),
      OWNED,
      inOrder(...rulesOf('owner_service', 'any_service')),
      POLICY,
    ],
    [
      'admin of the lessee',
      project('any', ...upTo('admin')),
      LEASED,
      inOrder(SELF_OWNED, ...rulesOf('lessee_admin', 'lessee_member', 'lessee_reader'), ...NODELESS),
      POLICY,
    ],
    [
      'member of the lessee',
      project('any', ...upTo('member')),
      LEASED,
      inOrder(...rulesOf('lessee_member', 'lessee_reader'), ...NODELESS),
      POLICY,
    ],
    ['member of a project with a node of nobody', project('any', 'member'), null, [], POLICY],
    ['baremetal_admin in the project baremetal', project('baremetal', 'baremetal_admin'), OTHERS, [], POLICY],
    [
      'observer in the project baremetal, before',
      project('baremetal', 'observer'),
      OTHERS,
      NAMES.filter((rule) => DEFAULTS[rule]?.before.includes('legacy_observer')),
      BEFORE,
    ],
    ['observer elsewhere, before', project('any', 'observer'), OTHERS, [], BEFORE],
    [
      'service in the project service',
      project('service', 'service'),
      OTHERS,
      inOrder('baremetal:events:post', ...rulesOf('any_service')),
      POLICY,
    ],
    [
      'the same, elevated',
      project('service', 'service'),
      OTHERS,
      inOrder(...rulesOf('service', 'elevated_service', 'any_service')),
      ELEVATED,
    ],
    ['nobody in particular', project('any'), OWNED, [], ELEVATED],
  ] as const) {
    it(`lets ${who} do ${rules.length} things`, () => {
      expect(NAMES.filter((rule) => allows(rule, identity, options, node))).to.deep.equal(rules);
    });
  }

  it('gives the projects baremetal and demo their special rights only in the default domain', () => {
    const other = project('baremetal', 'observer', 'baremetal_admin');
    const elsewhere = { ...other, project: { id: 'p', name: 'baremetal', domainId: 'another' } };
    expect(NAMES.filter((rule) => allows(rule, elsewhere, BEFORE, OWNED))).to.deep.equal([]);
  });

  it('grants nothing to a token of a domain, unless enforce_scope is false', () => {
    const domain: Identity = { ...project('any', ...upTo('admin')), project: null };
    expect(NAMES.filter((rule) => allows(rule, domain, POLICY, OWNED))).to.deep.equal([]);
    const loose = { ...POLICY, enforce_scope: false };
    expect(NAMES.filter((rule) => allows(rule, domain, loose, OWNED))).to.deep.equal(inOrder(SELF_OWNED, ...NODELESS));
  });

  it('recognizes its own rules, and no others', () => {
    expect(NAMES.every(isRule)).to.equal(true);
    expect(isRule('baremetal:node:set_power_state')).to.equal(false);
    expect(isRule('toString')).to.equal(false);
  });

  it('is the same as in docs/operations.md', () => {
    const text = readFileSync(new URL('../../../../../docs/operations.md', import.meta.url), 'utf8');
    const [, identities = '', rules = ''] = /^### Roles and rules\n(.*?)^Which identities(.*?)^`/ms.exec(text) ?? [];
    const quoted = (part = ''): string[] => [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const sorted = (personas: readonly string[]) => [...new Set(personas)].sort();
    const documented = rules
      .split(/^- /m)
      .slice(1)
      .flatMap((item) => {
        const [names, personas = ''] = item.split(' - may: ');
        const [may, before] = personas.split('besides');
        return quoted(names).map((rule) => [rule, { may: sorted(quoted(may)), before: sorted(quoted(before)) }]);
      });
    const expected = NAMES.map((rule) => {
      const { may = [], before = [] } = DEFAULTS[rule] ?? {};
      return [rule, { may: sorted(may), before: sorted(before) }];
    });
    expect(Object.fromEntries(documented)).to.deep.equal(Object.fromEntries(expected));
    const who = [...identities.matchAll(/^- (.*?):/gm)].flatMap(([, names]) => quoted(names));
    const used = Object.values(DEFAULTS).flatMap(({ may, before }) => [...may, ...before]);
    expect(who).to.have.members([...new Set(used)]);
  });
});
