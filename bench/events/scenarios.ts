/** Who waits for Neutron's bindings, and how. */
export const CONTESTANTS = ['polling', 'gathered', 'at_once'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = {
  polling: 'no events: polled',
  gathered: 'events, send_events_interval 2',
  at_once: 'events, send_events_interval 0',
};

/** What is waited for: VIFs of a node that become ACTIVE. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly nics: number;
  /** About so many seconds after the worker's first look; null: by the time that Neutron answers. */
  readonly after: number | null;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'prompt_2_nics', title: '2 NICs, ACTIVE before Neutron answers', nics: 2, after: null },
  { name: 'soon_1_nic', title: '1 NIC, ACTIVE 1 s later', nics: 1, after: 1 },
  { name: 'soon_2_nics', title: '2 NICs, ACTIVE 1 s later', nics: 2, after: 1 },
  { name: 'late_1_nic', title: '1 NIC, ACTIVE 6 s later', nics: 1, after: 6 },
  { name: 'late_2_nics', title: '2 NICs, ACTIVE 6 s later', nics: 2, after: 6 },
];

/** Its multiples never come near a pattern that a poller has. */
const GOLDEN_RATIO = 0.618;

/**
 * When the switch is done: half as early to half as late again, another moment in each round and the same for all
 * contestants, so that no poller meets it by luck.
 */
export function secondsUntilDone(after: number, round: number): number {
  return after * (0.5 + ((round * GOLDEN_RATIO) % 1));
}
