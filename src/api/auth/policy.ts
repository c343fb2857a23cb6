import type { Identity } from './authenticator.js';

/** The fields of a node that rules look at: the ids of the projects that own and lease it. */
export interface Owned {
  readonly owner: string | null;
  readonly lessee: string | null;
}

/**
 * A persona is what a caller's roles make of the caller. Personas with owner or lessee in their names depend on the
 * node. A caller can have several personas at once: Keystone adds the implied roles to a token.
 *
 * | persona | who it is |
 * |---|---|
 * | system_admin, system_member, system_reader, system_service | this role in the system scope |
 * | elevated_service | `service` persona, when `rbac_service_role_elevated_access` is true |
 * | owner_admin, owner_manager, owner_member, owner_reader, owner_service | this role in the node's owner project |
 * | lessee_admin, lessee_manager, lessee_member, lessee_reader | this role in the node's lessee project |
 * | any_admin, any_reader, any_service | this role, in any scope |
 * | service | role `service` in the project `rbac_service_project_name` |
 * | legacy_admin | role `admin` or `administrator` in any scope; `baremetal_admin` in project `baremetal` or `demo` |
 * | legacy_observer | role `observer` or `baremetal_observer` in the project `baremetal` or `demo` |
 *
 * Source: Ironic, common/policy.py (SYSTEM_, PROJECT_ and the checks made of them; admin_api, is_member, is_observer,
 * is_admin).
 */
export type Persona =
  | `system_${'admin' | 'member' | 'reader' | 'service'}`
  | 'elevated_service'
  | `owner_${'admin' | 'manager' | 'member' | 'reader' | 'service'}`
  | `lessee_${'admin' | 'manager' | 'member' | 'reader'}`
  | `any_${'admin' | 'reader' | 'service'}`
  | 'service'
  | 'legacy_admin'
  | 'legacy_observer';

type Personas = readonly Persona[];

const SYSTEM_READER: Personas = ['system_reader', 'system_service', 'elevated_service'];
const SYSTEM_MEMBER: Personas = ['system_member', 'elevated_service'];
const MEMBER: Personas = [...SYSTEM_MEMBER, 'system_service'];
const SYSTEM_OR_PROJECT_READER: Personas = [...SYSTEM_READER, 'owner_reader', 'lessee_reader', 'owner_service'];
const SYSTEM_OR_OWNER_READER: Personas = [...SYSTEM_READER, 'owner_reader', 'owner_service'];
const SYSTEM_OR_PROJECT_MEMBER: Personas = [...MEMBER, 'owner_member', 'lessee_member'];
const SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN: Personas = [
  ...MEMBER,
  'owner_member',
  'owner_service',
  'lessee_admin',
  'lessee_manager',
];
const SYSTEM_MEMBER_OR_OWNER_MEMBER: Personas = [...MEMBER, 'owner_member', 'owner_service'];
const SYSTEM_MEMBER_OR_OWNER_ADMIN: Personas = [...MEMBER, 'owner_admin', 'owner_manager', 'owner_service'];
const SYSTEM_ADMIN_OR_OWNER_ADMIN: Personas = [
  'system_admin',
  'system_service',
  'owner_admin',
  'owner_manager',
  'owner_service',
];
const API_READER: Personas = ['any_reader', 'any_service'];

const ADMIN: Personas = ['legacy_admin'];
const OBSERVER: Personas = ['legacy_admin', 'legacy_observer'];

/** What a token is scoped to. */
type Scope = 'system' | 'domain' | 'project';

/** Which personas a rule allows. */
export interface RuleDefault {
  may: Personas;
  /**
   * Personas that are allowed too, unless enforce_new_defaults. They are from Ironic's older rule, before scopes and
   * owners.
   */
  before: Personas;
  /** Scopes that a token may have, when enforce_scope is set. Default: system or project. */
  scopes?: readonly Scope[];
}

/**
 * Which personas may do what. Rules have Ironic's names and defaults; rules for what Ironic does not have begin with
 * `netprov:`. In Ironic only system administrators may post events. Here services may too, because Neutron, which posts
 * them, is a service.
 */
export const RULES = {
  'baremetal:node:list_all': { may: SYSTEM_READER, before: OBSERVER },
  'baremetal:node:list': { may: API_READER, before: OBSERVER },
  'baremetal:node:get': { may: SYSTEM_OR_PROJECT_READER, before: OBSERVER },
  'baremetal:node:get:filter_threshold': { may: SYSTEM_READER, before: OBSERVER },
  'baremetal:node:get:driver_info': { may: SYSTEM_OR_OWNER_READER, before: OBSERVER },
  'baremetal:node:create': { may: ['system_admin', 'system_service'], before: ADMIN },
  'baremetal:node:create:self_owned_node': { may: ['any_admin', 'any_service'], before: [] },
  'baremetal:node:update': { may: SYSTEM_OR_PROJECT_MEMBER, before: ADMIN },
  'baremetal:node:update_extra': { may: SYSTEM_OR_PROJECT_MEMBER, before: ADMIN },
  'baremetal:node:update_instance_info': {
    may: SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN,
    before: [...ADMIN, ...SYSTEM_OR_PROJECT_MEMBER],
  },
  'baremetal:node:update_owner_provisioned': { may: ['system_admin'], before: ADMIN, scopes: ['system'] },
  'baremetal:node:update:driver_info': { may: SYSTEM_MEMBER_OR_OWNER_MEMBER, before: ADMIN },
  'baremetal:node:update:properties': { may: SYSTEM_MEMBER_OR_OWNER_MEMBER, before: ADMIN },
  'baremetal:node:update:instance_uuid': { may: SYSTEM_MEMBER_OR_OWNER_MEMBER, before: ADMIN },
  'baremetal:node:update:lessee': { may: SYSTEM_MEMBER_OR_OWNER_MEMBER, before: ADMIN },
  'baremetal:node:update:owner': { may: SYSTEM_MEMBER, before: ADMIN },
  'baremetal:node:update:driver_interfaces': { may: SYSTEM_MEMBER_OR_OWNER_ADMIN, before: ADMIN },
  'baremetal:node:update:network_data': { may: SYSTEM_MEMBER_OR_OWNER_MEMBER, before: ADMIN },
  'baremetal:node:update:name': { may: SYSTEM_MEMBER_OR_OWNER_MEMBER, before: ADMIN },
  'baremetal:node:delete': { may: ['system_admin'], before: ADMIN },
  'baremetal:node:delete:self_owned_node': { may: ['owner_admin'], before: [] },
  'baremetal:node:vif:list': { may: SYSTEM_OR_PROJECT_READER, before: ADMIN },
  'baremetal:node:vif:attach': { may: SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN, before: ADMIN },
  'baremetal:node:vif:detach': { may: SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN, before: ADMIN },
  'baremetal:port:list_all': { may: SYSTEM_READER, before: OBSERVER },
  'baremetal:port:list': { may: API_READER, before: OBSERVER },
  'baremetal:port:get': { may: SYSTEM_OR_PROJECT_READER, before: OBSERVER },
  'baremetal:port:create': { may: SYSTEM_ADMIN_OR_OWNER_ADMIN, before: ADMIN },
  'baremetal:port:update': { may: SYSTEM_MEMBER_OR_OWNER_ADMIN, before: ADMIN },
  'baremetal:port:delete': { may: SYSTEM_ADMIN_OR_OWNER_ADMIN, before: ADMIN },
  'baremetal:portgroup:list_all': { may: SYSTEM_READER, before: OBSERVER },
  'baremetal:portgroup:list': { may: API_READER, before: OBSERVER },
  'baremetal:portgroup:get': { may: SYSTEM_OR_PROJECT_READER, before: OBSERVER },
  'baremetal:portgroup:create': { may: SYSTEM_ADMIN_OR_OWNER_ADMIN, before: ADMIN },
  'baremetal:portgroup:update': { may: SYSTEM_MEMBER_OR_OWNER_ADMIN, before: ADMIN },
  'baremetal:portgroup:delete': { may: SYSTEM_ADMIN_OR_OWNER_ADMIN, before: ADMIN },
  'baremetal:events:post': { may: ['system_admin', 'system_service', 'service'], before: ADMIN },
  'netprov:network:get': { may: SYSTEM_OR_PROJECT_READER, before: OBSERVER },
  'netprov:operation:list_all': { may: SYSTEM_READER, before: OBSERVER },
  'netprov:operation:list': { may: API_READER, before: OBSERVER },
  'netprov:operation:get': { may: SYSTEM_OR_OWNER_READER, before: OBSERVER },
  'netprov:worker:list': { may: SYSTEM_READER, before: OBSERVER },
  'netprov:health:get': { may: SYSTEM_READER, before: OBSERVER },
  'netprov:metrics:get': { may: SYSTEM_READER, before: OBSERVER },
  'netprov:dead_letter:list': { may: SYSTEM_READER, before: OBSERVER },
  'netprov:dead_letter:get': { may: SYSTEM_READER, before: OBSERVER },
  'netprov:dead_letter:requeue': { may: ['system_admin'], before: ADMIN },
  'netprov:dead_letter:drop': { may: ['system_admin'], before: ADMIN },
  'netprov:replay:create': { may: ['system_admin'], before: ADMIN },
  'netprov:reconciliation:create': { may: ['system_admin'], before: ADMIN },
  'netprov:action:list': { may: SYSTEM_READER, before: OBSERVER },
} as const satisfies Record<string, RuleDefault>;

export type Rule = keyof typeof RULES;

/** Options of the policy. The names are those of Ironic and oslo.policy. */
export interface PolicyOptions {
  /** The project whose users with the role `service` are the cloud's services. */
  rbac_service_project_name: string;
  /**
   * Whether the users of that project with the role `service` may also read and change nodes, as services with the
   * system scope may.
   */
  rbac_service_role_elevated_access: boolean;
  /** Whether a token must have a scope that the rule accepts. */
  enforce_scope: boolean;
  /** Whether the older rules, from before scopes and owners, no longer count. */
  enforce_new_defaults: boolean;
  /** Whether an administrator of a project may create nodes, which the project then owns, and delete them. */
  project_admin_can_manage_own_nodes: boolean;
}

/** Projects whose special roles count. Source: Ironic, common/policy.py is_member. */
const BAREMETAL_PROJECTS = ['baremetal', 'demo'];

/**
 * Whether a rule allows a caller to do something.
 *
 * @param node the node that it is about; null: no node, or a node without owner and lessee
 */
export function allows(rule: Rule, identity: Identity, options: PolicyOptions, node: Owned | null): boolean {
  const { may, before, scopes = ['system', 'project'] }: RuleDefault = RULES[rule];
  if (options.enforce_scope && !scopes.includes(scopeOf(identity))) return false;
  const personas = personasOf(identity, options, node);
  const among = (wanted: Personas): boolean => wanted.some((persona) => personas.has(persona));
  return among(may) || (!options.enforce_new_defaults && among(before));
}

/** Whether this is the name of a rule. */
export function isRule(name: string): name is Rule {
  return Object.hasOwn(RULES, name);
}

/** The scope of a token. An unscoped token counts as `domain`: it has no roles, so the choice makes no difference. */
function scopeOf({ systemScope, project }: Identity): Scope {
  if (systemScope) return 'system';
  return project === null ? 'domain' : 'project';
}

function personasOf(identity: Identity, options: PolicyOptions, node: Owned | null): ReadonlySet<Persona> {
  const { roles, systemScope, project } = identity;
  // Keystone and oslo.policy compare role names without regard to case.
  const held = roles.map((role) => role.toLowerCase());
  const has = (...names: string[]): boolean => names.some((name) => held.includes(name));
  const special = project?.domainId === 'default' && BAREMETAL_PROJECTS.includes(project.name);
  const service = has('service') && project?.name === options.rbac_service_project_name;
  const owner = project !== null && project.id === node?.owner;
  const lessee = project !== null && project.id === node?.lessee;
  const facts: Readonly<Record<Persona, boolean>> = {
    system_admin: systemScope && has('admin'),
    system_member: systemScope && has('member'),
    system_reader: systemScope && has('reader'),
    system_service: systemScope && has('service'),
    elevated_service: service && options.rbac_service_role_elevated_access,
    owner_admin: owner && has('admin'),
    owner_manager: owner && has('manager'),
    owner_member: owner && has('member'),
    owner_reader: owner && has('reader'),
    owner_service: owner && has('service'),
    lessee_admin: lessee && has('admin'),
    lessee_manager: lessee && has('manager'),
    lessee_member: lessee && has('member'),
    lessee_reader: lessee && has('reader'),
    any_admin: has('admin'),
    any_reader: has('reader'),
    any_service: has('service'),
    service,
    legacy_admin: has('admin', 'administrator') || (special && has('baremetal_admin')),
    legacy_observer: special && has('observer', 'baremetal_observer'),
  };
  return new Set((Object.keys(facts) as Persona[]).filter((persona) => facts[persona]));
}
