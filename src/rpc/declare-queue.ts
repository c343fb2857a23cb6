import type { ChannelModel } from 'amqplib';
import { onChannel } from './channel.js';
import { inequivalence, NONE, queueMismatch, UNKNOWN, type Inequivalence } from './inequivalence.js';

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
