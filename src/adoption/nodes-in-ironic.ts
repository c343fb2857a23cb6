import { bulkhead } from 'cockatiel';

import type { IronicClient } from '../ironic/client.js';
import type { IronicPart } from '../ironic/nodes-and-ports.js';
import type { NodeScope } from '../state/index.js';
import type { NodeInIronic } from './plan.js';

/** Named nodes that are asked for at the same time. */
const AT_ONCE = 4;
/** Named nodes that are yielded together. */
const GROUP = 100;

/** What is read of Ironic's API. */
export type IronicReader = Pick<IronicClient, 'pagesOfNodes' | 'node' | 'parts'>;

/**
 * Reads nodes with their ports and portgroups, page by page. A host in the scope is the node's conductor. Nodes that
 * Ironic does not know are left out.
 *
 * @throws OpenStackError when Ironic cannot be read
 */
export async function* nodesInIronic(
  { nodes, hosts }: NodeScope,
  ironic: IronicReader,
): AsyncGenerator<NodeInIronic[]> {
  if (nodes !== undefined) {
    const turns = bulkhead(AT_ONCE, Infinity);
    const uuids = [...new Set(nodes)];
    for (let at = 0; at < uuids.length; at += GROUP) {
      const found = await Promise.all(
        uuids.slice(at, at + GROUP).map((uuid) => turns.execute(() => nodeInIronic(uuid, ironic))),
      );
      yield found.filter((one) => one !== null);
    }
    return;
  }
  // Ironic cannot list the ports of a page of nodes, and a request for each node would take longer than all ports do.
  const [ports, portgroups] = [byNode(await ironic.parts('ports')), byNode(await ironic.parts('portgroups'))];
  for await (const page of ironic.pagesOfNodes()) {
    yield page
      .filter(({ conductor }) => hosts === undefined || hosts.includes(conductor ?? ''))
      .map((node) => ({ node, ports: ports.get(node.uuid) ?? [], portgroups: portgroups.get(node.uuid) ?? [] }));
  }
}

/** Null: Ironic does not know the node. */
async function nodeInIronic(uuid: string, ironic: IronicReader): Promise<NodeInIronic | null> {
  const node = await ironic.node(uuid);
  if (node === null) return null;
  return { node, ports: await ironic.parts('ports', uuid), portgroups: await ironic.parts('portgroups', uuid) };
}

function byNode(parts: readonly IronicPart[]): Map<string, IronicPart[]> {
  const found = new Map<string, IronicPart[]>();
  for (const part of parts) {
    const others = found.get(part.node_uuid);
    if (others === undefined) found.set(part.node_uuid, [part]);
    else others.push(part);
  }
  return found;
}
