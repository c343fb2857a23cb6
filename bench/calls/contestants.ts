import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase } from '../../testkit/servers/database.js';
import { declareHostQueues, HOST, HOST_QUEUE, TOPIC } from '../drain/queues.js';
import { serversOf, WORKER } from '../drain/recorded-drains.js';
import { Child, PYTHON } from '../processes/child.js';

export const CONTESTANTS = ['python', 'python-job', 'amqplib', 'worker'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = {
  python: 'Python, does nothing',
  'python-job': 'Python, the same job',
  amqplib: 'amqplib, answers only',
  worker: 'netprov worker',
};

const AMQPLIB = new URL('amqplib-server.js', import.meta.url).pathname;

interface Program {
  command: readonly string[];
  /** Whether it declares its own queue, and says so. It serves the queue after a line on its standard input. */
  declares: boolean;
}

const PROGRAMS: Record<ContestantName, Program> = {
  python: { command: [PYTHON, 'bench/python/call_server.py', TOPIC, HOST], declares: true },
  'python-job': { command: [PYTHON, 'bench/python/job_server.py', TOPIC, HOST, 'calls'], declares: true },
  amqplib: { command: [process.execPath, AMQPLIB, HOST_QUEUE], declares: false },
  worker: { command: WORKER, declares: false },
};

/** Functions that close what was opened, to be called in reverse order. */
export type Closers = (() => Promise<unknown>)[];

/** Starts a server of calls on a virtual host and a database of its own. Returns its transport_url. */
export async function openServer(name: ContestantName, closers: Closers, signal: AbortSignal): Promise<string> {
  const { command, declares } = PROGRAMS[name];
  const [program = '', ...args] = command;
  const broker = await TestBroker.create();
  closers.push(() => broker.drop());
  const database = await createDatabase({ migrated: name === 'worker' });
  closers.push(() => database.drop());
  if (!declares) await declareHostQueues(broker);
  const child = new Child(program, args, serversOf({ broker, database }));
  closers.push(() => child.stop());
  if (declares) {
    await child.next(signal);
    child.send('serve');
  }
  return broker.url();
}
