import type { MethodName } from '../../src/index.js';
import type { BenchNode } from './scenarios.js';

/** Someone who moves nodes between networks, running, with Neutron behind a proxy that counts its requests. */
export interface Contestant {
  /** Makes the node known, with its VIFs attached. */
  enrol(node: BenchNode): Promise<void>;
  /** Calls a method and waits for it. Answers with the seconds that it took. */
  perform(method: MethodName, node: BenchNode): Promise<number>;
  stop(): Promise<void>;
}

export const CONTESTANTS = ['ironic', 'worker'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = {
  ironic: "Ironic's own neutron interface",
  worker: 'netprov worker',
};

/** Where a contestant finds Neutron, and the names of its networks there. */
export interface Place {
  endpoint: string;
  cleaningNetwork: string;
  provisioningNetwork: string;
}
