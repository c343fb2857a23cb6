import { z } from 'zod';

import { type ManagedQueue, ManagementApi, missingLimits, parseTransportUrl } from '../amqp/index.js';
import { isServerQueue } from '../messages/queue-names.js';
import type { DoctorContext, Findings } from './finding.js';
import {
  ALL_LIMITED_RULES,
  API_RULES,
  BROKER_RULES,
  type BrokerFacts,
  LIMIT_RULES,
  MEMBER_RULES,
} from './rules/management-rules.js';

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
    findings.first(API_RULES, null);
    return;
  }
  const { virtualHost, hosts } = parseTransportUrl(config.transport_url);
  const [first] = hosts;
  const login = { username: first?.username ?? '', password: first?.password ?? '' };
  const api = new ManagementApi({ url, login, timeout: limit, signal });
  try {
    for (const node of await api.get('/api/nodes', z.array(Node))) findings.every(BROKER_RULES, factsOf(node));
    const { topic } = config.rpc;
    const queues = (await api.queues(virtualHost)).filter(({ name }) => name.startsWith(topic));
    for (const queue of queues) findings.first(MEMBER_RULES, queue);
    checkLimits(
      queues.filter(({ name }) => isServerQueue(topic, name)),
      await api.version(),
      findings,
    );
  } catch (error) {
    findings.first(API_RULES, error);
  }
}

function factsOf(broker: Node): BrokerFacts {
  const { name, running, mem_alarm: memory, disk_free_alarm: disk, partitions = [] } = broker;
  return {
    ...{ name, running, partitions },
    memoryAlarm: memory === true,
    diskAlarm: disk === true,
    near: nearLimits(broker),
  };
}

function nearLimits({ mem_used: used, mem_limit: most, disk_free: free, disk_free_limit: least }: Node): string[] {
  return [
    ...(used !== undefined && most !== undefined && used * NEAR > most ? ['its memory limit'] : []),
    ...(free !== undefined && least !== undefined && free < least * NEAR ? ['its limit of free disk space'] : []),
  ];
}

/**
 * Checks whether RabbitMQ may drop casts. The limits come from arguments and policies together, and AMQP does not show
 * policies.
 */
function checkLimits(queues: readonly ManagedQueue[], version: string, findings: Findings): void {
  const lacking = queues
    .map((queue) => ({ queue: queue.name, missing: missingLimits(queue), version }))
    .filter(({ missing }) => missing.length > 0);
  for (const queue of lacking) findings.first(LIMIT_RULES, queue);
  if (lacking.length === 0) findings.first(ALL_LIMITED_RULES, null);
}
