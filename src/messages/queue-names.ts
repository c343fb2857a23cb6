import { fanoutName } from '../amqp/index.js';
import { queueName } from '../rpc/index.js';

/** Suffixes of our own queues. The queues are named like those of conductor hosts, so no host may have these names. */
const OWN = { deadLetters: 'dead', journal: 'journal' } as const;

const RESERVED: readonly string[] = Object.values(OWN);

/**
 * Pattern of a conductor host's name. The name becomes part of a routing key, where a star or a hash would match the
 * messages of other hosts. AMQP limits the whole key to 255 bytes.
 */
const HOST = /^[^\s*#,]{1,160}$/;

/** Says what is expected of a conductor host's name that is not valid; null: the name is valid. */
export function hostProblem(name: string): string | null {
  if (!HOST.test(name)) return 'the name of a conductor host: up to 160 characters, without * # , and blanks';
  if (!RESERVED.includes(name)) return null;
  return (
    `the name of a conductor host, and none of ${RESERVED.join(', ')}, which are queues of netprov: ` +
    'give the conductor another name (option host in ironic.conf)'
  );
}

/** Name of the dead-letter queue. */
export function deadLetterQueue(topic: string): string {
  return queueName(topic, OWN.deadLetters);
}

/** Name of the journal, the stream with a copy of every request. */
export function journalName(topic: string): string {
  return queueName(topic, OWN.journal);
}

/** Whether workers take requests from this queue: the queue of a host, of any host, or of the fanout exchange. */
export function isServerQueue(topic: string, name: string): boolean {
  return new RegExp(serverQueuePattern(topic)).test(name);
}

/** Regular expression for the names of these queues. RabbitMQ's policies and JavaScript both understand it. */
export function serverQueuePattern(topic: string): string {
  const name = topic.replaceAll('.', String.raw`\.`);
  const fanout = fanoutName('');
  return `^${name}(${fanout}|\\.(?!(${RESERVED.join('|')})$).+)?$`;
}
