import { silentLogger, type Logger } from '../../src/log.js';

/** A logger that keeps its lines ("warn: message {fields}") in place of writing them, for a test to look at. */
export function recordingLogger(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = silentLogger();
  log.level = 'debug';
  log.silent = false;
  for (const transport of log.transports) transport.silent = true;
  log.on('data', ({ level, message, ...fields }: Record<string, unknown>) => {
    lines.push(`${String(level)}: ${String(message)} ${JSON.stringify(fields)}`);
  });
  return { log, lines };
}
