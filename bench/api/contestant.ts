import type { TestDatabase } from '../../testkit/servers/database.js';

export const CONTESTANTS = ['ironic', 'netprov'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = { ironic: 'ironic-api', netprov: 'netprov api' };

/** A running server of Ironic's API. Its database is its own, on the same database server as the other contestant's. */
export interface Contestant {
  /** Its URL, without a slash at its end. */
  readonly endpoint: string;
  readonly database: TestDatabase;
  /** The column by which it orders a list if the request names no order. */
  readonly order: 'id' | 'uuid';
  /** Maximum memory (resident set) so far of the process that answers, in bytes. */
  peakResidentSet(): number;
  stop(): Promise<void>;
}
