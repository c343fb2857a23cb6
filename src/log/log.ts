import winston from 'winston';

import { Destination } from './destination.js';
import {
  type Component,
  jsonLine,
  leastSevere,
  type Level,
  type Levels,
  LINES,
  type LogLine,
  onlyWritten,
  textLine,
} from './format.js';

export {
  COMPONENTS,
  LEVELS,
  LINES,
  withoutInfo,
  type Component,
  type Level,
  type Levels,
  type LogLine,
} from './format.js';
export { maskText } from './mask-text.js';
export { knowSecret } from './mask-text.js';

/** A logger of one component. It prints the fields (operation, node, host) that are passed with a line. */
export type Logger = winston.Logger;

export interface LogOptions extends Levels {
  /** One JSON object per line for programs, or a line of text for people. */
  format: 'json' | 'text';
  /** Path of the file to which lines are appended. Null, the default: standard error. */
  file?: string | null;
}

/** A log whose levels and file can change while it is in use. */
export interface Log {
  readonly logger: Logger;
  /** The current levels. */
  readonly levels: Levels;
  setLevels(levels: Levels): void;
  /** Opens the file again, after it was renamed. @throws the system's error; then the old file stays in use */
  reopen(): void;
}

/**
 * Opens a log. It masks secrets in every line: see log/mask.ts. Even so, callers must log only names, ids and reasons,
 * never whole requests, contexts or configurations.
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

/** Opens a log whose levels and file never change, and returns its logger. @throws the same errors as openLog */
export function createLogger(options: LogOptions): Logger {
  return openLog(options).logger;
}

/** A logger of another component. It keeps the parent's fields. */
export function componentLogger(parent: Logger, component: Component): Logger {
  return parent.child({ component });
}

/** Logs many lines as one record of winston, because most of a line's cost is that of its record. */
export function logTogether(log: Logger, level: Level, lines: readonly LogLine[]): void {
  if (lines.length > 0) log.log({ level, message: '', [LINES]: lines });
}

/** A logger that writes nothing, for library users who do not pass one. */
export function silentLogger(): Logger {
  return winston.createLogger({ silent: true });
}
