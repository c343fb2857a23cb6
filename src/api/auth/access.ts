import { notFound } from '../../inventory/errors.js';
import type { Nodes } from '../../inventory/nodes.js';
import type { NodeRow } from '../../state/index.js';
import { ApiError } from '../http/errors.js';
import type { Identity } from './authenticator.js';
import { allows, type Owned, type PolicyOptions, type Rule } from './policy.js';

/** Things that lists are of, by the first two words of their rules. */
type Listed = 'baremetal:node' | 'baremetal:port' | 'baremetal:portgroup' | 'netprov:operation';

/** Ports, or portgroups. */
interface Parts<Part> {
  get(ident: string, project?: string): Promise<Part>;
}

/** What stands in the place of driver_info for those who may not see it. Source: Ironic, api/controllers/v1/node.py. */
const REDACTED = { content: '** Redacted - requires baremetal:node:get:driver_info permission. **' };

/**
 * What the caller of one request may see and do. Ports, portgroups, VIFs and operations are seen and changed by who may so with their
 * node.
 *
 * A rule that was met is noted: an answer of a route whose rule nobody looked at is held back.
 *
 * Source: Ironic, api/controllers/v1/utils.py (check_node_policy_and_retrieve, check_list_policy, check_port_policy_and_retrieve).
 */
export class Access {
  readonly #met = new Set<Rule>();

  constructor(
    readonly identity: Identity,
    private readonly policy: PolicyOptions,
  ) {}

  /** The project that the caller acts for; null: none, or the whole system. */
  get project(): string | null {
    return this.identity.project?.id ?? null;
  }

  /**
   * The project whose nodes alone are found by name; undefined: all nodes. Who does not see every node must not learn from a name what
   * others call theirs.
   */
  get narrowed(): string | undefined {
    return this.may('baremetal:node:list_all') ? undefined : (this.project ?? undefined);
  }

  /** Whether the rule was met in this request, or one that is a part of it: node:update_extra of node:update. */
  met(rule: Rule): boolean {
    return [...this.#met].some((met) => met.startsWith(rule));
  }

  /** @param node what the rule is about; null: no node */
  may(rule: Rule, node: Owned | null = null): boolean {
    return allows(rule, this.identity, this.policy, node);
  }

  /** @throws ApiError 403 naming the rule */
  assert(rule: Rule, node: Owned | null = null): void {
    // Ironic's own sentence. Source: Ironic, common/exception.py HTTPForbidden.
    if (!this.may(rule, node)) throw new ApiError(403, `Access was denied to the following resource: ${rule}`);
    this.#met.add(rule);
  }

  /**
   * The node, by UUID or name, for those who may see it and meet all rules.
   *
   * @throws InputRefused as of a node that does not exist, when they may not see it; ApiError 403 naming the first rule that they do not meet
   */
  async node(nodes: Pick<Nodes, 'get'>, ident: string, ...rules: readonly Rule[]): Promise<NodeRow> {
    const node = await nodes.get(ident, this.narrowed);
    if (!this.may('baremetal:node:get', node)) throw notFound('Node', ident);
    for (const rule of rules) this.assert(rule, node);
    return node;
  }

  /**
   * A port or portgroup, for those who may see its node and meet the rule.
   *
   * @param what what it is, where it is found, and by what it is named
   * @throws InputRefused as of one that does not exist, when they may not see its node; ApiError 403 naming the rule
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
   * The project whose nodes alone a list shows, as owner or lessee; undefined: all nodes.
   *
   * @param wanted the project whose nodes are asked for
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
   * The project that will own a node that is created; undefined: whichever is asked for.
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

  /** The node as the caller may see it. */
  shown<Row extends Partial<NodeRow> & Owned>(node: Row): Row {
    const whole =
      this.may('baremetal:node:get:filter_threshold', node) || this.may('baremetal:node:get:driver_info', node);
    return whole || node.driver_info === undefined ? node : { ...node, driver_info: REDACTED };
  }
}
