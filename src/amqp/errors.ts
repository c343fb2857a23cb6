/** What every error of this folder has: a code that stays the same when its sentence changes. */
export abstract class RpcError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * Thrown by Publisher, RpcClient: the broker has no queue (or no exchange) for the message, which is therefore nowhere.
 * The operator starts the server that owns the queue, or declares its topology.
 */
export class Undeliverable extends RpcError {
  readonly code = 'undeliverable';
}

/**
 * Thrown by Publisher: AMQP cannot say what was to be sent, such as headers of more than 64 kB or a routing key of more than
 * 255 bytes. Nothing was sent, and trying again cannot help. The caller sends less.
 */
export class Unsendable extends RpcError {
  readonly code = 'unsendable';
}

/**
 * Thrown by Publisher: the exchange does not exist, and so nothing is bound to it. Whoever declares it binds its queues anew.
 */
export class NoExchange extends Undeliverable {
  constructor(
    readonly exchange: string,
    options?: ErrorOptions,
  ) {
    super(`Not delivered: there is no exchange "${exchange}".`, options);
  }
}

/**
 * Thrown by everything that talks to the broker, when the connection or channel went away or the broker refused (nack)
 * before it confirmed: the message may or may not have arrived. The caller repeats what is safe to repeat; the operator
 * looks at the broker and the network.
 */
export class ConnectionLost extends RpcError {
  readonly code = 'connection_lost';
}

/**
 * Thrown by Publisher: there is a connection, and the broker did not confirm in time, or accepts no messages for want of
 * memory or disk. The message may or may not arrive. The caller repeats what is safe to repeat, when the publisher is ready.
 */
export class NotConfirmed extends ConnectionLost {}

/**
 * Thrown while a queue or exchange is declared that exists with other properties. Nothing was changed on the broker.
 * The operator follows the remedy in the message: corrects the option, or drains and deletes what is in the way.
 */
export class TopologyMismatch extends RpcError {
  readonly code = 'topology_mismatch';

  constructor(
    message: string,
    /** Name of the queue or exchange. */
    readonly resource: string,
    /** AMQP's name of the property that differs, such as durable or x-queue-type. */
    readonly property: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown by parseTransportUrl. The message never has a password in it. The operator corrects transport_url. */
export class InvalidTransportUrl extends RpcError {
  readonly code = 'invalid_transport_url';
}
