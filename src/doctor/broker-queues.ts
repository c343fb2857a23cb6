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
    findings.ok('journal', 'there is to be no journal (journal.enabled is false): nothing can be replayed');
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
      `there is no queue "${name}": RabbitMQ drops what is cast to it`,
      `netprov worker --host ${host} declares and serves it; netprov topology declare --host ${host} declares it`,
    );
    return;
  }
  const difference = differences.find(({ property }) => !isQueueLimit(property));
  if (difference !== undefined) {
    findings.problem(
      'queue_type',
      `queue "${name}" has ${difference.property} ${difference.current}, and is needed with ${difference.received}`,
      'let what consumes it drain it, delete it and start the worker again' +
        (difference.property === 'x-queue-type' ? `, or set rpc.queue_type to ${difference.current}` : ''),
    );
  }
  if (consumers === 0) {
    findings.problem(
      'consumers',
      `queue "${name}" has no consumer: no worker serves it, and ${messages} messages wait`,
      `start one: netprov worker --host ${host}`,
    );
  } else if (messages > prefetch) {
    findings.warning(
      'depth',
      `queue "${name}" has a backlog of ${messages} messages, more than a worker fetches at once (rpc.prefetch, ${prefetch})`,
      'see whether it gets smaller; netprov operation list --status running tells what its worker is at',
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
    `queue "${name}" stands with ${those}. Unless a policy says otherwise, RabbitMQ 4 drops a message that came back 20 times`,
    'netprov topology upgrade sets a policy, while workers run; --management-url tells whether there is one',
  );
}

function tellDeadLetters(name: string, { exists, differences, messages }: InspectedQueue, findings: Findings): void {
  const [difference = null] = differences;
  if (!exists) findings.warning('dead_letters', `there is no queue "${name}"`, 'start a worker: it declares it');
  else if (difference !== null) {
    findings.warning(
      'dead_letters',
      `queue "${name}" has ${difference.property} ${difference.current}, and is needed with ${difference.received}: ` +
        'letters may be kept, and cannot be looked at',
      'move what it holds to another queue, delete it, and start a worker: it declares it anew',
    );
  } else if (messages > 0) {
    findings.warning(
      'dead_letters',
      `${messages} dead letters: messages that could not become an operation, or whose retries ran out`,
      'netprov dead-letter list tells why; then netprov dead-letter requeue or drop',
    );
  } else findings.ok('dead_letters', 'no dead letters');
}

function tellJournal(name: string, { exists, differences }: InspectedQueue, findings: Findings): void {
  if (!exists) {
    findings.warning(
      'journal',
      `there is no journal "${name}": requests are kept no longer than until they are done`,
      'start a worker, or netprov topology declare --host H: they declare it',
    );
  } else if (isNoStream(differences)) {
    findings.problem(
      'journal',
      `queue "${name}" is no stream: no request is kept for replay`,
      'delete it, and start a worker: it declares the journal',
    );
  } else findings.ok('journal', `journal "${name}" keeps requests for replay`);
}

function tellLimits(name: string, { differences }: InspectedQueue, findings: Findings): void {
  if (isNoStream(differences)) return;
  for (const { property, current, received } of differences) {
    findings.warning(
      'journal_limits',
      `journal "${name}" has ${property} ${current}, not ${received}: it keeps what it was declared with`,
      'set journal.max_age and journal.max_bytes to that, or delete the journal WITH WHAT IT HOLDS and start a worker',
    );
  }
}

function isNoStream(differences: InspectedQueue['differences']): boolean {
  return differences.some(({ property }) => property === 'x-queue-type');
}
