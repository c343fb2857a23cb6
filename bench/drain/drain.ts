import { output } from '../comparison/output.js';
import { playRounds, roundName } from '../comparison/rounds.js';
import { CONTESTANTS } from './contestants.js';
import { type DrainOptions, type DrainReport, render, report } from './report.js';

/** Prints how fast each contestant drains a queue of casts. */
export async function drain(options: DrainOptions, signal: AbortSignal): Promise<void> {
  output(await measureDrain(options, signal), render, options);
}

export async function measureDrain(options: Omit<DrainOptions, 'json'>, signal: AbortSignal): Promise<DrainReport> {
  const { casts, rounds, contestants } = options;
  const measured = await playRounds({
    rounds,
    warmUp: false,
    scenarios: ['drain'],
    contestants,
    play: async (_, name, round) => {
      const { title, part = 1, drain: run } = CONTESTANTS[name];
      const count = Math.ceil(casts * part);
      process.stderr.write(`${roundName(round, rounds)}: ${title}: ${count} casts ... `);
      const cost = { ...(await run(count, signal)), casts: count };
      process.stderr.write(`${cost.seconds.toFixed(2)} s\n`);
      return cost;
    },
    tell: () => undefined,
    signal,
  });
  return report(options, measured);
}
