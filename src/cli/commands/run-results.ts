import type { Config } from '../../config/load.js';
import { withClient } from '../../services/connect.js';
import { EXIT } from '../../services/errors.js';
import { endSoon, interrupted, stopOnSignal } from '../../services/stop.js';
import { outputOf, type OutputOptions, printResult } from '../output/output.js';

export interface ResultsArguments extends OutputOptions {
  host: string;
  count?: number;
  timeout?: number;
}

/** Prints the result of every cast of a conductor host until it is to end. */
export async function printResults(config: Config, options: ResultsArguments): Promise<void> {
  const { host, count, timeout } = options;
  const output = outputOf(options);
  const stop = stopOnSignal();
  let missing = count ?? Infinity;
  let unserved: number | null | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await withClient(config, {}, async (client) => {
      await client.onResult(
        host,
        (result) => {
          if (missing === 0) return;
          printResult(result, output);
          if (--missing === 0) stop.request('count');
        },
        { copy: true, onUnserved: (waiting) => (unserved = waiting) },
      );
      process.stderr.write(`listening for results of ${host}\n`);
      if (unserved !== undefined) tellUnserved(host, unserved);
      if (timeout !== undefined) timer = setTimeout(stop.request, timeout * 1000, 'timeout');
      const reason = await stop.requested;
      if (count !== undefined && missing > 0) tellMissing(reason, missing, options);
      endSoon();
    });
  } finally {
    clearTimeout(timer);
    stop.dispose();
  }
}

function tellMissing(reason: string, missing: number, { count = 0, timeout = 0 }: ResultsArguments): void {
  const signalled = interrupted(reason);
  const when = signalled === null ? ` within ${timeout} s` : '';
  process.stderr.write(`netprov: ${missing} of ${count} results did not come${when}\n`);
  process.exitCode = signalled ?? EXIT.unreachable;
}

/** @param waiting requests in the host's queue; null: there is no such queue */
function tellUnserved(host: string, waiting: number | null): void {
  const why =
    waiting === null
      ? 'no worker has served it yet, and casts to it are lost'
      : `no worker serves it now, and ${waiting} ${waiting === 1 ? 'request waits' : 'requests wait'} in its queue`;
  process.stderr.write(`netprov: conductor host ${host}: ${why}; start one: netprov worker --host ${host}\n`);
}
