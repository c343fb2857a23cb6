import { blockedReason, fanoutName, type HostAnswer, inspectExchange, withEachHost } from '../amqp/index.js';
import { checkQueues } from './check-queues.js';
import type { DoctorContext, Findings } from './finding.js';
import {
  BLOCKED_RULES,
  BROKER_VERSION_RULES,
  CONNECTION_RULES,
  EXCHANGE_RULES,
  REFUSED_RULES,
  type WantedExchange,
} from './rules/broker-rules.js';

type Model = NonNullable<HostAnswer['model']>;

/** Milliseconds to wait for the broker's answer whether it accepts messages. */
const BLOCKED_LIMIT = 3_000;

/** Checks RabbitMQ: hosts, credentials, version, alarms, exchanges and queues. It declares nothing. */
export async function checkBroker(context: DoctorContext, findings: Findings): Promise<void> {
  // Half of the time limit, so that there is time left to report which host does not answer.
  await withEachHost(context.connection, context.limit / 2, async (answers) => {
    const reached = answers.some(({ model }) => model !== null);
    for (const { place, error } of answers) findings.first(CONNECTION_RULES, { place, error, reached });
    const model = answers.find((answer) => answer.model !== null)?.model;
    if (model === undefined || model === null) return;
    findings.first(BROKER_VERSION_RULES, model.connection.serverProperties);
    await checkExchanges(model, context, findings);
    await checkQueues(model, context, findings);
    await checkBlocked(model, findings);
  });
}

async function checkExchanges(model: Model, { config, exchanges }: DoctorContext, findings: Findings): Promise<void> {
  const { exchange, exchangeDurable, exchangeAutoDelete: autoDelete, fanoutExchangeDurable } = exchanges;
  const control = { name: exchange, durable: exchangeDurable };
  // Python declares fanout exchanges as auto-delete: RabbitMQ deletes them with their last queue.
  const fanout = { name: fanoutName(config.rpc.topic), durable: fanoutExchangeDurable };
  await checkExchange(model, { ...control, type: 'topic', autoDelete }, findings);
  await checkExchange(model, { ...fanout, type: 'fanout', autoDelete: true }, findings);
}

async function checkExchange(model: Model, wanted: WantedExchange, findings: Findings): Promise<void> {
  try {
    findings.first(EXCHANGE_RULES, { ...wanted, ...(await inspectExchange(model, wanted)) });
  } catch (error) {
    findings.first(REFUSED_RULES, { check: 'exchange', name: wanted.name, error });
  }
}

async function checkBlocked(model: Model, findings: Findings): Promise<void> {
  try {
    findings.first(BLOCKED_RULES, await blockedReason(model, BLOCKED_LIMIT));
  } catch (error) {
    findings.first(REFUSED_RULES, { check: 'blocked', name: '', error });
  }
}
