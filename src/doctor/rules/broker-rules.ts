import type { inspectExchange } from '../../amqp/index.js';
import { errorText } from '../../async/error-text.js';
import { differenceText, type DoctorRule } from '../finding.js';

/** Oldest RabbitMQ version that was tested. */
const OLDEST = [3, 10] as const;

/** Remedy for 403 ACCESS_REFUSED. */
const PERMISSIONS =
  'give the user of transport_url the permissions: rabbitmqctl set_permissions -p VHOST USER ".*" ".*" ".*"';

interface HostFacts {
  /** The host, its port and its virtual host. */
  place: string;
  /** Why the host cannot be used; null: it can. */
  error: Error | null;
  /** Whether another host of transport_url can be used. */
  reached: boolean;
}

const says = (pattern: RegExp) => (facts: HostFacts) => pattern.test(facts.error?.message ?? '');

/** The connection to a host of transport_url. */
export const CONNECTION_RULES: readonly DoctorRule<HostFacts>[] = [
  {
    check: 'connection',
    status: 'ok',
    when: ({ error }) => error === null,
    what: ({ place }) => `connected to ${place}`,
  },
  {
    check: 'connection',
    status: 'warning',
    when: ({ reached }) => reached,
    what: ({ error }) => errorText(error),
    remedy: 'start this broker, or remove it from transport_url',
  },
  {
    check: 'connection',
    status: 'problem',
    when: says(/ACCESS_REFUSED|\(ACCESS/i),
    what: ({ error }) => errorText(error),
    remedy: 'correct user and password in transport_url; RabbitMQ accepts the user guest only from its own machine',
  },
  {
    check: 'connection',
    status: 'problem',
    when: says(/virtual host does not exist/),
    what: ({ error }) => errorText(error),
    remedy:
      'correct the virtual host in transport_url, or create it: rabbitmqctl add_vhost, rabbitmqctl set_permissions',
  },
  {
    check: 'connection',
    status: 'problem',
    what: ({ error }) => errorText(error),
    remedy: 'start RabbitMQ, or correct transport_url and the TLS options in oslo_messaging_rabbit',
  },
];

interface BrokerVersion {
  product: string;
  version: string;
}

function isOld({ version }: BrokerVersion): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

export const BROKER_VERSION_RULES: readonly DoctorRule<BrokerVersion>[] = [
  {
    check: 'version',
    status: 'warning',
    when: ({ product }) => product !== 'RabbitMQ',
    what: ({ product, version }) => `the broker is ${product} ${version}`,
    remedy: 'use RabbitMQ: netprov was not tested with other brokers',
  },
  {
    check: 'version',
    status: 'warning',
    when: isOld,
    what: ({ version }) => `RabbitMQ ${version}`,
    remedy: `use ${OLDEST.join('.')} or later: netprov was not tested with older versions`,
  },
  { check: 'version', status: 'ok', what: ({ version }) => `RabbitMQ ${version}` },
];

/** An exchange as conductors and workers declare it. */
export interface WantedExchange {
  name: string;
  type: 'topic' | 'fanout';
  durable: boolean;
  autoDelete: boolean;
}

type ExchangeFacts = WantedExchange & Awaited<ReturnType<typeof inspectExchange>>;

const asDeclared = ({ durable }: WantedExchange): string => (durable ? 'durable' : 'not durable');

const likeConductors = (name: string, options: string): string =>
  `set ${options} in oslo_messaging_rabbit to the values in ironic.conf. If they are equal already, stop conductors and ` +
  `workers, run rabbitmqadmin delete exchange name=${name}, and start them again`;

/** An exchange. Conductors and workers both declare it, and must declare the same properties. */
export const EXCHANGE_RULES: readonly DoctorRule<ExchangeFacts>[] = [
  {
    check: 'exchange',
    status: 'warning',
    // A fanout exchange is declared together with its first queue, so for it the check of the queue reports.
    when: ({ exists, type }) => !exists && type !== 'fanout',
    what: ({ name }) =>
      `exchange "${name}" does not exist: no conductor or worker has connected to this virtual host yet`,
    remedy:
      'check that control_exchange and the virtual host are those of the conductors; netprov topology declare --host H creates the exchange',
  },
  {
    check: 'exchange',
    status: 'ok',
    when: ({ exists, difference }) => exists && difference === null,
    what: (wanted) => `exchange "${wanted.name}" is ${asDeclared(wanted)}, as conductors declare it`,
  },
  {
    check: 'exchange',
    status: 'warning',
    when: ({ exists, difference }) => exists && difference?.property === 'durable',
    what: (wanted) =>
      `exchange "${wanted.name}" is ${wanted.durable ? 'not durable' : 'durable'}, but the options say that conductors ` +
      `declare it ${asDeclared(wanted)}: netprov uses it as it is` +
      (wanted.durable ? ', and RabbitMQ loses it and its bindings when it restarts' : ''),
    remedy: ({ name, type }) =>
      likeConductors(
        name,
        type === 'fanout' ? 'rabbit_transient_quorum_queue' : 'amqp_durable_queues and rabbit_quorum_queue',
      ),
  },
  {
    check: 'exchange',
    status: 'warning',
    when: ({ exists, difference }) => exists && difference?.property === 'auto_delete',
    what: ({ name, difference }) =>
      `exchange "${name}" has auto_delete ${difference?.current ?? ''}, but amqp_auto_delete says that conductors declare it ` +
      `with ${difference?.received ?? ''}: netprov uses it as it is`,
    remedy: ({ name }) => likeConductors(name, 'amqp_auto_delete'),
  },
  {
    check: 'exchange',
    status: 'problem',
    when: ({ exists }) => exists,
    what: ({ name, difference }) => `exchange "${name}" has ${differenceText(difference)}`,
    remedy: 'use another control_exchange or rpc.topic, or delete this exchange',
  },
];

/** Whether the broker accepts messages: the reason why not, or null. */
export const BLOCKED_RULES: readonly DoctorRule<string | null>[] = [
  {
    check: 'blocked',
    status: 'ok',
    when: (reason) => reason === null,
    what: 'RabbitMQ accepts messages: it has no memory or disk alarm',
  },
  {
    check: 'blocked',
    status: 'problem',
    what: (reason) => `RabbitMQ accepts no messages: ${reason ?? ''}`,
    remedy:
      'free memory or disk on the brokers, or raise the limits: rabbitmq-diagnostics alarms, vm_memory_high_watermark, disk_free_limit',
  },
];

interface Refused {
  /** The check that the broker refused. */
  check: 'exchange' | 'queue' | 'blocked';
  /** The name of the exchange or queue; '' for a test message. */
  name: string;
  error: unknown;
}

/** What the broker refused to show. */
export const REFUSED_RULES: readonly DoctorRule<Refused>[] = [
  {
    check: 'blocked',
    status: 'problem',
    when: ({ check }) => check === 'blocked',
    what: ({ error }) => `could not publish a test message: ${errorText(error)}`,
    remedy: PERMISSIONS,
  },
  ...(['exchange', 'queue'] as const).map((check): DoctorRule<Refused> => {
    return {
      check,
      status: 'problem',
      when: (refused) => refused.check === check,
      what: ({ name, error }) => `${check} "${name}": ${errorText(error)}`,
      remedy: PERMISSIONS,
    };
  }),
];
