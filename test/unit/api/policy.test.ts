import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import type { Identity } from '../../../src/api/auth/identity.js';
import { allows, isRule, type Persona, type PolicyOptions, type Rule, RULES } from '../../../src/api/policy.js';

const NAMES = Object.keys(RULES) as Rule[];
const PLAIN: PolicyOptions = { rbac_service_project_name: 'service', rbac_service_role_elevated_access: false };
const ELEVATED: PolicyOptions = { ...PLAIN, rbac_service_role_elevated_access: true };

function project(name: string, ...roles: string[]): Identity {
  return { userId: 'u', userName: 'u', project: { id: 'p', name, domainId: 'default' }, systemScope: false, roles };
}

function system(...roles: string[]): Identity {
  return { userId: 'u', userName: 'u', project: null, systemScope: true, roles };
}

const allowed = (identity: Identity, options = PLAIN): Rule[] =>
  NAMES.filter((rule) => allows(rule, identity, options));
const rulesOf = (...personas: Persona[]): Rule[] =>
  NAMES.filter((rule) => (RULES[rule] as readonly Persona[]).some((persona) => personas.includes(persona)));

describe('the policy of the REST API', () => {
  const everything = NAMES;

  for (const [who, identity, rules, options] of [
    ['admin in any project', project('any', 'admin'), everything, PLAIN],
    ['admin, whatever its capitals', project('any', 'Admin'), everything, PLAIN],
    ['admin of the system', system('admin'), everything, PLAIN],
    ['baremetal_admin in the project baremetal', project('baremetal', 'baremetal_admin'), everything, PLAIN],
    ['baremetal_admin elsewhere', project('any', 'baremetal_admin'), [], PLAIN],
    ['member of the system', system('member'), rulesOf('system_member'), PLAIN],
    ['member of a project', project('any', 'member', 'reader'), [], PLAIN],
    ['reader of the system', system('reader'), rulesOf('system_reader'), PLAIN],
    ['reader in a project', project('service', 'reader'), [], PLAIN],
    ['observer in the project baremetal', project('baremetal', 'observer'), rulesOf('observer'), PLAIN],
    ['observer elsewhere', project('any', 'observer'), [], PLAIN],
    ['service in the system', system('service'), rulesOf('system_service'), PLAIN],
    ['service in the project service', project('service', 'service'), ['baremetal:events:post'], PLAIN],
    ['the same, elevated', project('service', 'service'), rulesOf('service', 'elevated_service'), ELEVATED],
    ['service elsewhere', project('any', 'service'), [], ELEVATED],
    ['nobody in particular', project('any'), [], ELEVATED],
  ] as const) {
    it(`lets ${who} do ${rules.length === NAMES.length ? 'everything' : `${rules.length} things`}`, () => {
      expect(allowed(identity, options)).to.deep.equal(rules);
    });
  }

  it('takes the projects baremetal and demo for what they are in the default domain alone', () => {
    const other = project('baremetal', 'observer', 'baremetal_admin');
    expect(allowed({ ...other, project: { id: 'p', name: 'baremetal', domainId: 'another' } })).to.deep.equal([]);
  });

  it('gives readers what only reads', () => {
    const reading = NAMES.filter((rule) => /:(get|list|list_all)$/.test(rule));
    expect(rulesOf('system_reader')).to.deep.equal(reading);
  });

  it('knows its own rules, and no others', () => {
    expect(NAMES.every(isRule)).to.equal(true);
    expect(isRule('baremetal:node:set_power_state')).to.equal(false);
    expect(isRule('toString')).to.equal(false);
  });

  it('is the table in docs/operations.md', () => {
    const text = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
    const lines = text.split('\n');
    const head = lines.findIndex((line) => line.startsWith('| rule '));
    const cells = (line = ''): string[] => [...line.matchAll(/`([^`]+)`/g)].map(([, cell = '']) => cell);
    const rows = lines.slice(head + 2, lines.indexOf('', head)).map((line) => line.split('|').slice(1, 3));
    const documented = rows.flatMap(([rules, personas]) => cells(rules).map((rule) => [rule, cells(personas)]));
    expect(Object.fromEntries(documented)).to.deep.equal(RULES);
    const who = lines.filter((line) => /^\| `\w+` +\| role /.test(line)).map((line) => cells(line)[0]);
    expect(who).to.have.members([...new Set(Object.values(RULES).flat())]);
  });
});
