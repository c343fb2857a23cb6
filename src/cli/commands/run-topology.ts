import { parseTransportUrl } from '../../amqp/index.js';
import type { Config } from '../../config/load.js';
import { type LimitlessQueue, rabbitmqctl, topicPolicy, TopologyUpgrade } from '../../recovery/topology-upgrade.js';
import { withClient } from '../../services/connect.js';
import { EXIT, UsageError } from '../../services/errors.js';
import { assertTerminal, confirm } from '../output/ask.js';
import { outputOf, type OutputOptions, print, printable } from '../output/output.js';

export interface UpgradeArguments extends OutputOptions {
  managementUrl?: URL;
  timeout: number;
  dryRun?: boolean;
  yes?: boolean;
}

/** Declares the exchange and the queues of the configured hosts, and prints their names. */
export async function declareQueues(config: Config, options: OutputOptions): Promise<void> {
  const queues = await withClient(config, {}, (client) => client.declareTopology(config.host));
  print(outputOf(options), { exchange: config.control_exchange, queues }, queues.join('\n'));
}

/**
 * Gives existing queues the limits of new ones.
 *
 * @throws UsageError when there is no URL of the management API
 */
export async function upgradeTopology(config: Config, options: UpgradeArguments): Promise<void> {
  const { managementUrl, timeout, dryRun = false, yes = false } = options;
  const { transport_url: transportUrl, rpc } = config;
  const policy = topicPolicy(rpc.topic);
  const byHand = rabbitmqctl(parseTransportUrl(transportUrl).virtualHost, policy);
  if (managementUrl === undefined) {
    throw new UsageError(`topology upgrade needs --management-url; without one, on a broker itself: ${byHand}`);
  }
  if (!dryRun && !yes) assertTerminal();
  const topology = new TopologyUpgrade({ transportUrl, topic: rpc.topic, managementUrl, timeout: timeout * 1000 });
  const found = await topology.lacking();
  const others = found.filter((queue) => queue.policy !== null);
  if (dryRun) {
    print(outputOf(options), { queues: found, policy, command: byHand }, () => [...lines(found), byHand].join('\n'));
  } else if (others.length > 0) {
    tellOthers(others, policy.definition);
  } else if (found.length === 0) {
    tellDone(options, found);
  } else if (yes || (await confirm(`${lines(found).join('\n')}\nset the policy "${policy.name}"?`))) {
    const left = await topology.apply();
    if (left.length > 0) {
      for (const line of lines(left)) process.stderr.write(`netprov: ${line}\n`);
      process.exitCode = EXIT.failed;
    }
    const stay = new Set(left.map(({ name }) => name));
    const done = found.filter(({ name }) => !stay.has(name));
    tellDone(options, done);
  } else {
    process.stderr.write('nothing was changed\n');
    process.exitCode = EXIT.failed;
  }
}

function tellDone(options: OutputOptions, queues: readonly LimitlessQueue[]): void {
  const names = queues.map(({ name }) => name);
  const text = names.length === 0 ? lines([]) : names.map((name) => printable(`queue ${name} has its limits now`));
  print(outputOf(options), { upgraded: names }, text.join('\n'));
}

/**
 * Reports queues that have another policy. RabbitMQ applies only one policy to a queue, so ours would replace the
 * settings of the other one.
 */
function tellOthers(queues: readonly LimitlessQueue[], definition: object): void {
  for (const { name, policy } of queues) {
    const keys = JSON.stringify(definition);
    process.stderr.write(
      `netprov: queue ${printable(name)} has the policy "${printable(policy ?? '')}", and RabbitMQ applies only one policy to a queue: add to it ${keys}\n`,
    );
  }
  process.stderr.write('nothing was changed\n');
  process.exitCode = EXIT.failed;
}

function lines(queues: readonly LimitlessQueue[]): string[] {
  if (queues.length === 0) return ['every queue has its limits'];
  return queues.map(({ name, missing }) => printable(`queue ${name} lacks ${missing.join(', ')}`));
}
