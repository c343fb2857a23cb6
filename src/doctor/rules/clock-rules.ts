import type { DoctorRule } from '../finding.js';

/**
 * Seconds by which clocks may differ without a warning. The Date header of an answer has whole seconds, and the answer
 * takes time.
 */
const TOLERANCE = 3;

interface ClockFacts {
  whose: string;
  /** How many seconds the clock is ahead of this machine's. */
  seconds: number;
}

/** What is found when a server's clock was read at a time of this machine's clock, both in milliseconds. */
export function clockFacts(whose: string, theirs: number, ours: number): ClockFacts {
  return { whose, seconds: (theirs - ours) / 1000 };
}

/**
 * A server's clock beside ours. This program does not depend on the difference, but people read records and logs of both
 * together.
 */
export const CLOCK_RULES: readonly DoctorRule<ClockFacts>[] = [
  {
    check: 'clock',
    status: 'ok',
    when: ({ seconds }) => Math.abs(seconds) <= TOLERANCE,
    what: ({ whose }) => `the clocks of ${whose} and of this machine agree`,
  },
  {
    check: 'clock',
    status: 'warning',
    what: ({ whose, seconds }) =>
      `the clock of ${whose} is ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`,
    remedy:
      "synchronize both with NTP: else times in the database and in logs cannot be compared, and Keystone's tokens may count as expired",
  },
];
