import { CONTESTANTS } from './contestants.js';
import { render, report, type Round } from './report.js';

export interface DrainOptions {
  casts: number;
  rounds: number;
  json?: true;
}

/** Prints how fast each contestant drains a queue of casts. */
export async function drain({ casts, rounds, json }: DrainOptions, signal: AbortSignal): Promise<void> {
  const measured: Round[] = [];
  for (let number = 1; number <= rounds; number++) {
    const round: Partial<Round> = {};
    // Contestants take turns in every round, so that all suffer equally from other work of the machine.
    for (const { name, title, drain: run } of CONTESTANTS) {
      process.stderr.write(`round ${number} of ${rounds}: ${title}: ${casts} casts ... `);
      const result = await run(casts, signal);
      process.stderr.write(`${result.seconds.toFixed(2)} s\n`);
      round[name] = result;
    }
    measured.push(round as Round);
  }
  const result = report(casts, measured);
  console.log(json ? JSON.stringify(result, null, 2) : render(result));
}
