import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A command that runs until it is told to end. */
export interface StopRequest {
  /** Fulfilled with what asked for the end. */
  readonly requested: Promise<string>;
  /** Asks for the end from within. */
  request: (reason: string) => void;
  /** Leaves the signals to their default again. */
  dispose: () => void;
}

/** The first SIGINT or SIGTERM asks the command to end; the second ends the process at once, with 128 + its number. */
export function stopOnSignal(): StopRequest {
  let request: (reason: string) => void = () => undefined;
  const requested = new Promise<string>((resolve) => {
    request = resolve;
  });
  let asked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    request(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const dispose = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  return { requested, request, dispose };
}

/**
 * The exit code of a command that was asked to end before it had what it is for: as shells say it of a signal. Null: it was no
 * signal.
 */
export function interrupted(reason: string): number | null {
  const number = constants.signals[reason as NodeJS.Signals] as number | undefined;
  return number === undefined ? null : 128 + number;
}

/** Milliseconds for which connections may go on closing when a command has said what it had to say. */
const CLOSING_TIME = 2000;

/** Sees to it that the process ends, with the exit code that is set: a server that hangs does not let go of a connection. */
export function endSoon(): void {
  setTimeout(() => process.exit(), CLOSING_TIME).unref();
}
