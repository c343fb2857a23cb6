import winston from 'winston';

import { Destination } from './destination.js';
import { type Component, jsonLine, leastSevere, type Levels, onlyWritten, textLine } from './format.js';

export { COMPONENTS, LEVELS, withoutInfo, type Component, type Level, type Levels } from './format.js';
export { maskText } from './mask-text.js';
export { knowSecret } from './mask-text.js';

/** A logger of one component. Fields given with a line (operation, node, host) are printed with it. */
export type Logger = winston.Logger;

export interface LogOptions extends Levels {
  /** One JSON object a line for programs, or a line for people. */
  format: 'json' | 'text';
  /** Path of the file that lines are appended to; null, the default: standard error. */
  file?: string | null;
}

/** A log whose levels and file can be changed while it is written to. */
export interface Log {
  readonly logger: Logger;
  /** The levels that hold now. */
  readonly levels: Levels;
  setLevels(levels: Levels): void;
  /** Opens the file anew, after it was renamed. @throws the system's error; then the old file stays in use */
  reopen(): void;
}

/**
 * Opens a log. What is written is masked: see log/mask.ts. Even so, callers log names, ids and reasons, never whole
 * requests, contexts or configurations.
 *
 * @throws the system's error when the file cannot be opened
 */
export function openLog({ format, file = null, level, levels = {} }: LogOptions): Log {
  const destination = new Destination(file);
  let current: Levels = { level, levels };
  const { combine, timestamp } = winston.format;
  const logger = winston.createLogger({
    level: leastSevere(current),
    format: combine(
      onlyWritten(() => current),
      timestamp(),
      format === 'json' ? jsonLine : textLine,
    ),
    transports: [new winston.transports.Stream({ stream: destination.stream, eol: '\n' })],
  });
  return {
    logger,
    get levels() {
      return current;
    },
    setLevels: (next) => {
      current = next;
      logger.level = leastSevere(next);
    },
    reopen: () => {
      destination.reopen();
    },
  };
}

/** The logger of a log that stays as it is opened. @throws as openLog */
export function createLogger(options: LogOptions): Logger {
  return openLog(options).logger;
}

/** The logger of a component, for whatever else its lines have of their parent's. */
export function componentLogger(parent: Logger, component: Component): Logger {
  return parent.child({ component });
}

/** A logger that writes nothing: for library users who bring none. */
export function silentLogger(): Logger {
  return winston.createLogger({ silent: true });
}
