import { z } from 'zod';

import { type ManagedQueue, ManagementApi, missingLimits, parseTransportUrl } from '../amqp/index.js';
import { isServerQueue } from '../messages/queue-names.js';
import { type Findings, type DoctorContext, reasonOf } from './finding.js';

/**
 * A broker, as RabbitMQ's management API describes it; only the fields that are needed. Source: its HTTP API,
 * /api/nodes.
 */
const Node = z.object({
  name: z.string(),
  running: z.boolean(),
  mem_alarm: z.boolean().optional(),
  disk_free_alarm: z.boolean().optional(),
  mem_used: z.number().optional(),
  mem_limit: z.number().optional(),
  disk_free: z.number().optional(),
  disk_free_limit: z.number().optional(),
  partitions: z.array(z.string()).optional(),
});
type Node = z.infer<typeof Node>;

/** Factor for "near a limit": within a fifth of it. */
const NEAR = 1.2;

/** Remedy for queues without limits. */
const UPGRADE = 'netprov topology upgrade sets a policy, while workers run';

/**
 * Checks what only the management API shows: alarms, free memory and disk of each broker, partitions, and the members
 * and limits of quorum queues.
 */
export async function checkManagement(
  { config, managementUrl: url, limit }: DoctorContext,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  if (url === null) {
    findings.ok('api', 'not asked: --management-url or NETPROV_RABBITMQ_MANAGEMENT_URL names it');
    return;
  }
  const { virtualHost, hosts } = parseTransportUrl(config.transport_url);
  const [first] = hosts;
  const login = { username: first?.username ?? '', password: first?.password ?? '' };
  const api = new ManagementApi({ url, login, timeout: limit, signal });
  try {
    for (const node of await api.get('/api/nodes', z.array(Node))) tellNode(node, findings);
    const { topic } = config.rpc;
    const queues = (await api.queues(virtualHost)).filter(({ name }) => name.startsWith(topic));
    tellMembers(queues, findings);
    tellLimits(
      queues.filter(({ name }) => isServerQueue(topic, name)),
      await api.version(),
      findings,
    );
  } catch (error) {
    findings.warning(
      'api',
      `RabbitMQ's management API could not be asked: ${reasonOf(error)}`,
      'correct --management-url (http://user:password@host:15672); the user needs the tag monitoring: rabbitmqctl set_user_tags',
    );
  }
}

function tellNode(node: Node, findings: Findings): void {
  const { name, running, mem_alarm, disk_free_alarm, partitions = [] } = node;
  if (!running) {
    findings.problem('nodes', `broker ${name} does not run`, 'start it, or rabbitmqctl forget_cluster_node');
    return;
  }
  if (mem_alarm === true) {
    findings.problem(
      'alarms',
      `broker ${name} has a memory alarm: it accepts no messages`,
      'see what takes it, rabbitmq-diagnostics memory_breakdown; or raise vm_memory_high_watermark',
    );
  }
  if (disk_free_alarm === true) {
    findings.problem(
      'alarms',
      `broker ${name} has a disk alarm: it accepts no messages`,
      'free space on the disk of its data directory, or lower disk_free_limit',
    );
  }
  if (partitions.length > 0) {
    findings.problem(
      'partitions',
      `broker ${name} is cut off from ${partitions.join(', ')}`,
      'mend the network, then restart the brokers of the smaller side: "Clustering and Network Partitions"',
    );
  }
  const near = nearLimits(node);
  if (near.length > 0) {
    findings.warning(
      'room',
      `broker ${name} is near ${near.join(' and ')}: at the limit it accepts no more messages`,
      'see what takes it, or give it more',
    );
  }
  if (mem_alarm !== true && disk_free_alarm !== true && near.length === 0) {
    findings.ok('nodes', `broker ${name} runs, without alarms of memory or disk`);
  }
}

function nearLimits({ mem_used: used, mem_limit: most, disk_free: free, disk_free_limit: least }: Node): string[] {
  return [
    ...(used !== undefined && most !== undefined && used * NEAR > most ? ['its limit of memory'] : []),
    ...(free !== undefined && least !== undefined && free < least * NEAR ? ['its limit of free disk'] : []),
  ];
}

function tellMembers(queues: readonly ManagedQueue[], findings: Findings): void {
  for (const { name, members = [], online = [] } of queues) {
    if (online.length === members.length) continue;
    const lost = members.filter((member) => !online.includes(member)).join(', ');
    const few = online.length * 2 <= members.length;
    const what = `queue "${name}" has ${online.length} of ${members.length} members online; away: ${lost}`;
    const remedy = 'start these brokers; or rabbitmq-queues delete_member, then rabbitmq-queues grow';
    if (few) findings.problem('members', `${what}: too few to go on`, remedy);
    else findings.warning('members', what, remedy);
  }
}

/**
 * First major version of RabbitMQ that, without a delivery limit, drops a message of a quorum queue after 20 returns.
 */
const LIMITS_BY_ITSELF = 4;

/**
 * Checks whether RabbitMQ may drop casts. The limits come from arguments and policies together, and AMQP does not show
 * policies.
 */
function tellLimits(queues: readonly ManagedQueue[], version: string, findings: Findings): void {
  const lacking = queues
    .map((queue) => ({ queue, missing: missingLimits(queue) }))
    .filter((one) => one.missing.length > 0);
  for (const { queue, missing } of lacking) {
    const what = `neither the arguments of queue "${queue.name}" nor a policy name ${missing.join(', ')}`;
    if (missing.includes('delivery-limit') && Number(version.split('.')[0]) >= LIMITS_BY_ITSELF) {
      findings.problem('limits', `${what}: RabbitMQ ${version} drops a message that came back 20 times`, UPGRADE);
    } else {
      findings.warning('limits', `${what}: what RabbitMQ takes out of it by itself would be lost`, UPGRADE);
    }
  }
  if (lacking.length === 0)
    findings.ok('limits', 'every queue names its delivery limit, and its way to the dead letters');
}
