import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A request to end a command, which otherwise runs for ever. */
export interface StopRequest {
  /** Fulfilled with the reason for the end. */
  readonly requested: Promise<string>;
  /** Asks for the end from within the process. */
  request: (reason: string) => void;
  /** Restores the default action of the signals. */
  dispose: () => void;
}

/**
 * Ends the command at signals. The first SIGINT or SIGTERM asks the command to end; the second ends the process at
 * once, with 128 + its number.
 */
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
 * Exit code of a command that a signal ended before it was done, as shells report it: 128 + the signal's number. null:
 * the reason was not a signal.
 */
export function interrupted(reason: string): number | null {
  const number = constants.signals[reason as NodeJS.Signals] as number | undefined;
  return number === undefined ? null : 128 + number;
}

/** Milliseconds that connections have to close after a command printed its answer. */
const CLOSING_TIME = 2000;

/**
 * Makes sure that the process ends, with the exit code that is set, even if a server that hangs does not close its
 * connection.
 */
export function endSoon(): void {
  setTimeout(() => process.exit(), CLOSING_TIME).unref();
}
