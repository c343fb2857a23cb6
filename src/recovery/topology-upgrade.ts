import {
  limitsPolicy,
  type ManagedQueue,
  ManagementApi,
  missingLimits,
  parseTransportUrl,
  type Policy,
} from '../amqp/index.js';
import { pause } from '../async/pause.js';
import { deadLetterQueue, isServerQueue, serverQueuePattern } from '../messages/queue-names.js';

/**
 * Options of TopologyUpgrade, which gives limits to existing queues by a policy.
 *
 * RabbitMQ cannot change the arguments of an existing queue. Declaring the queue anew would lose casts or their order:
 * RabbitMQ does not delete quorum queues "if empty", and cannot move a binding to another queue in one step. A policy
 * applies to all queues at once, while conductors cast and workers consume.
 */
export interface UpgradeOptions {
  transportUrl: string;
  topic: string;
  managementUrl: URL;
  /** Milliseconds to wait for each answer of the management API, and for the policy to apply. */
  timeout: number;
}

/** A quorum queue that lacks limits. */
export interface LimitlessQueue {
  name: string;
  /** The keys of the policy that the queue lacks. */
  missing: string[];
  /** Another policy that applies to the queue, so that ours would not; null: there is none. */
  policy: string | null;
}

/** Priority of our policy, higher than that of most others. The upgrade leaves other policies alone. */
const PRIORITY = 100;
/** Milliseconds between two checks whether the policy applies. */
const LOOK_AGAIN = 200;

/** The policy for existing and future queues of a topic: for conductor hosts, for any host, for the fanout exchange. */
export function topicPolicy(topic: string): Policy {
  return {
    name: `netprov ${topic}`,
    pattern: serverQueuePattern(topic),
    definition: limitsPolicy(deadLetterQueue(topic)),
    priority: PRIORITY,
  };
}

/** The shell command that sets a policy on the broker's machine, without the management API. */
export function rabbitmqctl(virtualHost: string, { name, pattern, definition, priority }: Policy): string {
  const quoted = [name, pattern, JSON.stringify(definition)].map((text) => `'${text}'`).join(' ');
  return `rabbitmqctl set_policy -p '${virtualHost}' --priority ${priority} --apply-to queues ${quoted}`;
}

/** Finds the queues of a topic that lack limits, and sets a policy for them. */
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
   * Sets the policy and waits until it applies. After any failure, it can be called again.
   *
   * @returns the queues that still lack limits
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
