import { TopologyMismatch } from './errors.js';

/** What differs between a declaration and what exists. */
export interface Inequivalence {
  property: string;
  received: string;
  /** NONE where what exists lacks the property, UNKNOWN where the broker's sentence was cut before it. */
  current: string;
}

export const NONE = 'none';
export const UNKNOWN = 'unknown';

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
