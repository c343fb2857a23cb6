import { setTimeout as pause } from 'node:timers/promises';

import {
  limitsPolicy,
  type ManagedQueue,
  ManagementApi,
  missingLimits,
  parseTransportUrl,
  type Policy,
} from '../amqp/index.js';
import { deadLetterQueue, isServerQueue, serverQueuePattern } from '../messages/queue-names.js';

/**
 * Queues that stand without limits get them from a policy. A queue's own arguments cannot be changed, and to make it anew
 * would lose what is cast meanwhile, or its order: quorum queues are not deleted "if empty", and no binding is moved from
 * one queue to another in one step. A policy applies at once and to all, while conductors cast and workers consume.
 */
export interface UpgradeOptions {
  transportUrl: string;
  topic: string;
  managementUrl: URL;
  /** Milliseconds for each answer of the management API, and for the policy to apply. */
  timeout: number;
}

/** A quorum queue that lacks limits. */
export interface LimitlessQueue {
  name: string;
  /** The keys of a policy that it lacks. */
  missing: string[];
  /** Another policy that applies to it, and so would ours not; null: there is none. */
  policy: string | null;
}

/** High enough to go before most others; one that applies already is left alone. */
const PRIORITY = 100;
/** Milliseconds between two looks whether the policy applies. */
const LOOK_AGAIN = 200;

/** The policy for a topic's queues: of conductor hosts, of any host and of the fanout exchange, also those to come. */
export function topicPolicy(topic: string): Policy {
  return {
    name: `netprov ${topic}`,
    pattern: serverQueuePattern(topic),
    definition: limitsPolicy(deadLetterQueue(topic)),
    priority: PRIORITY,
  };
}

/** The command that sets a policy on a broker itself, without the management API. */
export function rabbitmqctl(virtualHost: string, { name, pattern, definition, priority }: Policy): string {
  const quoted = [name, pattern, JSON.stringify(definition)].map((text) => `'${text}'`).join(' ');
  return `rabbitmqctl set_policy -p '${virtualHost}' --priority ${priority} --apply-to queues ${quoted}`;
}

/** Finds the queues of a topic that lack limits, and sets the policy for them. */
export class TopologyUpgrade {
  readonly policy: Policy;
  readonly #options: UpgradeOptions;
  readonly #api: ManagementApi;
  readonly #virtualHost: string;

  constructor(options: UpgradeOptions) {
    const { transportUrl, topic, managementUrl: url, timeout } = options;
    const { virtualHost, hosts } = parseTransportUrl(transportUrl);
    const [first] = hosts;
    this.policy = topicPolicy(topic);
    this.#options = options;
    this.#virtualHost = virtualHost;
    this.#api = new ManagementApi({
      url,
      login: { username: first?.username ?? '', password: first?.password ?? '' },
      timeout,
    });
  }

  /** The queues that lack limits. @throws ManagementFailed */
  async lacking(): Promise<LimitlessQueue[]> {
    const queues = (await this.#api.queues(this.#virtualHost)).filter(({ name }) =>
      isServerQueue(this.#options.topic, name),
    );
    return queues
      .map((queue) => ({ name: queue.name, missing: missingLimits(queue), policy: this.#othersPolicy(queue) }))
      .filter(({ missing }) => missing.length > 0);
  }

  /**
   * Sets the policy and waits until it applies. To be repeated after whatever went wrong.
   *
   * @returns the queues that lack limits all the same
   * @throws ManagementFailed
   */
  async apply(): Promise<LimitlessQueue[]> {
    await this.#api.setPolicy(this.#virtualHost, this.policy);
    const deadline = performance.now() + this.#options.timeout;
    for (;;) {
      const lacking = await this.lacking();
      if (lacking.length === 0 || performance.now() > deadline) return lacking;
      await pause(LOOK_AGAIN);
    }
  }

  #othersPolicy({ policy }: ManagedQueue): string | null {
    return policy === undefined || policy === '' || policy === this.policy.name ? null : policy;
  }
}
