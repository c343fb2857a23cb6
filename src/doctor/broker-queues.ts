import { type HostAnswer, type InspectedQueue, inspectQueue, isQueueLimit, streamArguments } from '../amqp/index.js';
import { deadLetterArguments } from '../messages/dead-letter.js';
import { journalStream } from '../messages/journal.js';
import { deadLetterQueue } from '../messages/queue-names.js';
import { serverQueueArguments, serverQueues } from '../rpc/index.js';
import { type Findings, type DoctorContext, reasonOf } from './finding.js';

/** Remedy for 403 ACCESS_REFUSED. */
export const PERMISSIONS =
  'give the user of transport_url the permissions: rabbitmqctl set_permissions -p VHOST USER ".*" ".*" ".*"';

type Model = NonNullable<HostAnswer['model']>;

/**
 * Checks the queues of the conductor hosts, of any host and of dead letters, and the journal: whether they exist, with
 * which properties, and who consumes them.
 */
export async function checkQueues(
  model: Model,
  { config, managementUrl }: DoctorContext,
  findings: Findings,
): Promise<void> {
  const { topic, queue_type: type, prefetch } = config.rpc;
  const queues = serverQueues({ topic, servers: config.host, anyServer: true, fanout: true });
  for (const { name, server } of queues) {
    await look(model, name, serverQueueArguments(type, deadLetterQueue(topic)), findings, (queue) => {
      const host = server ?? config.host[0] ?? 'H';
      // A policy can set the limits too, and only the management API shows policies. With its URL, checkManagement
      // checks the limits.
      if (managementUrl === null) tellLimitsOf(name, queue, findings);
      tellServerQueue(name, queue, { host, prefetch }, findings);
    });
  }
  await look(model, deadLetterQueue(topic), deadLetterArguments(type), findings, (queue) => {
    tellDeadLetters(deadLetterQueue(topic), queue, findings);
  });
  const { enabled, max_age: maxAge, max_bytes: maxBytes } = config.journal;
  if (!enabled) {
    findings.ok('journal', 'the journal is turned off (journal.enabled is false): requests cannot be replayed');
    return;
  }
  const journal = journalStream(topic, { maxAge, maxBytes });
  await look(model, journal.name, streamArguments(journal), findings, (queue) => {
    tellJournal(journal.name, queue, findings);
    tellLimits(journal.name, queue, findings);
  });
}

async function look(
  model: Model,
  name: string,
  args: Record<string, unknown>,
  findings: Findings,
  tell: (queue: InspectedQueue) => void,
): Promise<void> {
  try {
    tell(await inspectQueue(model, name, args));
  } catch (error) {
    findings.problem('queue', `queue "${name}": ${reasonOf(error)}`, PERMISSIONS);
  }
}

function tellServerQueue(
  name: string,
  { exists, differences, messages, consumers }: InspectedQueue,
  { host, prefetch }: { host: string; prefetch: number },
  findings: Findings,
): void {
  if (!exists) {
    findings.problem(
      'queue',
      `queue "${name}" does not exist: RabbitMQ drops every cast to it`,
      `start a worker, which declares it: netprov worker --host ${host}; or run netprov topology declare --host ${host}`,
    );
    return;
  }
  const difference = differences.find(({ property }) => !isQueueLimit(property));
  if (difference !== undefined) {
    findings.problem(
      'queue_type',
      `queue "${name}" has ${difference.property} ${difference.current}, but ${difference.received} is needed`,
      'let its consumers drain the queue, delete it, and start the worker again' +
        (difference.property === 'x-queue-type' ? `, or set rpc.queue_type to ${difference.current}` : ''),
    );
  }
  if (consumers === 0) {
    findings.problem(
      'consumers',
      `queue "${name}" has no consumer: no worker serves it, and ${messages} messages wait`,
      `start a worker: netprov worker --host ${host}`,
    );
  } else if (messages > prefetch) {
    findings.warning(
      'depth',
      `queue "${name}" has a backlog of ${messages} messages, more than a worker fetches at once (rpc.prefetch, ${prefetch})`,
      'check whether the backlog shrinks; netprov operation list --status running shows the running operations',
    );
  } else if (difference === undefined) {
    findings.ok('queue', `queue "${name}": ${consumers} consumers, ${messages} messages wait`);
  }
}

/** Warns if a queue lacks limits because an older version or a person declared it. */
function tellLimitsOf(name: string, { differences }: InspectedQueue, findings: Findings): void {
  const limits = differences.filter(({ property }) => isQueueLimit(property));
  // Which limits a queue can have depends on its type. A wrong type is reported separately.
  if (limits.length === 0 || limits.length < differences.length) return;
  const those = limits.map(({ property, current }) => `${property} ${current}`).join(', ');
  findings.warning(
    'limits',
    `queue "${name}" has ${those}. Without a policy that sets limits, RabbitMQ 4 drops a message after 20 returns`,
    'run netprov topology upgrade, which sets a policy while workers run; use --management-url to see whether a policy exists',
  );
}

function tellDeadLetters(name: string, { exists, differences, messages }: InspectedQueue, findings: Findings): void {
  const [difference = null] = differences;
  if (!exists)
    findings.warning('dead_letters', `queue "${name}" does not exist`, 'start a worker: it declares the queue');
  else if (difference !== null) {
    findings.warning(
      'dead_letters',
      `queue "${name}" has ${difference.property} ${difference.current}, but ${difference.received} is needed: ` +
        'netprov cannot read its dead letters',
      'move its messages to another queue, delete it, and start a worker: it declares the queue again',
    );
  } else if (messages > 0) {
    findings.warning(
      'dead_letters',
      `${messages} dead letters: messages that could not be read, or whose retries ran out`,
      'see the reasons with netprov dead-letter list; then run netprov dead-letter requeue or drop',
    );
  } else findings.ok('dead_letters', 'no dead letters');
}

function tellJournal(name: string, { exists, differences }: InspectedQueue, findings: Findings): void {
  if (!exists) {
    findings.warning(
      'journal',
      `journal "${name}" does not exist: requests are kept only until they are done, and cannot be replayed`,
      'start a worker, or run netprov topology declare --host H: both declare the journal',
    );
  } else if (isNoStream(differences)) {
    findings.problem(
      'journal',
      `queue "${name}" is not a stream: no request is kept for replay`,
      'delete the queue, and start a worker: it declares the journal',
    );
  } else findings.ok('journal', `journal "${name}" keeps requests for replay`);
}

function tellLimits(name: string, { differences }: InspectedQueue, findings: Findings): void {
  if (isNoStream(differences)) return;
  for (const { property, current, received } of differences) {
    findings.warning(
      'journal_limits',
      `journal "${name}" has ${property} ${current}, but ${received} is configured: an existing journal keeps its limits`,
      'set journal.max_age and journal.max_bytes to its limits; or delete the journal WITH ALL ITS REQUESTS and start a worker',
    );
  }
}

function isNoStream(differences: InspectedQueue['differences']): boolean {
  return differences.some(({ property }) => property === 'x-queue-type');
}
