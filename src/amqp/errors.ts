import { NetprovError } from '../errors.js';

/**
 * Thrown by Publisher and RpcClient: the broker has no queue (or no exchange) for the message, so the message is not
 * stored. The operator starts the server that owns the queue, or declares its topology.
 */
export class Undeliverable extends NetprovError {
  readonly code = 'undeliverable';
}

/**
 * Thrown by Publisher: AMQP cannot encode the message, for example headers of more than 64 kB or a routing key of more
 * than 255 bytes. Nothing was sent, and a retry cannot help. The caller must send less.
 */
export class Unsendable extends NetprovError {
  readonly code = 'unsendable';
}

/**
 * Thrown by Publisher: the exchange does not exist. Its bindings are gone too, so whoever declares it again must also
 * bind its queues again.
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
 * Thrown by everything that talks to the broker, when the connection or channel was lost before the broker confirmed,
 * or when the broker refused (nack). The message may or may not have arrived. The caller repeats what is safe to
 * repeat; the operator checks the broker and the network.
 */
export class ConnectionLost extends NetprovError {
  readonly code = 'connection_lost';
}

/**
 * Thrown by Publisher: there is a connection, but the broker did not confirm in time, or it accepts no messages because
 * it is short of memory or disk. The message may or may not arrive. The caller waits until the publisher is ready, and
 * then repeats what is safe to repeat.
 */
export class NotConfirmed extends ConnectionLost {}

/**
 * Thrown when a queue or exchange is declared but already exists with other properties. Nothing was changed on the
 * broker. The operator follows the remedy in the message: correct the option, or drain and delete the existing queue or
 * exchange.
 */
export class TopologyMismatch extends NetprovError {
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

/** Thrown by parseTransportUrl. Its message never contains a password. The operator corrects transport_url. */
export class InvalidTransportUrl extends NetprovError {
  readonly code = 'invalid_transport_url';
}
