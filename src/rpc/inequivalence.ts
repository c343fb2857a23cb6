import { TopologyMismatch } from './errors.js';

/** What differs between a declaration and what exists. */
export interface Inequivalence {
  property: string;
  received: string;
  /** "none" where what exists lacks the property. */
  current: string;
}

const PRECONDITION_FAILED = 406;

/** Takes apart RabbitMQ's sentence about a declaration that differs from what exists; null for any other error. */
export function inequivalence(error: unknown): Inequivalence | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== PRECONDITION_FAILED) return null;
  const match = /inequivalent arg '([^']*)' .*received (.*?) but current is (.*?)"?$/.exec(error.message);
  if (match === null) return null;
  const [, property = 'unknown', received = 'unknown', current = 'unknown'] = match;
  return { property, received: value(received), current: value(current) };
}

/** "the value 'quorum' of type 'longstr'" or "'true'" or "none": only the value. */
function value(text: string): string {
  return /'([^']*)'/.exec(text)?.[1] ?? text;
}

/** The error of a queue declaration, with the remedy where the queue exists with other properties. */
export function queueMismatch(name: string, error: unknown): unknown {
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
