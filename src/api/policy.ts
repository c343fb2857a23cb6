import type { Identity } from './auth/identity.js';

/**
 * What somebody may be, seen from their roles. One can be several at once.
 *
 * | persona | who it is |
 * |---|---|
 * | admin | role `admin` or `administrator`, wherever; role `baremetal_admin` in the project `baremetal` or `demo` |
 * | system_member | role `member` in the system scope |
 * | system_reader | role `reader` in the system scope |
 * | observer | role `observer` or `baremetal_observer` in the project `baremetal` or `demo` |
 * | system_service | role `service` in the system scope |
 * | service | role `service` in the project `rbac_service_project_name` |
 * | elevated_service | the same, when `rbac_service_role_elevated_access` is true |
 *
 * Source: Ironic, common/policy.py (admin_api, is_member, is_observer, is_admin, service_role and the SYSTEM_ checks).
 * Owners and lessees of nodes, whom Ironic knows besides, there are none here.
 */
export type Persona =
  'admin' | 'system_member' | 'system_reader' | 'observer' | 'system_service' | 'service' | 'elevated_service';

const READ: readonly Persona[] = ['admin', 'system_reader', 'observer', 'system_service', 'elevated_service'];
const CHANGE: readonly Persona[] = ['admin', 'system_member', 'system_service', 'elevated_service'];
const ENROLL: readonly Persona[] = ['admin', 'system_service'];

/**
 * Which personas may do what. Rules have Ironic's names and defaults; those of what Ironic does not have begin with
 * `netprov:`. Ironic lets administrators alone post events; here services may too, whose job it is: Neutron's.
 */
export const RULES = {
  'baremetal:node:list_all': READ,
  'baremetal:node:get': READ,
  'baremetal:node:create': ENROLL,
  'baremetal:node:update': CHANGE,
  'baremetal:node:delete': ['admin'],
  'baremetal:node:vif:list': READ.filter((persona) => persona !== 'observer'),
  'baremetal:node:vif:attach': CHANGE,
  'baremetal:node:vif:detach': CHANGE,
  'baremetal:port:list_all': READ,
  'baremetal:port:get': READ,
  'baremetal:port:create': ENROLL,
  'baremetal:port:update': CHANGE,
  'baremetal:port:delete': ENROLL,
  'baremetal:portgroup:list_all': READ,
  'baremetal:portgroup:get': READ,
  'baremetal:portgroup:create': ENROLL,
  'baremetal:portgroup:update': CHANGE,
  'baremetal:portgroup:delete': ENROLL,
  'baremetal:events:post': ['admin', 'system_service', 'service'],
  'netprov:network:get': READ,
  'netprov:operation:get': READ,
} as const satisfies Record<string, readonly Persona[]>;

export type Rule = keyof typeof RULES;

/** Names are Ironic's options. */
export interface PolicyOptions {
  /** The project whose users with the role `service` are the cloud's services. */
  rbac_service_project_name: string;
  /** Whether these may read and change nodes too, as services with the system scope may. */
  rbac_service_role_elevated_access: boolean;
}

/** Projects whose special roles count. Source: Ironic, common/policy.py is_member. */
const BAREMETAL_PROJECTS = ['baremetal', 'demo'];

/** Whether a rule lets somebody. */
export function allows(rule: Rule, identity: Identity, options: PolicyOptions): boolean {
  const personas = personasOf(identity, options);
  return RULES[rule].some((persona) => personas.has(persona));
}

/** Whether it is the name of a rule. */
export function isRule(name: string): name is Rule {
  return Object.hasOwn(RULES, name);
}

function personasOf({ roles, systemScope, project }: Identity, options: PolicyOptions): ReadonlySet<Persona> {
  // Keystone does not tell capitals apart, and so doesn't oslo.policy.
  const held = roles.map((role) => role.toLowerCase());
  const has = (...names: string[]): boolean => names.some((name) => held.includes(name));
  const special = project?.domainId === 'default' && BAREMETAL_PROJECTS.includes(project.name);
  const service = has('service') && project?.name === options.rbac_service_project_name;
  const facts: Readonly<Record<Persona, boolean>> = {
    admin: has('admin', 'administrator') || (special && has('baremetal_admin')),
    system_member: systemScope && has('member'),
    system_reader: systemScope && has('reader'),
    observer: special && has('observer', 'baremetal_observer'),
    system_service: systemScope && has('service'),
    service,
    elevated_service: service && options.rbac_service_role_elevated_access,
  };
  return new Set((Object.keys(facts) as Persona[]).filter((persona) => facts[persona]));
}
