import type { ChannelModel } from 'amqplib';

import type { RpcConnectionOptions } from './connection.js';
import { type Link, openLink, withQuery } from './link.js';
import { authority, parseTransportUrl } from './transport-url.js';

const CLOSE_TIMEOUT = 5_000;

/** The result of connecting to one host of a transport_url. */
export interface HostAnswer {
  /** host:port */
  place: string;
  /** The open connection. Null if the attempt failed. */
  model: ChannelModel | null;
  /** Why the attempt failed. Null if it succeeded. */
  error: Error | null;
}

/**
 * Connects once to each host of a transport_url, in parallel, passes the results to `work`, and always closes the
 * connections afterwards.
 *
 * @throws InvalidTransportUrl, and the errors of `work`
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
