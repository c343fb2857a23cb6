import { type InspectedQueue, isQueueLimit } from '../../amqp/index.js';
import { differenceText, type DoctorRule } from '../finding.js';

export interface QueueFacts extends InspectedQueue {
  name: string;
}

interface ServerQueueFacts extends QueueFacts {
  /** The conductor host to name in commands. */
  host: string;
  /** Messages that a worker fetches at once. */
  prefetch: number;
}

/** The first difference that no policy and no upgrade can remove. */
const differenceOf = ({ differences }: InspectedQueue): InspectedQueue['differences'][number] | undefined =>
  differences.find(({ property }) => !isQueueLimit(property));

/** The queue of a conductor host, of any host, or of fanout messages. */
export const SERVER_QUEUE_RULES: readonly DoctorRule<ServerQueueFacts>[] = [
  {
    check: 'queue',
    status: 'problem',
    when: ({ exists }) => !exists,
    what: ({ name }) => `queue "${name}" does not exist: RabbitMQ drops every cast to it`,
    remedy: ({ host }) =>
      `start a worker, which declares it: netprov worker --host ${host}; or run netprov topology declare --host ${host}`,
  },
  {
    check: 'queue_type',
    status: 'problem',
    when: (queue) => queue.exists && differenceOf(queue) !== undefined,
    what: (queue) => `queue "${queue.name}" has ${differenceText(differenceOf(queue))}`,
    remedy: (queue) => {
      const difference = differenceOf(queue);
      return (
        'let its consumers drain the queue, delete it, and start the worker again' +
        (difference?.property === 'x-queue-type' ? `, or set rpc.queue_type to ${difference.current}` : '')
      );
    },
  },
  {
    check: 'consumers',
    status: 'problem',
    when: ({ exists, consumers }) => exists && consumers === 0,
    what: ({ name, messages }) => `queue "${name}" has no consumer: no worker serves it; waiting messages: ${messages}`,
    remedy: ({ host }) => `start a worker: netprov worker --host ${host}`,
  },
  {
    check: 'depth',
    status: 'warning',
    when: ({ exists, consumers, messages, prefetch }) => exists && consumers > 0 && messages > prefetch,
    what: ({ name, messages, prefetch }) =>
      `queue "${name}" has a backlog of ${messages} messages, more than a worker fetches at once (rpc.prefetch, ${prefetch})`,
    remedy: 'check whether the backlog shrinks; netprov operation list --status running shows the running operations',
  },
  {
    check: 'queue',
    status: 'ok',
    when: (queue) =>
      queue.exists && queue.consumers > 0 && queue.messages <= queue.prefetch && differenceOf(queue) === undefined,
    what: ({ name, consumers, messages }) => `queue "${name}"; consumers: ${consumers}, waiting messages: ${messages}`,
  },
];

/** Limits that a queue lacks because an older version or a person declared it. */
export const QUEUE_LIMIT_RULES: readonly DoctorRule<QueueFacts>[] = [
  {
    check: 'limits',
    status: 'warning',
    // Which limits a queue can have depends on its type. A wrong type is reported separately.
    when: (queue) => queue.differences.length > 0 && differenceOf(queue) === undefined,
    what: ({ name, differences }) => {
      const limits = differences.map(({ property, current }) => `${property} ${current}`).join(', ');
      return `queue "${name}" has ${limits}. Without a policy that sets limits, RabbitMQ 4 drops a message after 20 returns`;
    },
    remedy:
      'run netprov topology upgrade, which sets a policy while workers run; use --management-url to see whether a policy exists',
  },
];

export const DEAD_LETTER_RULES: readonly DoctorRule<QueueFacts>[] = [
  {
    check: 'dead_letters',
    status: 'warning',
    when: ({ exists }) => !exists,
    what: ({ name }) => `queue "${name}" does not exist`,
    remedy: 'start a worker: it declares the queue',
  },
  {
    check: 'dead_letters',
    status: 'warning',
    when: ({ differences }) => differences.length > 0,
    what: ({ name, differences: [difference] }) =>
      `queue "${name}" has ${differenceText(difference)}: netprov cannot read its dead letters`,
    remedy: 'move its messages to another queue, delete it, and start a worker: it declares the queue again',
  },
  {
    check: 'dead_letters',
    status: 'warning',
    when: ({ messages }) => messages > 0,
    what: ({ messages }) => `${messages} dead letters: messages that could not be read, or whose retries ran out`,
    remedy: 'see the reasons with netprov dead-letter list; then run netprov dead-letter requeue or drop',
  },
  { check: 'dead_letters', status: 'ok', what: 'no dead letters' },
];

const isNoStream = ({ differences }: InspectedQueue): boolean =>
  differences.some(({ property }) => property === 'x-queue-type');

export const NO_JOURNAL_RULES: readonly DoctorRule<null>[] = [
  {
    check: 'journal',
    status: 'ok',
    what: 'the journal is turned off (journal.enabled is false): requests cannot be replayed',
  },
];

export const JOURNAL_RULES: readonly DoctorRule<QueueFacts>[] = [
  {
    check: 'journal',
    status: 'warning',
    when: ({ exists }) => !exists,
    what: ({ name }) =>
      `journal "${name}" does not exist: requests are kept only until they are done, and cannot be replayed`,
    remedy: 'start a worker, or run netprov topology declare --host H: both declare the journal',
  },
  {
    check: 'journal',
    status: 'problem',
    when: isNoStream,
    what: ({ name }) => `queue "${name}" is not a stream: no request is kept for replay`,
    remedy: 'delete the queue, and start a worker: it declares the journal',
  },
  { check: 'journal', status: 'ok', what: ({ name }) => `journal "${name}" keeps requests for replay` },
];

interface LimitFacts {
  journal: QueueFacts;
  difference: InspectedQueue['differences'][number];
}

/** A limit of the journal that is not the configured one. */
export const JOURNAL_LIMIT_RULES: readonly DoctorRule<LimitFacts>[] = [
  {
    check: 'journal_limits',
    status: 'warning',
    when: ({ journal }) => !isNoStream(journal),
    what: ({ journal: { name }, difference: { property, current, received } }) =>
      `journal "${name}" has ${property} ${current}, but ${received} is configured: an existing journal keeps its limits`,
    remedy:
      'set journal.max_age and journal.max_bytes to its limits; or delete the journal WITH ALL ITS REQUESTS and start a worker',
  },
];
