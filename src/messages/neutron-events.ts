import { type FanoutOptions, FanoutPublisher, FanoutSubscriber } from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import { type PortEvent, readPortEvents } from '../neutron/events.js';

/** Version of the message format. A reader drops messages of another version; the port is then found by polling. */
const VERSION = 1;

/** Milliseconds after which an event is useless, because the port has been polled by then. */
const TTL = 60_000;

/** Most messages that wait for a slow worker, and most events in one message. */
const MAX_LENGTH = 1000;
const EVENTS_A_MESSAGE = 500;

/** Size of the largest message that is read, in bytes. EVENTS_A_MESSAGE events always need less. */
const MAX_BYTES = 1_048_576;

interface EventsOptions extends Omit<FanoutOptions, 'exchange'> {
  /** The topic of the workers that get the events. */
  topic: string;
}

/** Name of the fanout exchange that carries Neutron's events from the API to the workers. */
function eventsExchange(topic: string): string {
  return `${topic}_events`;
}

/** Publishes Neutron's events to every worker of a topic. */
export class EventsPublisher {
  readonly #fanout: FanoutPublisher;

  constructor({ topic, ...options }: EventsOptions) {
    this.#fanout = new FanoutPublisher({ ...options, exchange: eventsExchange(topic) });
  }

  /** Resolves when the publisher can publish. @throws the broker's errors, if it refuses something */
  ready(): Promise<void> {
    return this.#fanout.ready();
  }

  /** Resolves when the broker has the events. @throws ConnectionLost or Undeliverable when some may be lost */
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

/** Subscribes to Neutron's events until the subscriber is closed. */
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

/** Reads the events of a message. Drops each event that cannot be read, and logs that. */
function decode(body: Buffer, log: Logger): PortEvent[] {
  const items = itemsOf(body);
  if (items === null) {
    log.warn("dropped an unreadable message with Neutron's events", { version: VERSION, bytes: body.length });
    return [];
  }
  const { events, problems } = readPortEvents(items);
  if (problems.length > 0) {
    log.warn('dropped invalid events of Neutron', { dropped: problems.length, first: problems[0]?.problem });
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
