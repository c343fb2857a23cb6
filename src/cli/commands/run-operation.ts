import type { EntityManager } from 'typeorm';

import { pause } from '../../async/pause.js';
import { within } from '../../async/within.js';
import type { Config } from '../../config/load.js';
import type { NetworkType } from '../../contract/methods.js';
import { reaching, withRecords } from '../../services/database-access.js';
import { DatabaseUnreachable, EXIT } from '../../services/errors.js';
import { endSoon, interrupted, stopOnSignal } from '../../services/stop.js';
import { listOperations, loadOperation, type OperationFilter, type OperationStatus } from '../../state/index.js';
import { type OperationEvent, OperationWatch } from '../../state/operation-watch.js';
import { nodesOf } from '../input/node-argument.js';
import { describeEvent, describeOperation, operationTable, operationToJson } from '../output/operation-view.js';
import { firstPage, type Output, outputOf, type OutputOptions, print, tellMore } from '../output/output.js';
import { readOperation, streamOperations } from './watch-stream.js';

export interface ListOptions extends OutputOptions {
  node?: string;
  status?: OperationStatus;
  method?: string;
  networkType?: NetworkType;
  host?: string;
  provider?: string;
  requestId?: string;
  since?: Date;
  until?: Date;
  limit: number;
  marker?: string;
}

/**
 * Prints a page of operations.
 *
 * @throws MarkerNotFound
 */
export async function listOperationsFor(config: Config, options: ListOptions): Promise<void> {
  const { node, limit, marker = null, ...given } = options;
  const found = await withRecords(config, async (manager) => {
    const filter: OperationFilter = { ...given, nodes: await nodesOf(manager, node) };
    return listOperations(manager, filter, { marker, limit: limit + 1 });
  });
  const { page: operations, next } = firstPage(found, limit, ({ id }) => id);
  print(outputOf(options), { operations, next_marker: next }, () => operationTable(operations));
  tellMore(next, options);
}

/**
 * Prints everything about an operation.
 *
 * @throws Error when there is no such operation
 */
export async function showOperation(config: Config, id: string, options: OutputOptions): Promise<void> {
  const operation = await withRecords(config, (manager) => loadOperation(manager, id));
  if (operation === null) {
    throw new Error(
      `no operation on record has the id "${id}": it has not begun, was deleted (operations.keep), or is a dead letter ` +
        '(netprov dead-letter list)',
    );
  }
  print(outputOf(options), operationToJson(operation), () => describeOperation(operation));
}

export interface WatchOptions extends OutputOptions {
  node?: string;
  host?: string;
  /** URL of the REST API whose stream of events is followed; absent: the database is read. */
  apiUrl?: string;
  interval: number;
  timeout?: number;
}

/** Prints what happens to operations, until Ctrl-C, the timeout, or the end of the operation with the given id. */
export async function watchOperations(config: Config, id: string | undefined, options: WatchOptions): Promise<void> {
  const stop = stopOnSignal();
  const ending = new AbortController();
  void stop.requested.then((reason) => {
    ending.abort(reason);
  });
  const timer = options.timeout === undefined ? undefined : setTimeout(stop.request, options.timeout * 1000, 'timeout');
  try {
    await withSource(config, id, options, ending.signal, async (follow) => {
      const end = await follow();
      if (end !== null) process.exitCode = end === 'succeeded' ? EXIT.ok : EXIT.failed;
      else if (id !== undefined) tellUnended(id, String(ending.signal.reason), options);
      endSoon();
    });
  } finally {
    clearTimeout(timer);
    stop.dispose();
  }
}

type End = 'succeeded' | 'failed' | null;

/** Follows operations in the database, or in the stream of an API. */
async function withSource(
  config: Config,
  id: string | undefined,
  options: WatchOptions,
  signal: AbortSignal,
  work: (follow: () => Promise<End>) => Promise<void>,
): Promise<void> {
  const { apiUrl } = options;
  if (apiUrl !== undefined) return work(() => followStream(apiUrl, id, options, signal));
  return withRecords(config, async (manager) => {
    const watch = await openWatch(manager, id, options);
    tellWatching(options);
    await work(() => follow(watch, id, options, signal));
  });
}

/**
 * Prints the events of an API's stream until the signal is aborted, or until the operation with the id has ended.
 *
 * @returns how that operation ended; null: it has not ended
 */
async function followStream(
  api: string,
  id: string | undefined,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<End> {
  const { node, host: conductor } = options;
  const onAway = (reason: string): void => {
    process.stderr.write(`netprov: the API cannot be reached; trying again: ${reason}\n`);
  };
  let began = false;
  for await (const event of streamOperations({ api, query: { node, conductor }, signal, onAway })) {
    if (event === 'reset') {
      if (began) process.stderr.write('netprov: some events were missed while the API was away\n');
      else tellWatching(options);
      const found = id === undefined ? null : await readOperation(api, id, signal);
      if (id !== undefined && found === null && !began) tellMissing(id, options);
      const end = found === null || found.status === 'running' ? null : found.status;
      if (found !== null && end !== null) {
        tell({ event: end, at: found.finished_at ?? new Date(), operation: found }, outputOf(options));
        return end;
      }
      began = true;
    } else if (id === undefined || event.operation.id === id) {
      tell(event, outputOf(options));
      if (id !== undefined && isEnd(event.event)) return event.event;
    }
  }
  return null;
}

function tellWatching(options: WatchOptions): void {
  if (outputOf(options) === 'table') process.stderr.write('watching; Ctrl-C ends it\n');
}

function tellUnended(id: string, reason: string, { timeout = 0 }: WatchOptions): void {
  const signalled = interrupted(reason);
  const when = signalled === null ? `did not end within ${timeout} s` : `had not ended when the command stopped`;
  process.stderr.write(`netprov: operation ${id} ${when}\n`);
  process.exitCode = signalled ?? EXIT.unreachable;
}

async function openWatch(
  manager: EntityManager,
  id: string | undefined,
  { node, host }: WatchOptions,
): Promise<OperationWatch> {
  const filter = { ids: id === undefined ? undefined : [id], nodes: await nodesOf(manager, node), host };
  return new OperationWatch(manager, filter, { past: id !== undefined });
}

/**
 * Prints events until the signal is aborted, or until the operation with the id has ended.
 *
 * @returns how that operation ended; null: it has not ended
 */
async function follow(
  watch: OperationWatch,
  id: string | undefined,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<End> {
  const output = outputOf(options);
  let away = false;
  let missed = false;
  while (!signal.aborted) {
    // A database that hangs may never answer.
    const events = await within(signal, look(watch), () => undefined);
    if (events === undefined) return null;
    if (events === null && !away) process.stderr.write('netprov: the database cannot be reached; trying again\n');
    away = events === null;
    for (const event of events ?? []) tell(event, output);
    const end = id === undefined ? undefined : events?.map(({ event }) => event).findLast(isEnd);
    if (end !== undefined) return end;
    if (id !== undefined && events !== null && !watch.has(id) && !missed) {
      tellMissing(id, options);
      missed = true;
    }
    await pause(options.interval * 1000, signal);
  }
  return null;
}

/**
 * Reports that there is no operation with the id. The command goes on waiting, because the operation may be about to
 * begin.
 */
function tellMissing(id: string, { node, host }: WatchOptions): void {
  const narrow = node === undefined && host === undefined ? '' : ' and the given node or host';
  process.stderr.write(
    `netprov: no operation on record has the id "${id}"${narrow}: it has not begun, was deleted (operations.keep), or is a ` +
      'dead letter (netprov dead-letter list); waiting for it\n',
  );
}

/** Reads what happened; null: the database cannot be reached. */
async function look(watch: OperationWatch): Promise<OperationEvent[] | null> {
  try {
    return await reaching(() => watch.look());
  } catch (error) {
    if (error instanceof DatabaseUnreachable) return null;
    throw error;
  }
}

function isEnd(event: OperationEvent['event']): event is 'succeeded' | 'failed' {
  return event === 'succeeded' || event === 'failed';
}

function tell(happened: OperationEvent, output: Output): void {
  print(output, happened, () => describeEvent(happened));
}
