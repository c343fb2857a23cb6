import type { Evidence, OperationRow } from '../evidence.js';
import type { PlannedCast, PlannedNode } from '../plan/types.js';

/** A breach of the promise. */
export interface Violation {
  check: string;
  /** The node whose story tells more; null if it concerns no node. */
  node: string | null;
  detail: string;
}

/** A breach found by a check, without the check's name. */
export type Finding = Omit<Violation, 'check'>;

/** Examines what a run left. Finds nothing if the promise was kept. */
export type Check = (evidence: Evidence, index: Index) => Finding[];

/** The evidence, sorted once for all checks. */
export class Index {
  readonly nodes: ReadonlyMap<string, PlannedNode>;
  /** The casts of each node, in the order in which RabbitMQ accepted them. */
  readonly castsOf: ReadonlyMap<string, readonly PlannedCast[]>;
  /** The rows of each cast by its request id. There should be one. */
  readonly rowsOf: ReadonlyMap<string, readonly OperationRow[]>;

  constructor({ plan, operations }: Evidence) {
    this.nodes = new Map(plan.nodes.map((node) => [node.uuid, node]));
    const inOrder = [...plan.casts].sort((one, other) => one.seq - other.seq);
    this.castsOf = groupBy(inOrder, ({ node }) => node);
    this.rowsOf = groupBy(operations, ({ request_id: requestId }) => requestId ?? '');
  }

  /** The row of a cast; undefined if it has no row or several, which another check reports. */
  rowOf({ requestId }: Pick<PlannedCast, 'requestId'>): OperationRow | undefined {
    const rows = this.rowsOf.get(requestId) ?? [];
    return rows.length === 1 ? rows[0] : undefined;
  }
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Names a cast in reports. */
export function nameOf({ seq, method, requestId }: PlannedCast): string {
  return `cast ${seq} (${method}, ${requestId})`;
}
