import { type FanoutOptions, FanoutPublisher, FanoutSubscriber } from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import { type PortEvent, readPortEvents } from '../neutron/events.js';

/** Of the message's form. A reader drops a message of another version: it costs a poll. */
const VERSION = 1;

/** Milliseconds after which nobody needs an event any more: by then the port was polled. */
const TTL = 60_000;

/** Most messages that wait for a worker that is slow, and most events in one of them. */
const MAX_LENGTH = 1000;
const EVENTS_A_MESSAGE = 500;

/** Of a message that is read: more than so many events can take. */
const MAX_BYTES = 1_048_576;

interface EventsOptions extends Omit<FanoutOptions, 'exchange'> {
  /** The topic of the workers that are to hear of them. */
  topic: string;
}

/** The fanout exchange by which Neutron's events get from the API to the workers. */
function eventsExchange(topic: string): string {
  return `${topic}_events`;
}

/** Passes Neutron's events on to every worker of a topic. */
export class EventsPublisher {
  readonly #fanout: FanoutPublisher;

  constructor({ topic, ...options }: EventsOptions) {
    this.#fanout = new FanoutPublisher({ ...options, exchange: eventsExchange(topic) });
  }

  /** Resolves when it can publish. @throws what the broker refuses */
  ready(): Promise<void> {
    return this.#fanout.ready();
  }

  /** Resolves when the broker has them. @throws ConnectionLost or Undeliverable when it may not have all */
  async publish(events: readonly PortEvent[]): Promise<void> {
    const messages: Promise<void>[] = [];
    for (let first = 0; first < events.length; first += EVENTS_A_MESSAGE) {
      const body = { version: VERSION, events: events.slice(first, first + EVENTS_A_MESSAGE) };
      messages.push(this.#fanout.publish(Buffer.from(JSON.stringify(body)), TTL));
    }
    await Promise.all(messages);
  }

  close(): Promise<void> {
    return this.#fanout.close();
  }
}

/** Hears of Neutron's events for as long as it is not closed. */
export function subscribeToEvents(
  { topic, ...options }: EventsOptions,
  onEvent: (event: PortEvent) => void,
): FanoutSubscriber {
  const { log } = options;
  const onMessage = (body: Buffer): void => {
    for (const event of decode(body, log)) onEvent(event);
  };
  return new FanoutSubscriber({
    ...options,
    exchange: eventsExchange(topic),
    ttl: TTL,
    maxLength: MAX_LENGTH,
    onMessage,
  });
}

/** The events of a message. What cannot be read is dropped, item by item, with a line in the log. */
function decode(body: Buffer, log: Logger): PortEvent[] {
  const items = itemsOf(body);
  if (items === null) {
    log.warn("dropped a message with Neutron's events that cannot be read", { version: VERSION, bytes: body.length });
    return [];
  }
  const { events, problems } = readPortEvents(items);
  if (problems.length > 0) {
    log.warn("dropped some of Neutron's events", { dropped: problems.length, first: problems[0]?.problem });
  }
  return events;
}

function itemsOf(body: Buffer): unknown[] | null {
  if (body.length > MAX_BYTES) return null;
  try {
    const message = JSON.parse(body.toString()) as { version?: unknown; events?: unknown } | null;
    return message?.version === VERSION && Array.isArray(message.events) ? message.events : null;
  } catch {
    return null;
  }
}
