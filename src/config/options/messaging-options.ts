import { hostname } from 'node:os';

import { z } from 'zod';

import { hostProblem } from '../../messages/host-name.js';
import { option, section } from '../option.js';
import { duration, file, integer, list, oneOf, string, trueOrFalse } from '../value-types.js';

const host = z
  .string({ error: 'the name of a conductor host' })
  .refine((name) => hostProblem(name) === null, { error: ({ input }) => hostProblem(String(input)) ?? '' });

/** Options of messaging that are in no section. */
export const messagingOptions = {
  host: option(
    z.preprocess((value) => value ?? hostname(), list(host, 'the name of a conductor host, or a list of names')),
    null,
    `The conductor hosts to serve: one name or a list. In the environment, separate the names with commas. A host's
     name is the option \`host\` of its conductor. null: the hostname of this machine, as in Ironic. [DEFAULT]`,
  ),
  transport_url: option(
    z.string({ error: 'a URL such as rabbit://user:password@host:5672/vhost' }),
    'rabbit://guest:guest@127.0.0.1:5672/',
    `URL of RabbitMQ in oslo.messaging's syntax. Separate several brokers with commas:
     rabbit://user:password@host1:5672,user:password@host2:5672/vhost. Use the conductor's value. [DEFAULT]`,
    { secret: true },
  ),
  control_exchange: option(
    string('the name of an exchange').max(127, {
      error: 'the name of an exchange, at most 127 characters',
    }),
    'ironic',
    "The topic exchange for requests and results. Use the conductor's value. [DEFAULT]",
  ),
  rpc_response_timeout: option(duration(0.1, 86_400), 60, 'Time limit for the answer to a call, in seconds. [DEFAULT]'),
  rpc_ping_enabled: option(trueOrFalse(), false, 'Whether the worker answers `oslo_rpc_server_ping`. [DEFAULT]'),
};

export const rpcSection = section('Requests, and the queues for them.', {
  topic: option(
    z.string({ error: 'a topic' }).regex(/^[\w.-]{1,64}$/, { error: 'a topic: up to 64 letters, digits, _ . -' }),
    'ironic.network_provider',
    `The topic to which conductors cast. The queues of requests are <topic> and <topic>.<host>. The queue of a
     host's results is <topic>_results.<host>.`,
  ),
  queue_type: option(
    oneOf(['quorum', 'classic']),
    'quorum',
    `Type of the worker's queues: quorum (replicated to several brokers of a cluster) or classic. An existing queue
     keeps its type.`,
  ),
  prefetch: option(
    integer(1, 10_000, 'messages'),
    1000,
    `Maximum number of unfinished messages that the worker takes from RabbitMQ for each conductor host. With a
     higher value, a backlog is committed in larger groups.`,
  ),
  max_message_bytes: option(
    integer(1024, 134_217_728, 'bytes'),
    1_048_576,
    'Maximum size of a message, in bytes. A larger message is rejected.',
  ),
  max_held_bytes: option(
    integer(1024, 1_000_000_000_000, 'bytes'),
    134_217_728,
    `Maximum size of all messages that the worker holds at once, for all conductor hosts together, in bytes. They
     take about four times as much memory. Further messages stay in RabbitMQ until the worker has finished those of
     the same queue.`,
  ),
});

export const rabbitSection = section('Names, units and meanings are those of oslo.messaging.', {
  amqp_durable_queues: option(
    trueOrFalse(),
    false,
    `Whether the conductor declares its queues and exchanges durable. If one of the two is true, control_exchange is
     durable. Use the conductor's values for both.`,
  ),
  rabbit_quorum_queue: option(trueOrFalse(), false),
  rabbit_transient_quorum_queue: option(
    trueOrFalse(),
    false,
    `Whether the conductor declares its fanout exchanges durable (oslo.messaging 14.1 and later; Kolla sets it), and
     whether it declares control_exchange with auto_delete, so that RabbitMQ deletes it with its last queue. Use the
     conductor's values for both.`,
  ),
  amqp_auto_delete: option(trueOrFalse(), false),
  ssl: option(
    trueOrFalse(),
    false,
    `TLS to RabbitMQ. Files are in PEM format. ssl_ca_file null: the certificate authorities that Node.js trusts.`,
  ),
  ssl_ca_file: option(file(), null),
  ssl_cert_file: option(file(), null),
  ssl_key_file: option(file(), null),
  ssl_enforce_hostname_verification: option(
    trueOrFalse(),
    true,
    "Whether the broker's certificate must contain the broker's hostname. oslo's default is false.",
  ),
  heartbeat_timeout_threshold: option(
    integer(0, 3600, 'seconds'),
    60,
    'Seconds without a heartbeat after which a connection counts as lost. 0: no heartbeats.',
  ),
  rabbit_retry_interval: option(
    duration(0.1, 3600),
    1,
    'Pause before connecting again, in seconds: the first pause, and the longest. It grows with each failure.',
  ),
  rabbit_interval_max: option(duration(0.1, 3600), 30),
  kombu_missing_consumer_retry_timeout: option(
    duration(0, 3600),
    60,
    'Seconds during which the worker retries to deliver a reply to a queue that does not exist.',
  ),
});
