import type { Findings } from './finding.js';

/** Seconds by which clocks may differ without a word: an answer's header has whole seconds, and takes its time. */
const TOLERANCE = 3;

/** Compares a server's clock with ours. Nothing goes by the difference, but records and logs are read side by side. */
export function tellClock(whose: string, theirs: number, ours: number, findings: Findings): void {
  const seconds = (theirs - ours) / 1000;
  if (Math.abs(seconds) <= TOLERANCE) findings.ok('clock', `the clock of ${whose} and this machine's agree`);
  else {
    findings.warning(
      'clock',
      `the clock of ${whose} is ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`,
      'have both set by NTP: times on record and in logs cannot be compared, and tokens of Keystone may count as expired',
    );
  }
}
