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

/** Fields that have rules of their own; any other is under the rule of node:update. Source: Ironic, api/controllers/v1/node.py. */
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

/** The rules that a patch needs, in its order: the first that is not met is named. A patch without changes needs one too, as in Ironic. */
export function rulesOf(patch: JsonPatch): Rule[] {
  const ofField = (field: string): Rule =>
    FIELD_RULES[field] ??
    (field.endsWith('_interface') ? 'baremetal:node:update:driver_interfaces' : 'baremetal:node:update');
  const fields = patch.length === 0 ? [''] : patch.map(({ path }) => path.split('/')[1] ?? '');
  return [...new Set(fields.map(ofField))];
}

/** An instance runs for its owner. @throws ApiError 409, as Ironic does */
export function assertOwnerMayChange(access: Access, node: NodeRow, patch: JsonPatch): void {
  const changes = patch.some(({ op, path }) => path === '/owner' && op !== 'remove');
  if (!changes || node.provision_state !== 'active') return;
  if (access.may('baremetal:node:update_owner_provisioned', node)) return;
  throw new ApiError(409, `Cannot update owner of node "${node.uuid}" while it is in state "active".`);
}

/** @param project that will own it; undefined: whichever the body names. @throws ApiError 400 when the body names another */
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
 * UUID of the node that somebody wants to create a port or portgroup in, for those who may. A node that does not exist is nobody's: so
 * nobody learns which nodes there are.
 *
 * @param ident its UUID or name
 * @throws ApiError 403; InputRefused as of wrong input when there is no such node: the URL is right
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
