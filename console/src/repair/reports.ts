// The OpenAPI document says of a report only that it is an object: each kind of action has its own.

/** What a replay did, or would do. */
export interface Replay {
  dry_run: boolean;
  counts: { queue: string | null; method: string | null; decision: string; entries: number }[];
  entries: {
    offset: string | number;
    operation_id: string | null;
    node: string | null;
    method: string | null;
    decision: string;
  }[];
  more: boolean;
  /** Only of one that was carried out. */
  replayed?: number;
  left?: { offset: string | number; operation_id: string | null; why: string }[];
  problem?: string | null;
}

/** What a comparison with Neutron found, and what was repaired. */
export interface Reconciliation {
  dry_run: boolean;
  nodes: number;
  compared: number;
  not_compared: number;
  /** How many were compared with Ironic too; null, or none in records of before: it is not known where Ironic is. */
  compared_with_ironic?: number | null;
  /** Why Ironic could not be asked. */
  ironic_error?: string | null;
  /** How many workers can repair: those that differ from Neutron. Records of before do not have it. */
  repairable?: number;
  differing: number;
  differences: {
    node: string;
    host: string | null;
    error: string | null;
    findings: { kind: string; neutron_port_id: string; reason: string; repaired: boolean }[];
  }[];
}

export function readReplay(report: object): Replay {
  return report as Replay;
}

export function readReconciliation(report: object): Reconciliation {
  return report as Reconciliation;
}

/** How many requests a replay sends. */
export function sentBy({ counts }: Replay): number {
  return counts.filter(isSent).reduce((sum, { entries }) => sum + entries, 0);
}

/** Whether a decision of a replay is to send the request: `replay`, or `replay again`. */
export function isSent({ decision }: { decision: string }): boolean {
  return decision.startsWith('replay');
}
