export const SCALE_PARTS = ['fullness', 'backlog', 'hosts', 'start', 'takeover'] as const;
export type ScalePart = (typeof SCALE_PARTS)[number];

export interface ScaleOptions {
  /** Nodes and finished operations in the largest database. */
  nodes: number;
  operations: number;
  /** Casts in the largest backlog. */
  backlog: number;
  /** Casts in the queue of the other measurements. */
  casts: number;
  rounds: number;
  parts: ScalePart[];
}
