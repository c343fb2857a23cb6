import type { Fault } from './fault.js';

const HOUR = 3600;

/** Kills a worker with SIGKILL. At the end, it starts again. */
export const killWorker: Fault = async ({ member: { worker } }) => {
  await worker.end('SIGKILL');
  return async () => {
    worker.start();
    await worker.ready();
  };
};

/** Stops a worker with SIGSTOP, then continues it with SIGCONT: it goes on without knowing how much time has passed. */
export const stopWorker: Fault = ({ member: { worker } }) => {
  worker.signal('SIGSTOP');
  return () => {
    worker.signal('SIGCONT');
  };
};

/** Moves a running worker's time of day ahead, and back at the end. */
export const moveClock: Fault = ({ member: { worker } }) => {
  worker.moveClock(HOUR);
  return () => {
    worker.moveClock(0);
  };
};
