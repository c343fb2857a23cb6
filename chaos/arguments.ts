import { InvalidArgumentError } from 'commander';

/** Meaning of the exit codes. */
export const EXIT = { kept: 0, violated: 1, usage: 2, notMade: 3 } as const;

export const EXIT_CODES = `
Exit codes:
  0  no check failed
  1  a check failed: the report has the seed and the history of each node
  2  wrong arguments
  3  the run itself failed
`;

const begin = Date.now();

/** Prints a line of progress, with the seconds since the program began. */
export function tell(text: string): void {
  process.stderr.write(`${((Date.now() - begin) / 1000).toFixed(1).padStart(7)} s  ${text}\n`);
}

/** A reader of whole numbers within limits. */
export function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** A seed that nobody chose. */
export const anySeed = (): number => Date.now() % 2 ** 32;

/** A reader of a list of names, separated by commas, among the known ones. */
export function namesAmong<Name extends string>(known: readonly Name[]): (value: string) => Name[] {
  return (value) => {
    const names = value.split(',').map((name) => name.trim());
    const unknown = names.filter((name) => !known.some((one) => one === name));
    if (unknown.length === 0) return names as Name[];
    throw new InvalidArgumentError(`Unknown fault: ${unknown.join(', ')}. Known faults: ${known.join(', ')}.`);
  };
}

/** A signal that aborts when somebody stops the program. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return controller.signal;
}
