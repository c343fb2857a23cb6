import { type HostAnswer, inspectQueue, streamArguments } from '../amqp/index.js';
import { deadLetterArguments } from '../messages/dead-letter.js';
import { journalStream } from '../messages/journal.js';
import { deadLetterQueue } from '../messages/queue-names.js';
import { serverQueueArguments, serverQueues } from '../rpc/index.js';
import type { DoctorContext, Findings } from './finding.js';
import { REFUSED_RULES } from './rules/broker-rules.js';
import {
  DEAD_LETTER_RULES,
  JOURNAL_LIMIT_RULES,
  JOURNAL_RULES,
  NO_JOURNAL_RULES,
  QUEUE_LIMIT_RULES,
  type QueueFacts,
  SERVER_QUEUE_RULES,
} from './rules/queue-rules.js';

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
      if (managementUrl === null) findings.every(QUEUE_LIMIT_RULES, queue);
      findings.every(SERVER_QUEUE_RULES, { ...queue, host, prefetch });
    });
  }
  await look(model, deadLetterQueue(topic), deadLetterArguments(type), findings, (queue) => {
    findings.first(DEAD_LETTER_RULES, queue);
  });
  const { enabled, max_age: maxAge, max_bytes: maxBytes } = config.journal;
  if (!enabled) {
    findings.first(NO_JOURNAL_RULES, null);
    return;
  }
  const stream = journalStream(topic, { maxAge, maxBytes });
  await look(model, stream.name, streamArguments(stream), findings, (journal) => {
    findings.first(JOURNAL_RULES, journal);
    for (const difference of journal.differences) findings.every(JOURNAL_LIMIT_RULES, { journal, difference });
  });
}

async function look(
  model: Model,
  name: string,
  args: Record<string, unknown>,
  findings: Findings,
  tell: (queue: QueueFacts) => void,
): Promise<void> {
  try {
    tell({ name, ...(await inspectQueue(model, name, args)) });
  } catch (error) {
    findings.first(REFUSED_RULES, { check: 'queue', name, error });
  }
}
