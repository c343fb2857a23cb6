import { ApiFault, ask } from '../api/request.js';
import type { Node, NodeNetwork, OperationSummary, Port, Portgroup } from '../api/types.js';

/** Operations of a node that its page shows. */
const MOST_OPERATIONS = 200;

/** All that the page of a node shows. Null: the caller may not see it. */
export interface NodeReading {
  node: Node;
  network: NodeNetwork | null;
  ports: Port[];
  portgroups: Portgroup[];
  vifs: string[] | null;
  operations: OperationSummary[] | null;
}

/** @throws ApiFault when there is no such node, or the caller may not see it */
export async function readNode(ident: string, signal: AbortSignal): Promise<NodeReading> {
  const path = `/v1/nodes/${encodeURIComponent(ident)}`;
  const node = await ask<Node>('GET', path, undefined, signal);
  const own = `/v1/nodes/${node.uuid ?? ''}`;
  const [network, { ports }, { portgroups }, vifs, operations] = await Promise.all([
    ifAllowed(ask<NodeNetwork>('GET', `${own}/network`, undefined, signal)),
    ask<{ ports: Port[] }>('GET', `${own}/ports?detail=true`, undefined, signal),
    ask<{ portgroups: Portgroup[] }>('GET', `${own}/portgroups?detail=true`, undefined, signal),
    ifAllowed(ask<{ vifs: { id: string }[] }>('GET', `${own}/vifs`, undefined, signal)),
    ifAllowed(
      ask<{ operations: OperationSummary[] }>(
        'GET',
        `/v1/operations?node=${node.uuid ?? ''}&limit=${MOST_OPERATIONS}`,
        undefined,
        signal,
      ),
    ),
  ]);
  return {
    node,
    network,
    ports,
    portgroups,
    vifs: vifs?.vifs.map(({ id }) => id) ?? null,
    operations: operations?.operations ?? null,
  };
}

async function ifAllowed<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiFault && error.status === 403) return null;
    throw error;
  }
}
