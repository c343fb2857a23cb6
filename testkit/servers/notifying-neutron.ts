import { randomUUID } from 'node:crypto';

import { SecondNeutron } from './second-neutron.js';

/**
 * A second server of the tests' Neutron that sends its events: a real neutron-server with its real notifier. It starts
 * only when the receiver of the events answers.
 */
export class NotifyingNeutron {
  private constructor(
    /** Its `host`, which is the name of the server in its RPC topics. */
    readonly host: string,
    readonly server: SecondNeutron,
  ) {}

  /**
   * @param notified the receiver of its events: the root of an Ironic API
   * @param interval seconds during which it collects further events after one (send_events_interval); 2 is its default
   */
  static async start(notified: string, interval = 2): Promise<NotifyingNeutron> {
    const host = `notifying-${randomUUID()}`;
    const server = await SecondNeutron.start({
      DEFAULT: { host, send_events_interval: interval },
      ironic: { enable_notifications: 'true', auth_type: 'none', endpoint_override: notified },
    });
    return new NotifyingNeutron(host, server);
  }

  /** The URL of its API. */
  get endpoint(): string {
    return this.server.endpoint;
  }

  /** Its log, which tells, for example, whether a batch of events was accepted. */
  get log(): string {
    return this.server.log;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
