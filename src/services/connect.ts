import type { ExchangeOptions, RpcConnectionOptions } from '../amqp/index.js';
import type { NetworkProviderClientOptions } from '../client/client-options.js';
import { NetworkProviderClient } from '../client/network-provider-client.js';
import type { Config } from '../config/load.js';
import { componentLogger, createLogger, type Logger, withoutInfo } from '../log/log.js';
import type { JournalOptions } from '../messages/journal.js';

/**
 * Logger of a command that does one thing and ends. It writes to standard error, because the user of the command may
 * not be allowed to write to log.file. It writes warnings and errors only, so that the command's answer stands out.
 */
export function quietLogger({ log }: Config): Logger {
  return createLogger({ ...log, ...withoutInfo(log), file: null });
}

/** RabbitMQ itself gives up after 30 s, and closes the connection with a reason. */
const PROBE = { interval: 10_000, timeout: 35_000 };

/** Options of the connection to RabbitMQ. */
export function connectionOptions(config: Config, connectionName: string, log: Logger): RpcConnectionOptions {
  const { oslo_messaging_rabbit: rabbit } = config;
  return {
    transportUrl: config.transport_url,
    ssl: {
      ssl: rabbit.ssl,
      ssl_ca_file: rabbit.ssl_ca_file ?? undefined,
      ssl_cert_file: rabbit.ssl_cert_file ?? undefined,
      ssl_key_file: rabbit.ssl_key_file ?? undefined,
      ssl_enforce_hostname_verification: rabbit.ssl_enforce_hostname_verification,
    },
    heartbeat: rabbit.heartbeat_timeout_threshold,
    reconnect: { initialDelay: rabbit.rabbit_retry_interval * 1000, maxDelay: rabbit.rabbit_interval_max * 1000 },
    connectionName,
    probe: { queue: config.rpc.topic, ...PROBE },
    log: componentLogger(log, 'rpc'),
  };
}

/**
 * Options of the exchanges, as conductors declare them. Source: oslo_messaging/_drivers/impl_rabbit.py, topic_send and
 * fanout_send.
 */
export function exchangeOptions({
  control_exchange: exchange,
  oslo_messaging_rabbit: rabbit,
}: Config): Required<ExchangeOptions> {
  return {
    exchange,
    exchangeDurable: rabbit.amqp_durable_queues || rabbit.rabbit_quorum_queue,
    exchangeAutoDelete: rabbit.amqp_auto_delete,
    fanoutExchangeDurable: rabbit.rabbit_transient_quorum_queue,
  };
}

/** How much the journal keeps; null: no journal. */
export function journalOptions({ journal }: Config): JournalOptions | null {
  return journal.enabled ? { maxAge: journal.max_age, maxBytes: journal.max_bytes } : null;
}

/**
 * Creates a client, which connects when it is first used.
 *
 * @param name name of its connection at RabbitMQ
 */
export function openClient(
  config: Config,
  name: string,
  log: Logger,
  options: Pick<NetworkProviderClientOptions, 'encoding'> = {},
): NetworkProviderClient {
  return new NetworkProviderClient({
    ...connectionOptions(config, name, log),
    ...options,
    ...exchangeOptions(config),
    topic: config.rpc.topic,
    queueType: config.rpc.queue_type,
    journal: journalOptions(config),
    maxMessageBytes: config.rpc.max_message_bytes,
    responseTimeout: config.rpc_response_timeout,
  });
}

/** Opens a client for the work, and always closes it afterwards. */
export async function withClient<T>(
  config: Config,
  options: Pick<NetworkProviderClientOptions, 'encoding'>,
  work: (client: NetworkProviderClient) => Promise<T>,
): Promise<T> {
  const client = openClient(config, 'netprov', quietLogger(config), options);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
