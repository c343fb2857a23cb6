import type { ChannelModel } from 'amqplib';

import { onChannel } from './connection.js';
import { TopologyMismatch } from './errors.js';

/** What differs between a declaration and what exists. */
export interface Inequivalence {
  property: string;
  received: string;
  /** NONE where what exists lacks the property, UNKNOWN where the broker's sentence was cut before it. */
  current: string;
}

const NONE = 'none';
const UNKNOWN = 'unknown';

const PRECONDITION_FAILED = 406;

/**
 * Takes apart RabbitMQ's sentence about a declaration that differs from what exists; null for any other error. AMQP has room
 * for 255 bytes of it: with long names the end is cut, and three dots stand there.
 */
export function inequivalence(error: unknown): Inequivalence | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== PRECONDITION_FAILED) return null;
  const property = /inequivalent arg '([^']*)'/.exec(error.message)?.[1];
  if (property === undefined) return null;
  const [, received = UNKNOWN, current = UNKNOWN] = /received (.*?) but current is (.*?)"?$/.exec(error.message) ?? [];
  return { property, received: value(received), current: currentOf(property, current) };
}

function currentOf(property: string, text: string): string {
  if (text.endsWith('...')) return UNKNOWN;
  // RabbitMQ 3 shows the argument, which a classic queue need not have.
  if (property === 'x-queue-type' && text === NONE) return 'classic';
  return value(text);
}

/** "the value 'quorum' of type 'longstr'" or "'true'" or "none": only the value. */
function value(text: string): string {
  return /'([^']*)'/.exec(text)?.[1] ?? text;
}

/** The error of a queue declaration, with the remedy where the queue exists with other properties. */
function queueMismatch(name: string, error: unknown): unknown {
  const difference = inequivalence(error);
  if (!difference) return error;
  const { property, received, current } = difference;
  return new TopologyMismatch(
    `Queue "${name}" exists with ${property} = ${current}, but is needed with ${property} = ${received}. ` +
      `Let what consumes it drain it, delete the queue and start again` +
      (property === 'x-queue-type' ? `, or set the queue type to "${current}".` : '.'),
    name,
    property,
    { cause: error },
  );
}

type Arguments = Readonly<Record<string, unknown>>;

/** Declares a durable queue that no exchange is bound to by us. @throws TopologyMismatch when it exists as something else */
export async function declareQueue(model: ChannelModel, name: string, args: Arguments): Promise<void> {
  await useQueue(model, name, args, () => false);
}

/**
 * The same, but a queue that exists with another value of some arguments, or without them, is used as it stands.
 *
 * @param mayDiffer whether a queue may stand with another value of this argument
 * @returns in what it differs
 * @throws TopologyMismatch when it differs in something else
 */
export async function useQueue(
  model: ChannelModel,
  name: string,
  args: Arguments,
  mayDiffer: (argument: string) => boolean,
): Promise<Inequivalence[]> {
  const { differences, refusal } = await takeOver(model, name, args, mayDiffer);
  if (refusal !== null) throw queueMismatch(name, refusal);
  return differences;
}

/**
 * All in which a queue that exists differs from what it is to be, without a change to it. One of another type is asked no
 * further: what else it could have depends on the type.
 *
 * @throws the broker's refusal, such as 403 ACCESS_REFUSED
 */
export async function queueDifferences(model: ChannelModel, name: string, args: Arguments): Promise<Inequivalence[]> {
  const { differences, refusal } = await takeOver(model, name, args, (argument) => argument !== 'x-queue-type');
  if (refusal === null) return differences;
  const last = inequivalence(refusal);
  if (last === null) throw refusal;
  return [last, ...differences];
}

interface TakenOver {
  differences: Inequivalence[];
  /** The broker's word on what was not taken over; null: the queue is there, as it was last declared. */
  refusal: Error | null;
}

/** The broker names one difference at a time. Each try takes over what is there. */
async function takeOver(
  model: ChannelModel,
  name: string,
  wanted: Arguments,
  mayDiffer: (argument: string) => boolean,
): Promise<TakenOver> {
  const found = new Map<string, Inequivalence>();
  const differences = (): Inequivalence[] => [...found.values()];
  for (let args = wanted; ;) {
    const refusal = await declared(model, name, args);
    if (refusal === null) return { differences: differences(), refusal };
    const difference = inequivalence(refusal);
    if (difference === null) return { differences: differences(), refusal };
    const { property, current } = difference;
    if (!(property in wanted) || !mayDiffer(property)) return { differences: differences(), refusal };
    const before = found.get(property)?.current;
    const next = before === undefined && current === UNKNOWN ? NONE : current;
    found.set(property, { property, received: String(wanted[property]), current: next });
    // What the broker's sentence has no room for cannot be declared: that the queue is there has to do.
    if (before !== undefined && (before !== NONE || next === UNKNOWN))
      return { differences: differences(), refusal: null };
    const others = Object.fromEntries(Object.entries(args).filter(([argument]) => argument !== property));
    const theirs = typeof wanted[property] === 'number' ? Number(next) : next;
    args = next === NONE ? others : { ...others, [property]: theirs };
  }
}

async function declared(model: ChannelModel, name: string, args: Arguments): Promise<Error | null> {
  try {
    await onChannel(model, (channel) => channel.assertQueue(name, { durable: true, arguments: args }));
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export type QueueType = 'quorum' | 'classic';
