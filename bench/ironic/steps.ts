/** The network interfaces that move a node. */
export const MOVERS = ['neutron', 'netprov'] as const;
export type MoverName = (typeof MOVERS)[number];

/** The network interfaces that Ironic is measured with. What it takes with noop, it takes with every other one, too. */
export const CONTESTANTS = [...MOVERS, 'noop'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = {
  neutron: "Ironic's network interface neutron",
  netprov: 'netprov',
  noop: 'noop, which moves nothing',
};

/** A step of a node's life, from a command or from the ramdisk's first sign of life. */
export interface Step {
  readonly name: string;
  /**
   * The command: a target of Ironic's provision API, or `attach` to attach a VIF. Null: there is no command, and the step
   * begins when the ramdisk calls Ironic.
   */
  readonly target: 'provide' | 'active' | 'rebuild' | 'deleted' | 'attach' | null;
  /** The provision state at the end. */
  readonly reaches: string;
}

/** From manageable to available, once around. */
export const STEPS: readonly Step[] = [
  { name: 'begin to clean', target: 'provide', reaches: 'clean wait' },
  { name: 'end cleaning', target: null, reaches: 'available' },
  { name: 'attach a VIF', target: 'attach', reaches: 'available' },
  { name: 'begin to deploy', target: 'active', reaches: 'wait call-back' },
  { name: 'end the deployment', target: null, reaches: 'active' },
  { name: 'begin to rebuild', target: 'rebuild', reaches: 'wait call-back' },
  { name: 'end the rebuild', target: null, reaches: 'active' },
  { name: 'tear down', target: 'deleted', reaches: 'clean wait' },
  { name: 'end the tear-down', target: null, reaches: 'available' },
];

/** The steps that are measured with many nodes at once: cleaning. */
export const CROWD_STEPS: readonly Step[] = STEPS.slice(0, 2);
