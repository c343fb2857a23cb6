import { type ChannelModel, connect } from 'amqplib';

import type { TestBroker } from './broker.js';

/** A versioned notification of Ironic about a node. */
export interface IronicNotification {
  /** Such as `baremetal.node.power_set.end`. */
  event: string;
  /** When Ironic sent it, in milliseconds since 1970. */
  at: number;
  node: string;
  /** The notification's payload: fields of the node, and what is about to change. */
  payload: Record<string, unknown>;
}

const EXCHANGE = 'ironic';
const TOPIC = 'ironic_versioned_notifications';

/**
 * Reads what Ironic says about its nodes: power and provision states, as they change.
 *
 * Source: Ironic's administrator guide, "Available versioned notifications"; oslo.messaging's notification driver
 * messagingv2 for the envelope.
 */
export class IronicNotifications {
  /** By node. */
  readonly #received = new Map<string, IronicNotification[]>();

  private constructor(private readonly connection: ChannelModel) {}

  /** @param durable whether Ironic declares its exchange durable */
  static async listen(broker: TestBroker, durable: boolean): Promise<IronicNotifications> {
    const connection = await connect(broker.url().replace(/^rabbit:/, 'amqp:'));
    const notifications = new IronicNotifications(connection);
    const channel = await connection.createChannel();
    // As oslo.messaging declares it. A queue of our own: that of the topic is for whoever else listens.
    await channel.assertExchange(EXCHANGE, 'topic', { durable });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, EXCHANGE, `${TOPIC}.*`);
    await channel.consume(
      queue,
      (message) => {
        if (message !== null) notifications.#take(message.content);
      },
      { noAck: true },
    );
    return notifications;
  }

  /** What came about a node, in the order in which Ironic sent it. */
  about(node: string): IronicNotification[] {
    return (this.#received.get(node) ?? []).toSorted((one, other) => one.at - other.at);
  }

  #take(content: Buffer): void {
    for (const one of read(content)) this.#received.set(one.node, [...(this.#received.get(one.node) ?? []), one]);
  }

  stop(): Promise<void> {
    return this.connection.close();
  }
}

function read(content: Buffer): IronicNotification[] {
  const { 'oslo.message': text } = JSON.parse(content.toString()) as { 'oslo.message': string };
  const { event_type, timestamp, payload } = JSON.parse(text) as {
    event_type: string;
    timestamp: string;
    payload: { 'ironic_object.data': Record<string, unknown> };
  };
  if (!event_type.startsWith('baremetal.node.')) return [];
  const data = payload['ironic_object.data'];
  return [
    { event: event_type, at: Date.parse(`${timestamp.replace(' ', 'T')}Z`), node: String(data['uuid']), payload: data },
  ];
}
