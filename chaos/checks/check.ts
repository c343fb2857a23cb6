import type { Evidence, OperationRow } from '../evidence.js';
import type { PlannedCast, PlannedNode } from '../plan/types.js';

/** Something that the promise forbids. */
export interface Violation {
  check: string;
  /** Whose story tells more; null: it is nobody's. */
  node: string | null;
  detail: string;
}

/** What a check has found out, without the check's name. */
export type Finding = Omit<Violation, 'check'>;

/** Looks at what is left of a run. It finds nothing where the promise was kept. */
export type Check = (evidence: Evidence, index: Index) => Finding[];

/** The evidence, put in order once for all checks. */
export class Index {
  readonly nodes: ReadonlyMap<string, PlannedNode>;
  /** Each node's casts in the order in which RabbitMQ accepted them. */
  readonly castsOf: ReadonlyMap<string, readonly PlannedCast[]>;
  /** The rows of a cast, by its request id: there should be one. */
  readonly rowsOf: ReadonlyMap<string, readonly OperationRow[]>;

  constructor({ plan, operations }: Evidence) {
    this.nodes = new Map(plan.nodes.map((node) => [node.uuid, node]));
    const inOrder = [...plan.casts].sort((one, other) => one.seq - other.seq);
    this.castsOf = groupBy(inOrder, ({ node }) => node);
    this.rowsOf = groupBy(operations, ({ request_id: requestId }) => requestId ?? '');
  }

  /** The row of a cast; undefined when it has none, or more than one: another check tells. */
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

/** A cast, for people. */
export function nameOf({ seq, method, requestId }: PlannedCast): string {
  return `cast ${seq} (${method}, ${requestId})`;
}
