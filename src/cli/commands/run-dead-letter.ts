import type { Config } from '../../config/load.js';
import type { Letter } from '../../messages/dead-letter-details.js';
import { DeadLetterQueue, type HeldLetter, type LetterSelection } from '../../recovery/dead-letter-queue.js';
import { letterToJson } from '../../recovery/letter-json.js';
import { createJsonCodec, queueName } from '../../rpc/index.js';
import { connectionOptions, quietLogger } from '../../services/connect.js';
import { EXIT, UsageError } from '../../services/errors.js';
import { assertTerminal, confirm, ProgressLine } from '../output/ask.js';
import { describeLetter, letterTable } from '../output/dead-letter-view.js';
import { counted, type Output, outputOf, type OutputOptions, print } from '../output/output.js';

export interface LetterListOptions extends FilterOptions, OutputOptions {
  limit?: number;
}

export interface LetterChangeOptions extends LetterListOptions {
  force?: boolean;
  all?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

type Verb = 'requeue' | 'drop';
const DONE = { requeue: 'requeued', drop: 'dropped' } as const;
/** Most letters that are shown before the operator must confirm. */
const SHOWN = 20;

/** Prints the dead letters that match. */
export async function listLetters(config: Config, options: LetterListOptions): Promise<void> {
  await withLetters(config, async (queue) => {
    const chosen = await choose(queue, config, [], options, false);
    printLetters(chosen, outputOf(options));
  });
}

/** Prints all about the dead letters with this id. With `raw`, it prints only the body of the first. */
export async function showLetters(
  config: Config,
  id: string,
  { raw, ...options }: OutputOptions & { raw?: boolean },
): Promise<void> {
  await withLetters(config, async (queue) => {
    const { letters } = await choose(queue, config, [id], {}, true);
    for (const held of letters.slice(0, raw ? 1 : undefined)) {
      if (raw) process.stdout.write(held.message.content);
      else {
        const description = queue.describe(held);
        const text = (): string => describeLetter(held.letter, description);
        print(outputOf(options), letterToJson(held.letter, description), text);
      }
    }
  });
}

/**
 * Sends dead letters back to their queues, or removes them.
 *
 * @throws UsageError when it is not said which
 */
export async function changeLetters(
  config: Config,
  verb: Verb,
  ids: string[],
  options: LetterChangeOptions,
): Promise<void> {
  const { all = false, dryRun = false, yes = false } = options;
  if (all === isFiltered(ids, options))
    throw new UsageError(`dead-letter ${verb} needs ids, filters, or --all without both`);
  if (!dryRun && !yes) assertTerminal();
  await withLetters(config, async (queue) => {
    const chosen = await choose(queue, config, ids, options, verb === 'requeue' && !dryRun);
    if (dryRun) printLetters(chosen, outputOf(options));
    else if (chosen.letters.length === 0 || yes || (await confirmed(verb, chosen.letters))) {
      await carryOut(verb, queue, chosen, options);
    } else {
      process.stderr.write('nothing was changed\n');
      process.exitCode = EXIT.failed;
    }
  });
}

/**
 * Reads the chosen letters.
 *
 * @throws Error when one of the ids has no letter
 */
async function choose(
  queue: DeadLetterQueue,
  config: Config,
  ids: readonly string[],
  options: LetterListOptions,
  bodies: boolean,
): Promise<LetterSelection> {
  const progress = new ProgressLine('dead letters read');
  const filter = filterOf(ids, options, config.rpc.topic);
  const chosen = await queue.choose({ filter, bodies, limit: options.limit, onProgress: progress.tell });
  progress.end();
  const found = new Set(chosen.letters.map(({ letter }) => letter.id));
  const missing = chosen.more ? [] : ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw new Error(`no dead letter has this id: ${missing.join(', ')}; nothing was changed`);
  return chosen;
}

function confirmed(verb: Verb, letters: readonly HeldLetter[]): Promise<boolean> {
  process.stderr.write(`${letterTable(letters.slice(0, SHOWN).map(({ letter }) => letter))}\n`);
  if (letters.length > SHOWN) process.stderr.write(`and ${letters.length - SHOWN} more\n`);
  return confirm(`${verb} ${counted(letters.length, 'dead letter')}?`);
}

async function carryOut(
  verb: Verb,
  queue: DeadLetterQueue,
  { letters, more }: LetterSelection,
  { force = false, ...options }: LetterChangeOptions,
): Promise<void> {
  const progress = new ProgressLine(`dead letters ${DONE[verb]}`);
  const stay = verb === 'requeue' ? await queue.requeue(letters, { force, onProgress: progress.tell }) : [];
  if (verb === 'drop') await queue.drop(letters);
  progress.end();
  const stayed = stay.map(({ letter: { id }, why }) => ({ id, why }));
  const staying = new Set(stay.map(({ letter }) => letter));
  const done = letters.filter(({ letter }) => !staying.has(letter)).map(({ letter }) => letter.id);
  for (const { id, why } of stayed) process.stderr.write(`netprov: dead letter ${id} stays: ${why}\n`);
  const text = `${DONE[verb]} ${counted(done.length, 'dead letter')}${more ? '; there are more' : ''}`;
  print(outputOf(options), { [DONE[verb]]: done, stayed, more }, text);
  if (stayed.length > 0) process.exitCode = EXIT.failed;
}

function printLetters({ letters, more }: LetterSelection, output: Output): void {
  const read: Letter[] = letters.map(({ letter }) => letter);
  const text = (): string => (read.length === 0 ? 'no dead letter' : letterTable(read));
  print(output, { dead_letters: read, more }, text);
  if (more && output === 'table') process.stderr.write('there may be more: --limit stopped the list\n');
}

/** Opens the queue for the work, and always closes it afterwards, which gives the letters back. */
async function withLetters(config: Config, work: (queue: DeadLetterQueue) => Promise<void>): Promise<void> {
  const maxMessageBytes = config.rpc.max_message_bytes;
  const queue = await DeadLetterQueue.open({
    topic: config.rpc.topic,
    queueType: config.rpc.queue_type,
    connection: connectionOptions(config, 'netprov dead-letter', quietLogger(config)),
    jsonCodec: createJsonCodec({ maxBytes: maxMessageBytes }),
    maxMessageBytes,
  });
  try {
    await work(queue);
  } finally {
    await queue.close();
  }
}

/** Options that choose letters: a letter must match all that are set. */
export interface FilterOptions {
  reason?: string;
  queue?: string;
  host?: string;
  node?: string;
  method?: string;
  operation?: string;
  /** Limits on the last time at which the message became a dead letter. */
  olderThan?: Date;
  newerThan?: Date;
}

type Filter = (letter: Letter) => boolean;

/** A filter of letters: a letter must have one of the ids, if there are any, and match all options. */
export function filterOf(ids: readonly string[], options: FilterOptions, topic: string): Filter {
  const { reason, queue, host, node, method, operation, olderThan, newerThan } = options;
  const is = (wanted: string | undefined, value: string | null): boolean => wanted === undefined || wanted === value;
  const hostQueue = host === undefined ? undefined : queueName(topic, host);
  return (letter) =>
    (ids.length === 0 || ids.includes(letter.id)) &&
    is(reason, letter.reason) &&
    is(queue, letter.queue) &&
    is(hostQueue, letter.queue) &&
    is(node, letter.node) &&
    is(method, letter.method) &&
    is(operation, letter.operation_id) &&
    (olderThan === undefined || before(letter.last_time, olderThan)) &&
    (newerThan === undefined || before(newerThan.toISOString(), letter.last_time));
}

/** Whether one time is before another. A time that cannot be read is neither older nor newer than any other. */
function before(one: string | null, other: string | Date | null): boolean {
  return one !== null && other !== null && new Date(one).getTime() < new Date(other).getTime();
}

/** Whether any id or filter was given. */
export function isFiltered(ids: readonly string[], options: FilterOptions): boolean {
  const { reason, queue, host, node, method, operation, olderThan, newerThan } = options;
  const given = [reason, queue, host, node, method, operation, olderThan, newerThan];
  return ids.length > 0 || given.some((value) => value !== undefined);
}
