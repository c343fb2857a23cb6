import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

import winston from 'winston';

/** A logger of one component. Fields given with a line (operation, node, host) are printed with it. */
export type Logger = winston.Logger;

export interface LogOptions {
  /** Least severe level that is written. */
  level: 'error' | 'warn' | 'info' | 'debug';
  /** One JSON object a line for programs, or a line for people. */
  format: 'json' | 'text';
}

/** Errors among the fields of a line: their stack, which JSON leaves out. */
export const errorsAsText = winston.format((info) => {
  for (const [name, value] of Object.entries(info)) {
    if (value instanceof Error) info[name] = value.stack ?? value.message;
  }
  return info;
});

const line = winston.format.printf(({ timestamp, level, message, component, ...fields }) => {
  let text = `${String(timestamp)} ${level.toUpperCase()} ${String(component)}: ${String(message)}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    text += ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  }
  return text;
});

/**
 * Standard error, written to once in a turn of the event loop. A busy worker logs thousands of lines a second, and each
 * write blocks. What is left when the process exits is written then; a SIGKILL may take the last turn's lines.
 */
function gatheredStderr(): Writable {
  let lines = '';
  const flush = (): void => {
    const text = lines;
    lines = '';
    if (text !== '') writeAll(text);
  };
  process.once('exit', flush);
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      if (lines === '') setImmediate(flush);
      lines += line;
      done();
    },
  });
}

/** To a pipe whose reader is slow, or gone, not all can be written: then process.stderr knows what to do. */
function writeAll(text: string): void {
  try {
    const bytes = Buffer.from(text);
    const written = writeSync(process.stderr.fd, bytes);
    if (written < bytes.length) process.stderr.write(bytes.subarray(written));
  } catch {
    process.stderr.write(text);
  }
}

/**
 * The root logger. Everything goes to standard error, so that a command's standard output stays its answer.
 * Callers log names, ids and reasons, never whole requests, contexts or configurations: those can hold secrets.
 */
export function createLogger(options: LogOptions): Logger {
  const { combine, timestamp, json } = winston.format;
  return winston.createLogger({
    level: options.level,
    format: combine(errorsAsText(), timestamp(), options.format === 'json' ? json() : line),
    defaultMeta: { component: 'netprov' },
    transports: [new winston.transports.Stream({ stream: gatheredStderr(), eol: '\n' })],
  });
}

/** A logger that writes nothing: for library users who bring none. */
export function silentLogger(): Logger {
  return winston.createLogger({ silent: true });
}
