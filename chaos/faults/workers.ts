import type { Fault } from './fault.js';

const HOUR = 3600;

/** SIGKILL; it is started again when the fault is over. */
export const killWorker: Fault = async ({ member: { worker } }) => {
  await worker.end('SIGKILL');
  return async () => {
    worker.start();
    await worker.ready();
  };
};

/** SIGSTOP, and then SIGCONT: it goes on with all that it had, and does not know how late it is. */
export const stopWorker: Fault = ({ member: { worker } }) => {
  worker.signal('SIGSTOP');
  return () => {
    worker.signal('SIGCONT');
  };
};

/** The time of day jumps ahead, and back, while it runs. */
export const moveClock: Fault = ({ member: { worker } }) => {
  worker.moveClock(HOUR);
  return () => {
    worker.moveClock(0);
  };
};
