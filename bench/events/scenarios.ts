/** The ways to wait for Neutron's bindings. */
export const CONTESTANTS = ['polling', 'gathered', 'at_once'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = {
  polling: 'no events: polled',
  gathered: 'events, send_events_interval 2',
  at_once: 'events, send_events_interval 0',
};

/** VIFs of a node that become ACTIVE at a certain time. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly nics: number;
  /** Approximate seconds after the worker's first poll; null if the ports are ACTIVE before Neutron answers. */
  readonly after: number | null;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'prompt_2_nics', title: '2 NICs, ACTIVE before Neutron answers', nics: 2, after: null },
  { name: 'soon_1_nic', title: '1 NIC, ACTIVE 1 s later', nics: 1, after: 1 },
  { name: 'soon_2_nics', title: '2 NICs, ACTIVE 1 s later', nics: 2, after: 1 },
  { name: 'late_1_nic', title: '1 NIC, ACTIVE 6 s later', nics: 1, after: 6 },
  { name: 'late_2_nics', title: '2 NICs, ACTIVE 6 s later', nics: 2, after: 6 },
];

/** Its multiples never come close to the rhythm of a poller. */
const GOLDEN_RATIO = 0.618;

/**
 * The seconds until the switch is done: from half of `after` to one and a half times `after`. The time differs from
 * round to round, so that no poller hits it by luck, and is the same for all contestants.
 */
export function secondsUntilDone(after: number, round: number): number {
  return after * (0.5 + ((round * GOLDEN_RATIO) % 1));
}
