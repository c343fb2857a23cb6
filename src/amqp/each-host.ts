import type { ChannelModel } from 'amqplib';

import type { RpcConnectionOptions } from './connection.js';
import { type Link, openLink, withQuery } from './link.js';
import { authority, parseTransportUrl } from './transport-url.js';

const CLOSE_TIMEOUT = 5_000;

/** What a host of a transport_url answered to an attempt to connect. */
export interface HostAnswer {
  /** host:port */
  place: string;
  /** Its connection; null: there is none. */
  model: ChannelModel | null;
  /** Why there is none. */
  error: Error | null;
}

/**
 * Connects once to each host of a transport_url, side by side, hands over what came of it, and closes the connections
 * whatever happens.
 *
 * @throws InvalidTransportUrl, and what the work throws
 */
export async function withEachHost<T>(
  options: Pick<RpcConnectionOptions, 'transportUrl' | 'ssl' | 'heartbeat' | 'connectionName'>,
  timeout: number,
  work: (answers: HostAnswer[]) => Promise<T>,
): Promise<T> {
  const { hosts, virtualHost, query } = parseTransportUrl(options.transportUrl);
  const ssl = withQuery(options.ssl ?? { ssl: false }, query);
  const { heartbeat, connectionName } = options;
  const never = new AbortController().signal;
  const links: Link[] = [];
  const answers = await Promise.all(
    hosts.map(async (host): Promise<HostAnswer> => {
      const place = authority(host.hostname, host.port);
      try {
        const link = await openLink({ host, virtualHost, ssl, heartbeat, connectionName, timeout }, never);
        links.push(link);
        return { place, model: link.model, error: null };
      } catch (error) {
        return { place, model: null, error: error as Error };
      }
    }),
  );
  try {
    return await work(answers);
  } finally {
    await Promise.all(links.map((link) => link.close(CLOSE_TIMEOUT)));
  }
}
