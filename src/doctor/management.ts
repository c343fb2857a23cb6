import { z } from 'zod';

import { parseTransportUrl } from '../rpc/index.js';
import { reasonOf, type Findings } from './finding.js';
import type { Patient } from './patient.js';

/** What RabbitMQ's management API says of a broker, as far as it is needed. Source: its HTTP API, /api/nodes. */
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

/** Of a queue, /api/queues/{vhost}: the brokers that keep a quorum queue, and those of them that run. */
const Queue = z.object({
  name: z.string(),
  type: z.string().optional(),
  members: z.array(z.string()).optional(),
  online: z.array(z.string()).optional(),
});

/** How near a limit counts as near: a fifth. */
const NEAR = 1.2;

/** What only the management API tells: alarms and room of each broker, partitions, the members of quorum queues. */
export async function checkManagement(
  { config, managementUrl: url, limit }: Patient,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  if (url === null) {
    findings.ok('api', 'not asked: --management-url or NETPROV_RABBITMQ_MANAGEMENT_URL names it');
    return;
  }
  const { virtualHost, hosts } = parseTransportUrl(config.transport_url);
  const login = {
    username: decodeURIComponent(url.username) || (hosts[0]?.username ?? ''),
    password: decodeURIComponent(url.password) || (hosts[0]?.password ?? ''),
  };
  const ask = <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    askManagement(new URL(path, url.origin), login, schema, AbortSignal.any([signal, AbortSignal.timeout(limit)]));
  try {
    for (const node of await ask('/api/nodes', z.array(Node))) tellNode(node, findings);
    const queues = await ask(`/api/queues/${encodeURIComponent(virtualHost)}`, z.array(Queue));
    tellMembers(
      queues.filter(({ name }) => name.startsWith(config.rpc.topic)),
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

async function askManagement<T>(
  url: URL,
  { username, password }: { username: string; password: string },
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const response = await fetch(url, { headers: { authorization }, signal, redirect: 'error' }).catch(
    (error: unknown) => {
      throw new Error(error instanceof Error && error.cause instanceof Error ? error.cause.message : reasonOf(error));
    },
  );
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  const read = schema.safeParse(await response.json().catch(() => undefined));
  if (!read.success) throw new Error(`${url.pathname} answered with something else than RabbitMQ does`);
  return read.data;
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

function tellMembers(queues: readonly z.infer<typeof Queue>[], findings: Findings): void {
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
