import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase } from '../../testkit/servers/database.js';
import { HOST, TOPIC } from '../drain/queues.js';
import { serversOf } from '../drain/recorded-drains.js';
import { Child, PYTHON } from '../processes/child.js';

export const CONTESTANTS = ['python', 'python-job', 'worker'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const TITLES: Record<ContestantName, string> = {
  python: 'Python, does nothing',
  'python-job': 'Python, the same job',
  worker: 'netprov worker',
};

/** How a contestant is started. The Python servers are ready when they have printed a line, and serve after another. */
const PROGRAMS: Record<ContestantName, { command: readonly string[]; migrated: boolean; declares: boolean }> = {
  python: { command: [PYTHON, 'bench/python/call_server.py', TOPIC, HOST], migrated: false, declares: true },
  'python-job': {
    command: [PYTHON, 'bench/python/job_server.py', TOPIC, HOST, 'calls'],
    migrated: false,
    declares: true,
  },
  worker: { command: ['bin/netprov', 'worker', '--host', HOST], migrated: true, declares: false },
};

/** Functions that close what was opened, to be called in reverse order. */
export type Closers = (() => Promise<unknown>)[];

/** Starts a server of calls on a virtual host and a database of its own. Returns its transport_url. */
export async function openServer(name: ContestantName, closers: Closers, signal: AbortSignal): Promise<string> {
  const { command, migrated, declares } = PROGRAMS[name];
  const [program = '', ...args] = command;
  const broker = await TestBroker.create();
  closers.push(() => broker.drop());
  const database = await createDatabase({ migrated });
  closers.push(() => database.drop());
  const child = new Child(program, args, serversOf({ broker, database }));
  closers.push(() => child.stop());
  if (declares) {
    await child.next(signal);
    child.send('serve');
  }
  return broker.url();
}
