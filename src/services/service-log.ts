import { errorText } from '../async/error-text.js';
import { type Config, ConfigurationError } from '../config/load.js';
import { type Log, type Logger, openLog } from '../log/log.js';

/** The log of a service. */
export interface ServiceLog {
  log: Logger;
  /** Restores the default action of SIGHUP. */
  release: () => void;
}

/**
 * Opens the log of a service. From then on SIGHUP does not end the process: it reopens log.file, and reads log.level
 * and log.levels again.
 *
 * @param read reads the configuration again
 * @throws ConfigurationError when log.file cannot be opened
 */
export function openServiceLog(config: Config, read: () => Config): ServiceLog {
  const opened = open(config);
  const onHangUp = (): void => {
    reopen(opened, config);
    reread(opened, config, read);
  };
  process.on('SIGHUP', onHangUp);
  return { log: opened.logger, release: () => process.off('SIGHUP', onHangUp) };
}

function open({ log }: Config): Log {
  try {
    return openLog(log);
  } catch (error) {
    const reason = `cannot be opened for appending: ${errorText(error)}`;
    throw new ConfigurationError([`log.file is "${String(log.file)}": ${reason}`]);
  }
}

function reopen(opened: Log, { log: { file } }: Config): void {
  if (file === null) return;
  const { logger } = opened;
  try {
    opened.reopen();
    logger.info('SIGHUP: opened log.file again', { file });
  } catch (error) {
    logger.error('SIGHUP: cannot open log.file again; logging continues in the old file', {
      file,
      error: errorText(error),
    });
  }
}

function reread(opened: Log, started: Config, read: () => Config): void {
  const { logger, levels: before } = opened;
  let log: Config['log'];
  try {
    ({ log } = read());
  } catch (error) {
    const problems = error instanceof ConfigurationError ? error.problems : [errorText(error)];
    logger.error('SIGHUP: the configuration is invalid; log.level and log.levels stay unchanged', { problems });
    return;
  }
  const { level, levels } = log;
  opened.setLevels({ level, levels });
  const changes = changed({ 'log.level': [before.level, level], 'log.levels': [before.levels, levels] });
  const message = `SIGHUP: log.level and log.levels ${changes.length > 0 ? 'were changed' : 'are unchanged'}`;
  // A warning, so that it appears at all old and new levels except "error".
  logger.warn(message, changes.length > 0 ? { changes } : {});
  const { format, file } = started.log;
  const later = changed({ 'log.format': [format, log.format], 'log.file': [file, log.file] });
  if (later.length > 0) logger.warn('SIGHUP: these changes take effect at the next start', { changes: later });
}

/** The options whose values changed, with both values. */
function changed(options: Record<string, [before: unknown, after: unknown]>): string[] {
  return Object.entries(options)
    .map(([name, values]) => [name, ...values.map((value) => JSON.stringify(value))] as const)
    .filter(([, before, after]) => before !== after)
    .map(([name, before, after]) => `${name}: ${String(before)} -> ${String(after)}`);
}
