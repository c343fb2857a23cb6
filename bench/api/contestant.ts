import type { TestDatabase } from '../../testkit/servers/database.js';

export const CONTESTANTS = ['ironic', 'netprov'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = { ironic: 'ironic-api', netprov: 'netprov api' };

/** Something that serves Ironic's API, running, with a database of its own on the same server as the other's. */
export interface Contestant {
  /** Its URL, without a slash at its end. */
  readonly endpoint: string;
  readonly database: TestDatabase;
  /** The column by which it orders a list when nobody asks for an order. */
  readonly order: 'id' | 'uuid';
  /** The most memory that the process which answers has had so far (resident set), in bytes. */
  peakResidentSet(): number;
  stop(): Promise<void>;
}
