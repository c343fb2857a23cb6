import type { ManagedQueue } from '../../amqp/index.js';
import { errorText } from '../../async/error-text.js';
import { type DoctorRule } from '../finding.js';

/** The management API: why it cannot be used; null: there is no URL for it. */
export const API_RULES: readonly DoctorRule<unknown>[] = [
  {
    check: 'api',
    status: 'ok',
    when: (error) => error === null,
    what: 'not checked: no URL given (--management-url or NETPROV_RABBITMQ_MANAGEMENT_URL)',
  },
  {
    check: 'api',
    status: 'warning',
    what: (error) => `could not query RabbitMQ's management API: ${errorText(error)}`,
    remedy:
      'correct --management-url (http://user:password@host:15672); the user needs the tag monitoring: rabbitmqctl set_user_tags',
  },
];

export interface BrokerFacts {
  name: string;
  running: boolean;
  memoryAlarm: boolean;
  diskAlarm: boolean;
  /** The brokers that this one cannot reach. */
  partitions: readonly string[];
  /** The limits that the broker is near. */
  near: readonly string[];
}

/** A broker of the cluster. */
export const BROKER_RULES: readonly DoctorRule<BrokerFacts>[] = [
  {
    check: 'nodes',
    status: 'problem',
    when: ({ running }) => !running,
    what: ({ name }) => `broker ${name} does not run`,
    remedy: 'start it, or remove it with rabbitmqctl forget_cluster_node',
  },
  {
    check: 'alarms',
    status: 'problem',
    when: ({ running, memoryAlarm }) => running && memoryAlarm,
    what: ({ name }) => `broker ${name} has a memory alarm: it accepts no messages`,
    remedy: 'find what uses the memory with rabbitmq-diagnostics memory_breakdown, or raise vm_memory_high_watermark',
  },
  {
    check: 'alarms',
    status: 'problem',
    when: ({ running, diskAlarm }) => running && diskAlarm,
    what: ({ name }) => `broker ${name} has a disk alarm: it accepts no messages`,
    remedy: 'free space on the disk of its data directory, or lower disk_free_limit',
  },
  {
    check: 'partitions',
    status: 'problem',
    when: ({ running, partitions }) => running && partitions.length > 0,
    what: ({ name, partitions }) => `broker ${name} is cut off from ${partitions.join(', ')}`,
    remedy:
      'repair the network, then restart the brokers of the smaller side (RabbitMQ guide "Clustering and Network Partitions")',
  },
  {
    check: 'room',
    status: 'warning',
    when: ({ running, near }) => running && near.length > 0,
    what: ({ name, near }) => `broker ${name} is near ${near.join(' and ')}: at the limit it accepts no more messages`,
    remedy: 'find what uses the memory or disk, or add more',
  },
  {
    check: 'nodes',
    status: 'ok',
    when: ({ running, memoryAlarm, diskAlarm, near }) => running && !memoryAlarm && !diskAlarm && near.length === 0,
    what: ({ name }) => `broker ${name} runs, without memory or disk alarms`,
  },
];

const membersOf = ({ members = [], online = [] }: ManagedQueue): { members: string[]; online: string[] } => ({
  members,
  online,
});

function membersText(queue: ManagedQueue): string {
  const { members, online } = membersOf(queue);
  const lost = members.filter((member) => !online.includes(member)).join(', ');
  return `queue "${queue.name}" has ${online.length} of ${members.length} members online; offline: ${lost}`;
}

const START_BROKERS = 'start these brokers; or replace them: rabbitmq-queues delete_member, then rabbitmq-queues grow';

/** The members of a quorum queue. */
export const MEMBER_RULES: readonly DoctorRule<ManagedQueue>[] = [
  {
    check: 'members',
    status: 'problem',
    when: (queue) => {
      const { members, online } = membersOf(queue);
      return online.length !== members.length && online.length * 2 <= members.length;
    },
    what: (queue) => `${membersText(queue)}: the queue has no majority and does not work`,
    remedy: START_BROKERS,
  },
  {
    check: 'members',
    status: 'warning',
    when: (queue) => {
      const { members, online } = membersOf(queue);
      return online.length !== members.length;
    },
    what: membersText,
    remedy: START_BROKERS,
  },
];

/**
 * First major version of RabbitMQ that, without a delivery limit, drops a message of a quorum queue after 20 returns.
 */
const LIMITS_BY_ITSELF = 4;

/** Remedy for queues without limits. */
const UPGRADE = 'run netprov topology upgrade, which sets a policy while workers run';

interface UnlimitedQueue {
  queue: string;
  /** The limits that the queue lacks. */
  missing: readonly string[];
  /** RabbitMQ's version. */
  version: string;
}

const lacks = ({ queue, missing }: UnlimitedQueue): string =>
  `queue "${queue}" has no ${missing.join(', ')}, neither as an argument nor by a policy`;

/** Whether RabbitMQ may drop casts. */
export const LIMIT_RULES: readonly DoctorRule<UnlimitedQueue>[] = [
  {
    check: 'limits',
    status: 'problem',
    when: ({ missing, version }) =>
      missing.includes('delivery-limit') && Number(version.split('.')[0]) >= LIMITS_BY_ITSELF,
    what: (queue) => `${lacks(queue)}: RabbitMQ ${queue.version} drops a message after 20 returns`,
    remedy: UPGRADE,
  },
  {
    check: 'limits',
    status: 'warning',
    what: (queue) => `${lacks(queue)}: messages that RabbitMQ removes from it are lost`,
    remedy: UPGRADE,
  },
];

export const ALL_LIMITED_RULES: readonly DoctorRule<null>[] = [
  { check: 'limits', status: 'ok', what: 'every queue has a delivery limit and a dead-letter exchange' },
];
