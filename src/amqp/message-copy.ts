import type { Message, Options } from 'amqplib';

/** Properties that the sender sets, besides the content type and the headers. */
const SENDERS = ['contentEncoding', 'correlationId', 'replyTo', 'type', 'appId', 'timestamp', 'priority'] as const;
export type SenderProperties = Pick<Options.Publish, (typeof SENDERS)[number]>;

/**
 * Headers that RabbitMQ sets or acts upon; a copy leaves them out. RabbitMQ would also send the copy to the queues in
 * CC and BCC, perhaps to the queue from which the message came. The counts belong to the old queue, and the new one
 * counts for itself. x-stream-offset is the message's position in a stream. The others say when and why RabbitMQ took
 * the message out of a queue.
 */
const BROKERS = [
  ...['CC', 'BCC', 'x-delivery-count', 'x-acquired-count', 'x-stream-offset'],
  ...['x-death', 'x-first-death-exchange', 'x-first-death-queue', 'x-first-death-reason'],
  ...['x-last-death-exchange', 'x-last-death-queue', 'x-last-death-reason'],
];

/** The content type, properties and headers with which to publish a message again as it came. */
export interface MessageCopy {
  contentType: string | null;
  properties: SenderProperties;
  headers: Record<string, unknown>;
}

/**
 * Returns a message's content type, properties and headers for a copy of it. It leaves out the expiration, because a
 * copy is made to be kept; the user id, because RabbitMQ lets nobody else use it; and the message id, because a
 * Publisher sets its own to recognize its messages.
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
