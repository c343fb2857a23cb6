import winston from 'winston';

/** A logger of one component. Fields given with a line (operation, node, host) are printed with it. */
export type Logger = winston.Logger;

export interface LogOptions {
  /** Least severe level that is written. */
  level: 'error' | 'warn' | 'info' | 'debug';
  /** One JSON object a line for programs, or a line for people. */
  format: 'json' | 'text';
}

const line = winston.format.printf(({ timestamp, level, message, component, stack, ...fields }) => {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
  const trace = typeof stack === 'string' ? `\n${stack}` : '';
  return `${String(timestamp)} ${level.toUpperCase()} ${String(component)}: ${String(message)}${rest}${trace}`;
});

/**
 * The root logger. Everything goes to standard error, so that a command's standard output stays its answer.
 * Callers log names, ids and reasons, never whole requests, contexts or configurations: those can hold secrets.
 */
export function createLogger(options: LogOptions): Logger {
  const { combine, timestamp, errors, json } = winston.format;
  return winston.createLogger({
    level: options.level,
    format: combine(errors({ stack: true }), timestamp(), options.format === 'json' ? json() : line),
    defaultMeta: { component: 'netprov' },
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}

/** A logger that writes nothing: for library users who bring none. */
export function silentLogger(): Logger {
  return winston.createLogger({ silent: true });
}
