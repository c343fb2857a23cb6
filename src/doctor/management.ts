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
const UPGRADE = 'run netprov topology upgrade, which sets a policy while workers run';

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
    findings.ok('api', 'not checked: no URL given (--management-url or NETPROV_RABBITMQ_MANAGEMENT_URL)');
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
      `could not query RabbitMQ's management API: ${reasonOf(error)}`,
      'correct --management-url (http://user:password@host:15672); the user needs the tag monitoring: rabbitmqctl set_user_tags',
    );
  }
}

function tellNode(node: Node, findings: Findings): void {
  const { name, running, mem_alarm, disk_free_alarm, partitions = [] } = node;
  if (!running) {
    findings.problem(
      'nodes',
      `broker ${name} does not run`,
      'start it, or remove it with rabbitmqctl forget_cluster_node',
    );
    return;
  }
  if (mem_alarm === true) {
    findings.problem(
      'alarms',
      `broker ${name} has a memory alarm: it accepts no messages`,
      'find what uses the memory with rabbitmq-diagnostics memory_breakdown, or raise vm_memory_high_watermark',
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
      'repair the network, then restart the brokers of the smaller side (RabbitMQ guide "Clustering and Network Partitions")',
    );
  }
  const near = nearLimits(node);
  if (near.length > 0) {
    findings.warning(
      'room',
      `broker ${name} is near ${near.join(' and ')}: at the limit it accepts no more messages`,
      'find what uses the memory or disk, or add more',
    );
  }
  if (mem_alarm !== true && disk_free_alarm !== true && near.length === 0) {
    findings.ok('nodes', `broker ${name} runs, without memory or disk alarms`);
  }
}

function nearLimits({ mem_used: used, mem_limit: most, disk_free: free, disk_free_limit: least }: Node): string[] {
  return [
    ...(used !== undefined && most !== undefined && used * NEAR > most ? ['its memory limit'] : []),
    ...(free !== undefined && least !== undefined && free < least * NEAR ? ['its limit of free disk space'] : []),
  ];
}

function tellMembers(queues: readonly ManagedQueue[], findings: Findings): void {
  for (const { name, members = [], online = [] } of queues) {
    if (online.length === members.length) continue;
    const lost = members.filter((member) => !online.includes(member)).join(', ');
    const few = online.length * 2 <= members.length;
    const what = `queue "${name}" has ${online.length} of ${members.length} members online; offline: ${lost}`;
    const remedy = 'start these brokers; or replace them: rabbitmq-queues delete_member, then rabbitmq-queues grow';
    if (few) findings.problem('members', `${what}: the queue has no majority and does not work`, remedy);
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
    const what = `queue "${queue.name}" has no ${missing.join(', ')}, neither as an argument nor by a policy`;
    if (missing.includes('delivery-limit') && Number(version.split('.')[0]) >= LIMITS_BY_ITSELF) {
      findings.problem('limits', `${what}: RabbitMQ ${version} drops a message after 20 returns`, UPGRADE);
    } else {
      findings.warning('limits', `${what}: messages that RabbitMQ removes from it are lost`, UPGRADE);
    }
  }
  if (lacking.length === 0) findings.ok('limits', 'every queue has a delivery limit and a dead-letter exchange');
}
