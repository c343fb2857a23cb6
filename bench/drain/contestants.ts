import { PYTHON } from '../processes/child.js';
import { OWN_CORE, withServersElsewhere } from '../processes/pinning.js';
import type { Cost } from '../processes/run.js';
import { type CastShape, USUAL_CASTS } from './casts.js';
import { drainAlone } from './plain-drains.js';
import { HOST, HOST_QUEUE, TOPIC } from './queues.js';
import { drainWithJobServer, drainWithWorker, WORKER } from './recorded-drains.js';

export const CONTESTANT_NAMES = [
  'python',
  'python-job',
  'amqplib',
  'worker',
  'worker-varied',
  'worker-protobuf',
  'worker-pinned',
] as const;
export type ContestantName = (typeof CONTESTANT_NAMES)[number];

export interface Contestant {
  title: string;
  /** The part of the casts that it drains, if it would take too long with all of them. Rates are compared. */
  part?: number;
  /**
   * Fills a queue on a new virtual host, drains it, and checks that nothing was lost.
   *
   * @throws Error when casts were lost or the contestant failed
   */
  drain: (casts: number, signal: AbortSignal) => Promise<Cost>;
}

const AMQPLIB = new URL('amqplib-drain.js', import.meta.url).pathname;
const VARIED: CastShape = { tasks: 'varied', encoding: 'json' };
const PROTOBUF: CastShape = { tasks: 'repeated', encoding: 'protobuf' };

export const CONTESTANTS: Record<ContestantName, Contestant> = {
  python: {
    title: 'Python, does nothing',
    drain: (casts, signal) => {
      const command = [PYTHON, 'bench/python/drain_server.py', TOPIC, HOST, `${casts}`];
      return drainAlone(command, { declaresItself: true }, casts, signal);
    },
  },
  'python-job': {
    title: 'Python, the same job',
    part: 0.2,
    drain: (casts, signal) => {
      return drainWithJobServer([PYTHON, 'bench/python/job_server.py', TOPIC, HOST, 'casts'], casts, signal);
    },
  },
  amqplib: {
    title: 'amqplib, acknowledges only',
    drain: (casts, signal) => {
      const command = [process.execPath, AMQPLIB, HOST_QUEUE, `${casts}`];
      return drainAlone(command, { declaresItself: false }, casts, signal);
    },
  },
  worker: {
    title: 'netprov worker',
    drain: (casts, signal) => drainWithWorker(WORKER, USUAL_CASTS, casts, signal),
  },
  'worker-varied': {
    title: 'worker, every task differs',
    drain: (casts, signal) => drainWithWorker(WORKER, VARIED, casts, signal),
  },
  'worker-protobuf': {
    title: 'worker, protobuf bodies',
    drain: (casts, signal) => drainWithWorker(WORKER, PROTOBUF, casts, signal),
  },
  'worker-pinned': {
    title: 'worker, servers on other cores',
    drain: (casts, signal) => {
      const pinned = ['taskset', '--cpu-list', OWN_CORE, ...WORKER];
      return withServersElsewhere(() => drainWithWorker(pinned, USUAL_CASTS, casts, signal));
    },
  },
};
