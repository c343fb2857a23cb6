import { z } from 'zod';

import { boolean, networkProvider, text, uuidField } from '../../inventory/input-fields.js';
import type { NodeFilter } from '../../inventory/nodes.js';
import { ApiError } from '../http/errors.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import { SINCE } from '../http/microversion.js';
import { splitList } from '../http/resource.js';

const OWN = {
  driver: parameter(text(255), 'Nodes of this driver', SINCE.driverFilter),
  resource_class: parameter(text(80), 'Nodes of this resource class', SINCE.resourceClass),
  provision_state: parameter(text(255), 'Nodes in this provision state', SINCE.provisionStateFilter),
  instance_uuid: parameter(uuidField, 'The node with this instance'),
  network_provider: parameter(networkProvider, 'Nodes of this network provider', SINCE.networkInterface),
  network_interface: parameter(networkProvider, 'The same filter', SINCE.networkInterface),
  conductor: parameter(text(255), 'Nodes of this conductor host', SINCE.conductor),
  owner: parameter(text(255), 'Nodes that this project owns', SINCE.owner),
  lessee: parameter(text(255), 'Nodes that this project leases', SINCE.lessee),
  associated: parameter(boolean, 'Nodes with (true) or without (false) an instance'),
  description_contains: parameter(text(255), 'Nodes whose description contains this text', SINCE.description),
};

/** Source: Ironic, common/faults.py. */
const FAULTS = ['power failure', 'clean failure', 'rescue abort failure', 'service failure'] as const;

/** Filters of Ironic by something that no node has here. Either all nodes match them, or none. */
const ABSENT = {
  maintenance: parameter(boolean, 'true: no nodes, because no node is in maintenance here'),
  retired: parameter(boolean, 'true: no nodes, because no node is retired here', SINCE.retired),
  fault: parameter(z.enum(FAULTS), 'No nodes, because no node has a fault here', SINCE.fault),
  chassis_uuid: parameter(uuidField, 'Always 404, because netprov has no chassis'),
  conductor_group: parameter(
    text(255),
    'No nodes, except for an empty group, because no node is in a conductor group here',
    SINCE.conductorGroup,
  ),
  shard: parameter(text(2048), 'No nodes, because no node is in a shard here', SINCE.shard),
  sharded: parameter(boolean, 'true: no nodes, because no node is in a shard here', SINCE.shard),
  include_children: parameter(boolean, 'No effect, because no node is the child of another here', SINCE.parentNode),
  parent_node: parameter(text(255), 'No nodes, because no node is the child of another here', SINCE.parentNode),
  instance_name: parameter(text(255), 'No nodes, because no instance has a name here', SINCE.instanceName),
};

/** Query parameters of a list of nodes. */
export const NODE_LIST = z.strictObject({
  ...LIST_QUERY,
  ...OWN,
  ...ABSENT,
  project: parameter(text(255), 'Nodes that this project owns or leases'),
});
type NodeListQuery = z.output<typeof NODE_LIST>;

/**
 * Reads which nodes the client asks for.
 *
 * @throws ApiError 404 when it asks for those of a chassis
 */
export function readNodeFilter(query: NodeListQuery): NodeFilter {
  if (query.chassis_uuid !== undefined) throw new ApiError(404, `Chassis ${query.chassis_uuid} could not be found.`);
  const given = Object.keys(OWN).map((name) => [name, query[name as keyof typeof OWN]]);
  const { network_interface: alias, ...filter } = Object.fromEntries(given) as Partial<
    Pick<NodeListQuery, keyof typeof OWN>
  >;
  return { ...filter, network_provider: filter.network_provider ?? alias, none: noNodeMeets(query) };
}

function noNodeMeets(query: NodeListQuery): boolean {
  const { maintenance, retired, sharded, conductor_group: group = '', shard = '' } = query;
  const named = [query.fault, query.parent_node, query.instance_name];
  const asked = named.some((value) => value !== undefined) || group !== '' || splitList(shard).length > 0;
  return asked || maintenance === true || retired === true || sharded === true;
}

/** Filters of lists of ports and portgroups by something that no node has here, beside `shard`. */
export const NODES_APART = {
  conductor_groups: parameter(
    text(2048),
    'No nodes, because no node is in a conductor group here',
    SINCE.conductorGroupsOfPorts,
  ),
};

/**
 * Whether the filters ask for something that no port or portgroup has here.
 *
 * @param others filters that cannot be combined with conductor_groups
 * @throws ApiError 400 when they are combined
 */
export function isMetByNone(
  { conductor_groups: groups = '', shard = '' }: { conductor_groups?: string | undefined; shard?: string | undefined },
  others: readonly (string | undefined)[],
): boolean {
  if (splitList(groups).length > 0 && others.some((value) => value !== undefined)) {
    throw new ApiError(400, 'conductor_groups cannot be asked for together with a node, a portgroup or an address.');
  }
  return splitList(groups).length > 0 || splitList(shard).length > 0;
}
