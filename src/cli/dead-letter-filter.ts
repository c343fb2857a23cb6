import { InvalidArgumentError } from 'commander';

import { METHOD_NAMES } from '../contract/methods.js';
import { uuid } from '../contract/task.js';
import type { Letter } from '../dead-letter.js';
import { queueName } from '../rpc/index.js';

/** Options that choose letters; a letter is chosen when all that are given say so. */
export interface FilterOptions {
  reason?: string;
  queue?: string;
  host?: string;
  node?: string;
  method?: string;
  operation?: string;
  /** Became a dead letter, for the last time, before or after. */
  olderThan?: Date;
  newerThan?: Date;
}

export type Filter = (letter: Letter) => boolean;

/** A letter is chosen when it has one of the ids, if there are any, and is as all the options say. */
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

/** A letter whose time cannot be read is neither older nor newer than anything. */
function before(one: string | null, other: string | Date | null): boolean {
  return one !== null && other !== null && new Date(one).getTime() < new Date(other).getTime();
}

/** Whether any option chooses. */
export function isFiltered(ids: readonly string[], options: FilterOptions): boolean {
  const { reason, queue, host, node, method, operation, olderThan, newerThan } = options;
  const given = [reason, queue, host, node, method, operation, olderThan, newerThan];
  return ids.length > 0 || given.some((value) => value !== undefined);
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const DURATION = /^(\d{1,6}(?:\.\d{1,3})?)([smhdw])$/;
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Parser of an option that is a moment: so long ago, or a time in ISO 8601. */
export function moment(text: string, now = Date.now()): Date {
  const [, number, unit] = DURATION.exec(text) ?? [];
  if (number !== undefined && unit !== undefined) {
    return new Date(now - Number(number) * SECONDS[unit as keyof typeof SECONDS] * 1000);
  }
  const time = ISO.test(text) ? new Date(text) : null;
  if (time !== null && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(
    'It must be a duration such as 90s, 30m, 2h, 7d or 1w, or an ISO 8601 time such as 2026-01-31T14:00:00Z.',
  );
}

/** Parser of an option that is a node's UUID, in lower case as letters have it. */
export function nodeUuid(text: string): string {
  try {
    return uuid(text, 'it');
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

/** Parser of an option that is a method: one that there is not is what many a letter asks for. */
export function anyMethod(text: string): string {
  if (text !== '' && text.length <= 255) return text;
  throw new InvalidArgumentError(`It must be a method's name, such as ${METHOD_NAMES[0] ?? ''}.`);
}
