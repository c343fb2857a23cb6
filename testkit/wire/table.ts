import Table from 'cli-table3';

import { reachable } from './moves.js';
import { astray, type Evidence, tally, timesOf } from './walk.js';

/** The evidence as text: each move with its times and pings, and how many frames came where. */
export function table(evidence: Evidence): string {
  const moves = new Table({
    head: [
      'node',
      'cast',
      'result',
      'VLAN after',
      'first ping after',
      'result after',
      'pings answered by',
      'as it should be',
    ],
    style: { head: [], border: [] },
  });
  for (const step of [...evidence.steps].sort((one, other) => one.begin - other.begin)) {
    const times = timesOf(step, evidence);
    moves.push([
      step.node,
      step.move.method,
      step.result.status,
      seconds(times.vlan),
      seconds(times.ping),
      seconds(times.result),
      step.answered.join(', ') || 'nobody',
      isAsItShouldBe(step.answered, wanted(step.node, step.move.after, evidence)) ? 'yes' : 'NO',
    ]);
  }
  const { right, parked, astray: lost } = tally(evidence);
  const sent = evidence.counted.sent.reduce((sum, { n }) => sum + n, 0);
  return [
    moves.toString(),
    `${sent} frames sent, ${right} came where they may, ${parked} between ports that were both unplugged (they share the`,
    `switch's parking VLAN), ${lost} came where they must not. ${evidence.counted.dropped} came too fast to be counted.`,
    ...Object.entries(astray(evidence)).map(([way, n]) => `  astray: ${way}: ${n}`),
  ].join('\n');
}

/** The moves after which the pings were not answered as they should be. */
export function wrongPings(evidence: Evidence): string[] {
  return evidence.steps.flatMap(({ node, move, answered }) => {
    const expected = wanted(node, move.after, evidence);
    if (isAsItShouldBe(answered, expected)) return [];
    return [
      `${node} after ${move.method}: answered by ${answered.join(', ') || 'nobody'}, not ${expected.join(', ') || 'nobody'}`,
    ];
  });
}

function wanted(node: string, after: string, { walkers }: Evidence): string[] {
  const walker = walkers.find(({ name }) => name === node);
  return walker === undefined ? [] : reachable(walker, after);
}

function isAsItShouldBe(answered: readonly string[], expected: readonly string[]): boolean {
  return answered.length === expected.length && expected.every((network) => answered.includes(network));
}

function seconds(time: number | null): string {
  return time === null ? '-' : `${time.toFixed(1)} s`;
}
