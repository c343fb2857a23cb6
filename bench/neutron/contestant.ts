import type { MethodName } from '../../src/index.js';
import type { BenchNode } from './scenarios.js';

/** A running program that moves nodes between networks, with a proxy before Neutron that counts its requests. */
export interface Contestant {
  /** Introduces the node, with its VIFs attached. */
  enrol(node: BenchNode): Promise<void>;
  /** Calls a method for all nodes at once, and waits for all. Returns the seconds that it took. */
  perform(method: MethodName, nodes: readonly BenchNode[]): Promise<number>;
  stop(): Promise<void>;
}

export const CONTESTANTS = ['ironic', 'worker'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = {
  ironic: "Ironic's own neutron interface",
  worker: 'netprov worker',
};

/** The Neutron of a contestant, and the names of its networks there. */
export interface Place {
  endpoint: string;
  cleaningNetwork: string;
  provisioningNetwork: string;
}
