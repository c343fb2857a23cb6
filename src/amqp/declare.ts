import type { ChannelModel } from 'amqplib';

import { toError } from '../async/error-text.js';
import { onChannel } from './channels.js';
import { TopologyMismatch } from './errors.js';

/** One property in which a declaration differs from the existing queue or exchange. */
export interface Inequivalence {
  property: string;
  received: string;
  /** NONE if the existing one lacks the property, UNKNOWN if the broker's sentence was cut before the value. */
  current: string;
}

const NONE = 'none';
const UNKNOWN = 'unknown';

const PRECONDITION_FAILED = 406;

/**
 * Parses RabbitMQ's error for a declaration that differs from the existing queue or exchange. Null for any other error.
 * AMQP has room for 255 bytes of the sentence: with long names, RabbitMQ cuts it and ends it with three dots.
 */
export function inequivalence(error: unknown): Inequivalence | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== PRECONDITION_FAILED) return null;
  const property = /inequivalent arg '([^']*)'/.exec(error.message)?.[1];
  if (property === undefined) return null;
  const [, received = UNKNOWN, current = UNKNOWN] = /received (.*?) but current is (.*?)"?$/.exec(error.message) ?? [];
  return { property, received: valueOf(property, received), current: currentOf(property, current) };
}

function currentOf(property: string, text: string): string {
  if (text.endsWith('...')) return UNKNOWN;
  // RabbitMQ 3 quotes the argument of the declaration, and a classic queue may have been declared without it.
  if (property === 'x-queue-type' && text === NONE) return 'classic';
  return valueOf(property, text);
}

/** Extracts the value from "the value 'quorum' of type 'longstr'", "'true'" or "none". */
function valueOf(property: string, text: string): string {
  const value = /'([^']*)'/.exec(text)?.[1] ?? text;
  // RabbitMQ 4.3 states the age of a stream in milliseconds, without a unit.
  return property === 'x-max-age' && /^\d+$/.test(value) ? `${Number(value) / 1000}s` : value;
}

/**
 * Turns the error of a queue declaration into a TopologyMismatch with the remedy, if the queue has other properties.
 */
function queueMismatch(name: string, error: unknown): unknown {
  const difference = inequivalence(error);
  if (!difference) return error;
  const { property, received, current } = difference;
  return new TopologyMismatch(
    `Queue "${name}" exists with ${property} = ${current}, but ${property} = ${received} is needed. ` +
      `Let its consumers drain it, delete the queue and start again` +
      (property === 'x-queue-type' ? `, or set the queue type to "${current}".` : '.'),
    name,
    property,
    { cause: error },
  );
}

type Arguments = Readonly<Record<string, unknown>>;

/** Declares a durable queue and binds nothing to it. @throws TopologyMismatch when it exists with other properties */
export async function declareQueue(model: ChannelModel, name: string, args: Arguments): Promise<void> {
  await useQueue(model, name, args, () => false);
}

/**
 * Declares a durable queue, and accepts an existing one in which certain arguments are missing or have other values.
 *
 * @param mayDiffer whether the existing queue may differ in this argument
 * @returns the arguments in which it differs
 * @throws TopologyMismatch when it differs in any other property
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
 * Lists all differences between an existing queue and the wanted arguments, without changing the queue. If the type
 * differs, the comparison ends there, because the type decides which other arguments a queue can have.
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
  /**
   * The broker's error about the difference that was not accepted. Null: the queue exists and the last attempt passed.
   */
  refusal: Error | null;
}

/** Declares again and again: the broker names one difference at a time, and each attempt adopts the existing value. */
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
    // The broker's sentence was cut, so the value stays unknown and cannot be declared. It is enough that the queue
    // exists.
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
    return toError(error);
  }
}

export type QueueType = 'quorum' | 'classic';
