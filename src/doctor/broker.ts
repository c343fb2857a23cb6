import type { HostAnswer } from '../rpc/index.js';
import { blockedReason, inspectExchange, withEachHost } from '../rpc/index.js';
import { checkQueues, PERMISSIONS } from './broker-queues.js';
import { reasonOf, type Findings } from './finding.js';
import type { Patient } from './patient.js';

type Model = NonNullable<HostAnswer['model']>;

/** Milliseconds to wait for the broker's word on whether it accepts messages. */
const BLOCKED_LIMIT = 3_000;
/** Oldest version that has been seen to work. */
const OLDEST = [3, 10] as const;

/** RabbitMQ: hosts, credentials, version, alarms, the exchange, queues. Declares nothing. */
export async function checkBroker(patient: Patient, findings: Findings): Promise<void> {
  // Half the time, so that it is told which of them does not answer.
  await withEachHost(patient.connection, patient.limit / 2, async (answers) => {
    checkHosts(answers, findings);
    const model = answers.find((answer) => answer.model !== null)?.model;
    if (model === undefined || model === null) return;
    checkVersion(model, findings);
    await checkExchange(model, patient, findings);
    await checkQueues(model, patient, findings);
    await checkBlocked(model, findings);
  });
}

function checkHosts(answers: readonly HostAnswer[], findings: Findings): void {
  const reached = answers.some(({ model }) => model !== null);
  for (const { place, error } of answers) {
    if (error === null) findings.ok('connection', `connected to ${place}`);
    else if (reached)
      findings.warning('connection', reasonOf(error), 'start this broker, or take it out of transport_url');
    else findings.problem('connection', reasonOf(error), remedyOf(error));
  }
}

function remedyOf(error: Error): string {
  if (/ACCESS_REFUSED|\(ACCESS/i.test(error.message)) {
    return 'correct user and password in transport_url; RabbitMQ takes guest from its own machine alone';
  }
  if (error.message.includes('virtual host does not exist')) {
    return 'correct the virtual host in transport_url, or: rabbitmqctl add_vhost, rabbitmqctl set_permissions';
  }
  return 'start RabbitMQ, or correct transport_url and the options of TLS under oslo_messaging_rabbit';
}

function checkVersion(model: Model, findings: Findings): void {
  const { product, version } = model.connection.serverProperties;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (product !== 'RabbitMQ') {
    findings.warning('version', `the broker is ${product} ${version}`, 'use RabbitMQ: others were not tried');
  } else if (old) {
    findings.warning('version', `RabbitMQ ${version}`, `use ${OLDEST.join('.')} or later: older ones were not tried`);
  } else findings.ok('version', `RabbitMQ ${version}`);
}

async function checkExchange(
  model: Model,
  { config, exchangeDurable: durable }: Patient,
  findings: Findings,
): Promise<void> {
  const name = config.control_exchange;
  const is = durable ? 'durable' : 'not durable';
  try {
    const { exists, difference } = await inspectExchange(model, name, 'topic', { durable, autoDelete: false });
    if (!exists) {
      findings.warning(
        'exchange',
        `there is no exchange "${name}": neither a conductor nor a worker has been here`,
        'see that control_exchange and the virtual host are those of the conductors; netprov topology declare --host H makes it',
      );
    } else if (difference === null) findings.ok('exchange', `exchange "${name}" is ${is}, as the configuration says`);
    else if (difference.property === 'durable') {
      findings.problem(
        'exchange',
        `exchange "${name}" is ${durable ? 'not durable' : 'durable'}, but the configuration says that conductors declare it ${is}: ` +
          'one of the two cannot declare it',
        'give oslo_messaging_rabbit.amqp_durable_queues and rabbit_quorum_queue the values of ironic.conf; if those are right, ' +
          `stop conductors and workers, delete the exchange and start them again: rabbitmqadmin delete exchange name=${name}`,
      );
    } else {
      const { property, current, received } = difference;
      findings.problem(
        'exchange',
        `exchange "${name}" has ${property} ${current}, and is needed with ${received}`,
        'use another control_exchange, or delete this exchange',
      );
    }
  } catch (error) {
    findings.problem('exchange', reasonOf(error), PERMISSIONS);
  }
}

async function checkBlocked(model: Model, findings: Findings): Promise<void> {
  try {
    const reason = await blockedReason(model, BLOCKED_LIMIT);
    if (reason === null) findings.ok('blocked', 'RabbitMQ accepts messages: no alarm of memory or disk holds them up');
    else {
      findings.problem(
        'blocked',
        `RabbitMQ accepts no messages: ${reason}`,
        'free memory or disk on the brokers, or raise the limits: rabbitmq-diagnostics alarms, vm_memory_high_watermark, disk_free_limit',
      );
    }
  } catch (error) {
    findings.problem('blocked', `a message could not be published: ${reasonOf(error)}`, PERMISSIONS);
  }
}
