import { fanoutName } from '../amqp/index.js';
import { queueName } from '../rpc/index.js';

/** Our queues that are named as if they were those of conductor hosts: no conductor host can be called so. */
const OWN = { deadLetters: 'dead', journal: 'journal' } as const;

const RESERVED: readonly string[] = Object.values(OWN);

/**
 * A conductor host becomes part of a routing key, where a star or a hash would match the messages of other hosts. AMQP
 * limits the whole key to 255 bytes.
 */
const HOST = /^[^\s*#,]{1,160}$/;

/** What a conductor host's name has to be, where it is not that; null: it is. */
export function hostProblem(name: string): string | null {
  if (!HOST.test(name)) return 'the name of a conductor host: up to 160 characters, without * # , and blanks';
  if (!RESERVED.includes(name)) return null;
  return (
    `the name of a conductor host, and none of ${RESERVED.join(', ')}, which are queues of netprov: ` +
    'give the conductor another name (option host in ironic.conf)'
  );
}

/** Name of the queue that keeps dead letters. */
export function deadLetterQueue(topic: string): string {
  return queueName(topic, OWN.deadLetters);
}

/** Name of the stream that has a copy of every request. */
export function journalName(topic: string): string {
  return queueName(topic, OWN.journal);
}

/** Whether a queue is one that workers take requests from: of a host, of any, or of the fanout exchange. */
export function isServerQueue(topic: string, name: string): boolean {
  return new RegExp(serverQueuePattern(topic)).test(name);
}

/** Regular expression for the names of these queues, as RabbitMQ's policies and JavaScript read it. */
export function serverQueuePattern(topic: string): string {
  const name = topic.replaceAll('.', String.raw`\.`);
  const fanout = fanoutName('');
  return `^${name}(${fanout}|\\.(?!(${RESERVED.join('|')})$).+)?$`;
}
