import type { Message, Options } from 'amqplib';

/** Properties that are the sender's own, beside the content type and the headers. */
const SENDERS = ['contentEncoding', 'correlationId', 'replyTo', 'type', 'appId', 'timestamp', 'priority'] as const;
export type SenderProperties = Pick<Options.Publish, (typeof SENDERS)[number]>;

/**
 * Headers that RabbitMQ acts upon, or sets: it would send the copy to the queues in CC and BCC as well, perhaps to the one the
 * message came from. The counts are the old queue's, which the new one counts for itself; x-stream-offset says where in a
 * stream it was read; the others, when and why RabbitMQ took it out of a queue.
 */
const BROKERS = [
  ...['CC', 'BCC', 'x-delivery-count', 'x-acquired-count', 'x-stream-offset'],
  ...['x-death', 'x-first-death-exchange', 'x-first-death-queue', 'x-first-death-reason'],
  ...['x-last-death-exchange', 'x-last-death-queue', 'x-last-death-reason'],
];

/** What it takes to publish a message once more, as it came. */
export interface MessageCopy {
  contentType: string | null;
  properties: SenderProperties;
  headers: Record<string, unknown>;
}

/**
 * A message's type, properties and headers for a copy of it. Left out are the expiration, since a copy is made to be
 * kept; the user id, which RabbitMQ lets nobody else use; and the message id, by which a Publisher knows its own.
 */
export function copyOf({ properties }: Pick<Message, 'properties'>): MessageCopy {
  const type: unknown = properties.contentType;
  const own = SENDERS.flatMap((name): [string, unknown][] =>
    properties[name] === undefined ? [] : [[name, properties[name]]],
  );
  const headers = Object.entries(properties.headers ?? {}).filter(([name]) => !BROKERS.includes(name));
  return {
    contentType: typeof type === 'string' ? type : null,
    properties: Object.fromEntries(own),
    headers: Object.fromEntries(headers),
  };
}
