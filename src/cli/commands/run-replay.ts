import type { StreamPosition } from '../../amqp/index.js';
import type { Config } from '../../config/load.js';
import type { ReadOptions } from '../../messages/request.js';
import { Journal } from '../../recovery/journal-reader.js';
import { noteEnds, replay, type Replayed } from '../../recovery/replay-messages.js';
import { type Decision, planReplay, replayFilter } from '../../recovery/replay-plan.js';
import { planToJson, replayedToJson } from '../../recovery/replay-report.js';
import { createJsonCodec } from '../../rpc/index.js';
import { connectionOptions, quietLogger } from '../../services/connect.js';
import { withRecords } from '../../services/database-access.js';
import { EXIT, UsageError } from '../../services/errors.js';
import { stopOnSignal } from '../../services/stop.js';
import { assertTerminal, confirm, ProgressLine } from '../output/ask.js';
import { counted, outputOf, type OutputOptions, print } from '../output/output.js';
import { describeLeft, describePlan } from '../output/replay-view.js';

export interface ReplayArguments extends OutputOptions {
  from: StreamPosition;
  to?: number | Date;
  host?: string;
  node?: string;
  method?: string;
  failedOnly?: boolean;
  latestPerNode?: boolean;
  dryRun?: boolean;
  force?: boolean;
  rate?: number;
  yes?: boolean;
}

/**
 * Sends requests of the journal again, or prints which it would send.
 *
 * @throws UsageError when there is no journal, or the range is empty
 */
export async function replayRequests(config: Config, options: ReplayArguments): Promise<void> {
  const { dryRun = false, yes = false } = options;
  const output = outputOf(options);
  if (!config.journal.enabled) throw new UsageError('there is no journal: journal.enabled is false');
  assertOrder(options);
  if (!dryRun && !yes) assertTerminal();
  const reading = {
    jsonCodec: createJsonCodec({ maxBytes: config.rpc.max_message_bytes }),
    maxMessageBytes: config.rpc.max_message_bytes,
  };
  const journal = await Journal.open({
    ...reading,
    topic: config.rpc.topic,
    maxAge: config.journal.max_age,
    connection: connectionOptions(config, 'netprov replay', quietLogger(config)),
  });
  try {
    const plan = await planOf(journal, config, options);
    if (plan.some(({ skip }) => skip === 'unreadable')) process.exitCode = EXIT.failed;
    const chosen = plan.filter(({ skip }) => skip === null);
    if (dryRun || output === 'table') print(output, planToJson(plan), () => describePlan(plan));
    else printAside(describePlan(plan));
    await journal.assertQueues([...new Set(chosen.flatMap(({ entry }) => entry.queue ?? []))]);
    if (dryRun) return;
    if (chosen.length === 0 || yes || (await confirm(`replay ${counted(chosen.length, 'request')}?`))) {
      await carryOut(journal, plan, chosen, { ...options, reading });
    } else {
      printAside('nothing was sent');
      process.exitCode = EXIT.failed;
    }
  } finally {
    await journal.close();
  }
}

/** @throws UsageError when the range is empty */
function assertOrder({ from, to }: ReplayArguments): void {
  const both = typeof from === 'number' ? typeof to === 'number' : from instanceof Date && to instanceof Date;
  if (both && to !== undefined && from > to) throw new UsageError('--from is later than --to');
}

/** Reads the journal and the database, and decides for each entry whether to replay it. */
async function planOf(journal: Journal, config: Config, options: ReplayArguments): Promise<Decision[]> {
  const { from, to = null, failedOnly = false, latestPerNode = false, force = false } = options;
  const reading = new ProgressLine('entries of the journal read');
  const { entries, end, oldest } = await journal.survey({ from, to }, reading.tell);
  reading.end();
  const looking = new ProgressLine('operations looked up');
  await withRecords(config, (manager) => noteEnds(entries, manager, looking.tell));
  looking.end();
  const filter = replayFilter(options, config.rpc.topic);
  return planReplay(entries, { end, oldest, filter, failedOnly, latestPerNode, force });
}

async function carryOut(
  journal: Journal,
  plan: readonly Decision[],
  chosen: readonly Decision[],
  { rate, reading, ...options }: ReplayArguments & { reading: ReadOptions },
): Promise<void> {
  const progress = new ProgressLine('replayed');
  const stop = stopOnSignal();
  const stopping = new AbortController();
  void stop.requested.then(() => {
    stopping.abort();
  });
  const sending = { ...reading, rate: rate ?? null, signal: stopping.signal, onProgress: progress.tell };
  const replayed = await replay(journal, chosen, sending).finally(() => {
    stop.dispose();
  });
  progress.end();
  tell(replayed, chosen.length);
  const answer = { ...planToJson(plan), ...replayedToJson(replayed) };
  print(outputOf(options), answer, `replayed ${counted(replayed.sent.length, 'request')}`);
  if (replayed.error !== null) throw replayed.error;
}

function tell({ sent, left, next }: Replayed, all: number): void {
  for (const { entry, why } of left) printAside(`netprov: ${describeLeft(entry, why)}`);
  if (next !== null) {
    printAside(`netprov: ended after ${sent.length} of ${all}; to continue, use the same options and --from ${next}`);
  }
  if (next !== null || left.length > 0) process.exitCode = EXIT.failed;
}

function printAside(text: string): void {
  process.stderr.write(`${text}\n`);
}
