import { blockedReason, fanoutName, type HostAnswer, inspectExchange, withEachHost } from '../amqp/index.js';
import { checkQueues, PERMISSIONS } from './broker-queues.js';
import { type Findings, type DoctorContext, reasonOf } from './finding.js';

type Model = NonNullable<HostAnswer['model']>;

/** Milliseconds to wait for the broker's answer whether it accepts messages. */
const BLOCKED_LIMIT = 3_000;
/** Oldest RabbitMQ version that was tested. */
const OLDEST = [3, 10] as const;

/** Checks RabbitMQ: hosts, credentials, version, alarms, exchanges and queues. It declares nothing. */
export async function checkBroker(context: DoctorContext, findings: Findings): Promise<void> {
  // Half of the time limit, so that there is time left to report which host does not answer.
  await withEachHost(context.connection, context.limit / 2, async (answers) => {
    checkHosts(answers, findings);
    const model = answers.find((answer) => answer.model !== null)?.model;
    if (model === undefined || model === null) return;
    checkVersion(model, findings);
    await checkExchanges(model, context, findings);
    await checkQueues(model, context, findings);
    await checkBlocked(model, findings);
  });
}

function checkHosts(answers: readonly HostAnswer[], findings: Findings): void {
  const reached = answers.some(({ model }) => model !== null);
  for (const { place, error } of answers) {
    if (error === null) findings.ok('connection', `connected to ${place}`);
    else if (reached)
      findings.warning('connection', reasonOf(error), 'start this broker, or remove it from transport_url');
    else findings.problem('connection', reasonOf(error), remedyOf(error));
  }
}

function remedyOf(error: Error): string {
  if (/ACCESS_REFUSED|\(ACCESS/i.test(error.message)) {
    return 'correct user and password in transport_url; RabbitMQ accepts the user guest only from its own machine';
  }
  if (error.message.includes('virtual host does not exist')) {
    return 'correct the virtual host in transport_url, or create it: rabbitmqctl add_vhost, rabbitmqctl set_permissions';
  }
  return 'start RabbitMQ, or correct transport_url and the TLS options in oslo_messaging_rabbit';
}

function checkVersion(model: Model, findings: Findings): void {
  const { product, version } = model.connection.serverProperties;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (product !== 'RabbitMQ') {
    findings.warning(
      'version',
      `the broker is ${product} ${version}`,
      'use RabbitMQ: netprov was not tested with other brokers',
    );
  } else if (old) {
    findings.warning(
      'version',
      `RabbitMQ ${version}`,
      `use ${OLDEST.join('.')} or later: netprov was not tested with older versions`,
    );
  } else findings.ok('version', `RabbitMQ ${version}`);
}

/** Checks the exchanges. Conductors and workers both declare them, and must declare the same properties. */
async function checkExchanges(model: Model, { config, exchanges }: DoctorContext, findings: Findings): Promise<void> {
  const { exchange, exchangeDurable, exchangeAutoDelete: autoDelete, fanoutExchangeDurable } = exchanges;
  const control = { name: exchange, durable: exchangeDurable };
  // Python declares fanout exchanges as auto-delete: RabbitMQ deletes them with their last queue.
  const fanout = { name: fanoutName(config.rpc.topic), durable: fanoutExchangeDurable };
  await checkExchange(model, { ...control, type: 'topic', autoDelete }, findings);
  await checkExchange(model, { ...fanout, type: 'fanout', autoDelete: true }, findings);
}

interface Wanted {
  name: string;
  type: 'topic' | 'fanout';
  durable: boolean;
  autoDelete: boolean;
}

async function checkExchange(model: Model, wanted: Wanted, findings: Findings): Promise<void> {
  const { name, type, durable } = wanted;
  const is = durable ? 'durable' : 'not durable';
  try {
    const { exists, difference } = await inspectExchange(model, wanted);
    if (!exists) tellNoExchange(wanted, findings);
    else if (difference === null) findings.ok('exchange', `exchange "${name}" is ${is}, as conductors declare it`);
    else if (difference.property === 'durable') {
      findings.warning(
        'exchange',
        `exchange "${name}" is ${durable ? 'not durable' : 'durable'}, but the options say that conductors declare it ${is}: ` +
          'netprov uses it as it is' +
          (durable ? ', and RabbitMQ loses it and its bindings when it restarts' : ''),
        remedyOfExchange(name, type === 'fanout' ? FANOUT_OPTIONS : CONTROL_OPTIONS),
      );
    } else if (difference.property === 'auto_delete') {
      findings.warning(
        'exchange',
        `exchange "${name}" has auto_delete ${difference.current}, but amqp_auto_delete says that conductors declare it with ` +
          `${difference.received}: netprov uses it as it is`,
        remedyOfExchange(name, 'amqp_auto_delete'),
      );
    } else {
      const { property, current, received } = difference;
      findings.problem(
        'exchange',
        `exchange "${name}" has ${property} ${current}, but ${received} is needed`,
        'use another control_exchange or rpc.topic, or delete this exchange',
      );
    }
  } catch (error) {
    findings.problem('exchange', `exchange "${name}": ${reasonOf(error)}`, PERMISSIONS);
  }
}

/** Options of oslo.messaging that decide whether an exchange is durable. */
const CONTROL_OPTIONS = 'amqp_durable_queues and rabbit_quorum_queue';
const FANOUT_OPTIONS = 'rabbit_transient_quorum_queue';

function remedyOfExchange(name: string, options: string): string {
  return (
    `set ${options} in oslo_messaging_rabbit to the values in ironic.conf. If they are equal already, stop conductors and ` +
    `workers, run rabbitmqadmin delete exchange name=${name}, and start them again`
  );
}

/**
 * Reports a missing exchange. A fanout exchange is declared together with its first queue, so for it the check of the
 * queue reports.
 */
function tellNoExchange({ name, type }: Wanted, findings: Findings): void {
  if (type === 'fanout') return;
  findings.warning(
    'exchange',
    `exchange "${name}" does not exist: no conductor or worker has connected to this virtual host yet`,
    'check that control_exchange and the virtual host are those of the conductors; netprov topology declare --host H creates the exchange',
  );
}

async function checkBlocked(model: Model, findings: Findings): Promise<void> {
  try {
    const reason = await blockedReason(model, BLOCKED_LIMIT);
    if (reason === null) findings.ok('blocked', 'RabbitMQ accepts messages: it has no memory or disk alarm');
    else {
      findings.problem(
        'blocked',
        `RabbitMQ accepts no messages: ${reason}`,
        'free memory or disk on the brokers, or raise the limits: rabbitmq-diagnostics alarms, vm_memory_high_watermark, disk_free_limit',
      );
    }
  } catch (error) {
    findings.problem('blocked', `could not publish a test message: ${reasonOf(error)}`, PERMISSIONS);
  }
}
