import { notFound } from '../../inventory/errors.js';
import type { Nodes } from '../../inventory/nodes.js';
import type { NodeRow } from '../../state/index.js';
import { ApiError } from '../http/errors.js';
import type { Identity } from './authenticator.js';
import { allows, type Owned, type PolicyOptions, type Rule } from './policy.js';

/** What can be listed, by the first two words of its policy rules. */
type Listed = 'baremetal:node' | 'baremetal:port' | 'baremetal:portgroup' | 'netprov:operation';

/** Ports or portgroups. */
interface Parts<Part> {
  get(ident: string, project?: string): Promise<Part>;
}

/** Replaces driver_info for callers who may not see it. Source: Ironic, api/controllers/v1/node.py. */
const REDACTED = { content: '** Redacted - requires baremetal:node:get:driver_info permission. **' };

/**
 * What the caller of one request may see and do. A caller may see and change the ports, portgroups, VIFs and operations
 * of a node if the policy allows it for that node.
 *
 * Every rule that the caller met is noted. The guard holds back an answer if its route's rule was not checked.
 *
 * Source: Ironic, api/controllers/v1/utils.py (check_node_policy_and_retrieve, check_list_policy,
 * check_port_policy_and_retrieve).
 */
export class Access {
  readonly #met = new Set<Rule>();

  constructor(
    readonly identity: Identity,
    private readonly policy: PolicyOptions,
  ) {}

  /** The project that the caller acts for; null: no project, or the whole system. */
  get project(): string | null {
    return this.identity.project?.id ?? null;
  }

  /**
   * A lookup by name finds only nodes of this project; undefined: all nodes. A caller who may not see every node must
   * not learn from a name what other projects call their nodes.
   */
  get narrowed(): string | undefined {
    return this.may('baremetal:node:list_all') ? undefined : (this.project ?? undefined);
  }

  /** Whether this request met the rule, or a rule that is part of it, as node:update_extra is part of node:update. */
  met(rule: Rule): boolean {
    return [...this.#met].some((met) => met.startsWith(rule));
  }

  /** @param node the node that the rule is about; null: no node */
  may(rule: Rule, node: Owned | null = null): boolean {
    return allows(rule, this.identity, this.policy, node);
  }

  /** @throws ApiError 403 naming the rule */
  assert(rule: Rule, node: Owned | null = null): void {
    // Ironic's own message. Source: Ironic, common/exception.py HTTPForbidden.
    if (!this.may(rule, node)) throw new ApiError(403, `Access was denied to the following resource: ${rule}`);
    this.#met.add(rule);
  }

  /**
   * Finds a node by UUID or name, if the caller may see it and meets all rules.
   *
   * @throws InputRefused as for a node that does not exist, if the caller may not see the node; ApiError 403 naming the
   *   first rule that the caller does not meet
   */
  async node(nodes: Pick<Nodes, 'get'>, ident: string, ...rules: readonly Rule[]): Promise<NodeRow> {
    const node = await nodes.get(ident, this.narrowed);
    if (!this.may('baremetal:node:get', node)) throw notFound('Node', ident);
    for (const rule of rules) this.assert(rule, node);
    return node;
  }

  /**
   * Finds a port or portgroup, if the caller may see its node and meets the rule.
   *
   * @param what kind: Port or Portgroup; parts: where to find it; ident: its UUID, name or address
   * @throws InputRefused as for one that does not exist, if the caller may not see its node; ApiError 403 naming the
   *   rule
   */
  async part<Part extends { node_uuid: string }>(
    nodes: Pick<Nodes, 'get'>,
    { kind, parts, ident }: { kind: 'Port' | 'Portgroup'; parts: Parts<Part>; ident: string },
    rule: Rule,
  ): Promise<Part> {
    const part = await parts.get(ident, this.narrowed);
    const node = await nodes.get(part.node_uuid);
    if (!this.may('baremetal:node:get', node)) throw notFound(kind, ident);
    this.assert(rule, node);
    return part;
  }

  /**
   * The project whose nodes a list shows (the project is owner or lessee of them); undefined: all nodes.
   *
   * @param wanted the project whose nodes the caller asks for
   * @throws ApiError 403
   */
  listed(what: Listed, wanted?: string): string | undefined {
    if (!this.may(`${what}:list_all`)) {
      if (this.project === null || (wanted !== undefined && wanted !== this.project)) this.assert(`${what}:list_all`);
      this.assert(`${what}:list`);
      this.#met.add(`${what}:list_all`);
      return this.project ?? undefined;
    }
    this.assert(`${what}:list_all`);
    return wanted;
  }

  /**
   * The project that will own a new node; undefined: the owner that the request names.
   *
   * @throws ApiError 403
   */
  ownerOfCreated(): string | undefined {
    const { identity, policy, project } = this;
    const own = policy.project_admin_can_manage_own_nodes && !identity.systemScope && project !== null;
    if (!own || !this.may('baremetal:node:create:self_owned_node')) {
      this.assert('baremetal:node:create');
      return undefined;
    }
    this.assert('baremetal:node:create:self_owned_node');
    return project;
  }

  /** @throws ApiError 403 */
  assertDeletion(node: Owned): void {
    const own = 'baremetal:node:delete:self_owned_node';
    const mayOwn = this.policy.project_admin_can_manage_own_nodes && this.may(own, node);
    this.assert(mayOwn ? own : 'baremetal:node:delete', node);
  }

  /** The node as the caller may see it: driver_info is redacted if the caller may not see it. */
  shown<Row extends Partial<NodeRow> & Owned>(node: Row): Row {
    const whole =
      this.may('baremetal:node:get:filter_threshold', node) || this.may('baremetal:node:get:driver_info', node);
    return whole || node.driver_info === undefined ? node : { ...node, driver_info: REDACTED };
  }
}
