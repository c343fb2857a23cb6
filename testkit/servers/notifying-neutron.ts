import { randomUUID } from 'node:crypto';

import { SecondNeutron } from './second-neutron.js';

/**
 * A second server of the tests' Neutron that sends its events: a real neutron-server with its real notifier. It does not
 * start before somebody answers at the place to which it sends them.
 */
export class NotifyingNeutron {
  private constructor(
    /** Its `host`: the server of its RPC topics. */
    readonly host: string,
    readonly server: SecondNeutron,
  ) {}

  /**
   * @param notified where its events go: the root of an Ironic API
   * @param interval seconds for which it gathers what comes after an event (send_events_interval); its default is 2
   */
  static async start(notified: string, interval = 2): Promise<NotifyingNeutron> {
    const host = `notifying-${randomUUID()}`;
    const server = await SecondNeutron.start({
      DEFAULT: { host, send_events_interval: interval },
      ironic: { enable_notifications: 'true', auth_type: 'none', endpoint_override: notified },
    });
    return new NotifyingNeutron(host, server);
  }

  /** Where its API answers. */
  get endpoint(): string {
    return this.server.endpoint;
  }

  /** What it logged, such as what became of a batch of events. */
  get log(): string {
    return this.server.log;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
