import type { FastifyRequest } from 'fastify';

import { InputRefused } from '../../inventory/errors.js';
import type { Nodes } from '../../inventory/nodes.js';
import { asInput } from '../../inventory/ports.js';
import type { NodeRow } from '../../state/index.js';
import type { Access } from '../auth/access.js';
import { accessOf } from '../auth/guard.js';
import type { Rule } from '../auth/policy.js';
import { ApiError } from '../http/errors.js';
import type { JsonPatch } from '../http/json-patch.js';

/** Fields with rules of their own; node:update covers all others. Source: Ironic, api/controllers/v1/node.py. */
const FIELD_RULES: Readonly<Record<string, Rule>> = {
  instance_info: 'baremetal:node:update_instance_info',
  extra: 'baremetal:node:update_extra',
  driver_info: 'baremetal:node:update:driver_info',
  properties: 'baremetal:node:update:properties',
  instance_uuid: 'baremetal:node:update:instance_uuid',
  lessee: 'baremetal:node:update:lessee',
  owner: 'baremetal:node:update:owner',
  driver: 'baremetal:node:update:driver_interfaces',
  network_data: 'baremetal:node:update:network_data',
  name: 'baremetal:node:update:name',
  network_provider: 'baremetal:node:update:driver_interfaces',
};

/**
 * The rules that a patch needs, in the order of the patch: an error names the first that is not met. As in Ironic, a
 * patch without changes needs a rule too.
 */
export function rulesOf(patch: JsonPatch): Rule[] {
  const ofField = (field: string): Rule =>
    FIELD_RULES[field] ??
    (field.endsWith('_interface') ? 'baremetal:node:update:driver_interfaces' : 'baremetal:node:update');
  const fields = patch.length === 0 ? [''] : patch.map(({ path }) => path.split('/')[1] ?? '');
  return [...new Set(fields.map(ofField))];
}

/**
 * Checks whether the caller may change the owner. A node with an instance runs for its owner, so its owner is
 * protected.
 *
 * @throws ApiError 409, as Ironic does
 */
export function assertOwnerMayChange(access: Access, node: NodeRow, patch: JsonPatch): void {
  const changes = patch.some(({ op, path }) => path === '/owner' && op !== 'remove');
  if (!changes || node.provision_state !== 'active') return;
  if (access.may('baremetal:node:update_owner_provisioned', node)) return;
  throw new ApiError(409, `Cannot update owner of node "${node.uuid}" while it is in state "active".`);
}

/**
 * Sets the owner of a new node.
 *
 * @param project the project that will own it; undefined: the owner that the body names
 * @throws ApiError 400 when the body names another project
 */
export function ownedBy(project: string | undefined, body: { owner?: unknown }): object {
  if (project === undefined) return body;
  const { owner: wanted } = body;
  if (typeof wanted === 'string' && wanted !== '' && wanted !== project) {
    const message = 'Cannot create a node as a project scoped admin with an owner other than your own project.';
    throw new ApiError(400, message);
  }
  return { ...body, owner: project };
}

/**
 * UUID of the node in which the caller wants to create a port or portgroup. For a node that does not exist, the rule is
 * checked as for a node without an owner, so the answer does not reveal which nodes exist.
 *
 * @param ident the node's UUID or name
 * @throws ApiError 403; InputRefused of kind `invalid` when there is no such node, because it is the body that is
 *   wrong, not the URL
 */
export async function nodeToCreateIn(
  rule: Rule,
  ident: string,
  request: FastifyRequest,
  nodes: Nodes,
): Promise<string> {
  const access = accessOf(request);
  try {
    const node = await nodes.get(ident, access.narrowed);
    access.assert(rule, node);
    return node.uuid;
  } catch (error) {
    if (!(error instanceof InputRefused && error.kind === 'not_found')) throw error;
    access.assert(rule, null);
    return asInput(error);
  }
}
