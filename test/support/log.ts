import winston from 'winston';
import type { Logger } from '../../src/log.js';

/** A logger that keeps its lines ("warn: message {fields}") in place of writing them, for a test to look at. */
export function recordingLogger(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  // Without any transport, winston complains on the console.
  const log = winston.createLogger({ level: 'debug', transports: [new winston.transports.Console({ silent: true })] });
  log.on('data', ({ level, message, ...fields }: Record<string, unknown>) => {
    lines.push(`${String(level)}: ${String(message)} ${JSON.stringify(fields)}`);
  });
  return { log, lines };
}
