import { fanoutName } from '../amqp/index.js';
import { queueName } from '../rpc/index.js';
import { OWN_QUEUES, RESERVED_HOSTS } from './host-name.js';

/** Name of the dead-letter queue. */
export function deadLetterQueue(topic: string): string {
  return queueName(topic, OWN_QUEUES.deadLetters);
}

/** Name of the journal, the stream with a copy of every request. */
export function journalName(topic: string): string {
  return queueName(topic, OWN_QUEUES.journal);
}

/** Whether workers take requests from this queue: the queue of a host, of any host, or of the fanout exchange. */
export function isServerQueue(topic: string, name: string): boolean {
  return new RegExp(serverQueuePattern(topic)).test(name);
}

/** Regular expression for the names of these queues. RabbitMQ's policies and JavaScript both understand it. */
export function serverQueuePattern(topic: string): string {
  const name = topic.replaceAll('.', String.raw`\.`);
  const fanout = fanoutName('');
  return `^${name}(${fanout}|\\.(?!(${RESERVED_HOSTS.join('|')})$).+)?$`;
}
