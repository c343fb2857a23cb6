import { Child } from './child.js';
import { type ProcessorTime, ProcessorTimes } from './processor-times.js';

/** A running program whose processor time is counted, together with that of the servers. */
export interface Run {
  child: Child;
  times: ProcessorTimes;
}

/** What one measurement of a program cost. */
export interface Cost {
  seconds: number;
  /** Seconds of processor time while it was measured. */
  processor: ProcessorTime;
  /** Seconds of processor time of the program itself before the measurement began: its start. */
  startProcessor: number;
  /** Bytes. */
  peakResidentSet: number;
}

/** The cost of a number of casts. */
export interface CountedCost extends Cost {
  casts: number;
}

/** Starts a program, does some work with it, and stops it. */
export async function withRun<T>(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const child = new Child(command, args, env);
  try {
    const times = new ProcessorTimes([child.pid]);
    try {
      return await work({ child, times });
    } finally {
      times.stop();
    }
  } finally {
    await child.stop();
  }
}

/**
 * The cost from begin to end, in milliseconds since 1970.
 *
 * @throws Error when the program has ended
 */
export function costOf({ child, times }: Run, begin: number, end: number): Cost {
  return {
    seconds: (end - begin) / 1000,
    processor: times.between(begin, end),
    startProcessor: times.ownUntil(begin),
    peakResidentSet: child.peakResidentSet(),
  };
}
