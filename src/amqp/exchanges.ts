import type { ChannelModel } from 'amqplib';

import type { Logger } from '../log/log.js';
import { onChannel } from './channels.js';
import { inequivalence } from './declare.js';
import { TopologyMismatch } from './errors.js';
import { declareStream, type StreamOptions } from './stream.js';

export interface ExchangeOptions {
  /** oslo.messaging's control_exchange. */
  exchange: string;
  /**
   * Must equal the Python side's durability: true if amqp_durable_queues or rabbit_quorum_queue is set there. An
   * existing exchange with another durability is used as it is, with a warning.
   */
  exchangeDurable: boolean;
  /**
   * Whether the broker deletes it with its last queue. Must equal the Python side's amqp_auto_delete. Default false.
   */
  exchangeAutoDelete?: boolean;
  /** Durability of fanout exchanges: true if rabbit_transient_quorum_queue is set on the Python side. Default false. */
  fanoutExchangeDurable?: boolean;
}

const FANOUT = '_fanout';

/** Name of a topic's fanout exchange. Our one queue that is bound to it has the same name. */
export function fanoutName(topic: string): string {
  return topic + FANOUT;
}

/** Declares exchanges and the journal, each once per connection. */
export class Exchanges {
  readonly #declared = new WeakMap<ChannelModel, Map<string, Promise<string>>>();

  constructor(
    private readonly options: ExchangeOptions,
    private readonly log: Logger,
  ) {}

  /** Declares the control exchange. Resolves with its name. */
  topic(model: ChannelModel): Promise<string> {
    const { exchange, exchangeDurable: durable, exchangeAutoDelete: autoDelete = false } = this.options;
    return this.#once(model, exchange, () =>
      declareExchange(model, exchange, 'topic', { durable, autoDelete }, this.log),
    );
  }

  /**
   * Declares the fanout exchange of a topic. Resolves with its name. Python declares it with auto_delete, so the broker
   * deletes it with its last queue.
   * Source: oslo_messaging/_drivers/impl_rabbit.py, fanout_send.
   */
  fanout(model: ChannelModel, topic: string): Promise<string> {
    const name = fanoutName(topic);
    const durable = this.options.fanoutExchangeDurable ?? false;
    return this.#once(model, name, () =>
      declareExchange(model, name, 'fanout', { durable, autoDelete: true }, this.log),
    );
  }

  /** Declares a journal. Resolves with its name. @throws TopologyMismatch */
  journal(model: ChannelModel, stream: StreamOptions): Promise<string> {
    return this.#once(model, stream.name, () => declareStream(model, stream, this.log));
  }

  #once(model: ChannelModel, name: string, declare: () => Promise<void>): Promise<string> {
    const known = this.#declared.get(model) ?? new Map<string, Promise<string>>();
    this.#declared.set(model, known);
    const promise = known.get(name) ?? declare().then(() => name);
    known.set(name, promise);
    promise.catch(() => known.delete(name));
    return promise;
  }
}

/**
 * Declares an exchange. An existing one with other properties is used as it is, with a warning.
 *
 * @throws TopologyMismatch when it is of another type
 */
export async function declareExchange(
  model: ChannelModel,
  name: string,
  type: 'topic' | 'fanout',
  options: { durable: boolean; autoDelete: boolean },
  log: Logger,
): Promise<void> {
  try {
    await onChannel(model, (channel) => channel.assertExchange(name, type, options));
  } catch (error) {
    const difference = inequivalence(error);
    if (difference?.property === 'type') {
      const { received, current } = difference;
      throw new TopologyMismatch(
        `Exchange "${name}" is of type ${current}, but must be ${received}: use another exchange, or delete this one.`,
        name,
        'type',
        { cause: error },
      );
    }
    if (!difference) throw error;
    log.warn(`exchange "${name}" exists with other properties; using it as it is`, difference);
  }
}
