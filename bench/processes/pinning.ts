import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

import { serverProcesses } from './processor-times.js';

/** The core of the program that is measured; the servers have the others. */
export const OWN_CORE = '0';

/**
 * Runs some work while RabbitMQ and MariaDB are kept from the first core, so that a program that runs there shares it
 * with neither. This simulates servers on other machines.
 *
 * @throws Error on a machine with one core
 */
export async function withServersElsewhere<T>(work: () => Promise<T>): Promise<T> {
  const others = cpus().length - 1;
  if (others < 1) throw new Error('pinning needs at least two cores');
  const pids = Object.values(serverProcesses()).flat();
  const before = new Map<number, string>();
  for (const pid of pids) {
    ifRunning(pid, () => before.set(pid, allowedCores(readFileSync(`/proc/${pid}/status`, 'utf8'))));
  }
  try {
    for (const pid of before.keys()) pin(pid, others === 1 ? '1' : `1-${others}`);
    return await work();
  } finally {
    for (const [pid, cores] of before) pin(pid, cores);
  }
}

/** The cores on which a process may run, from the text of /proc/<pid>/status. */
export function allowedCores(status: string): string {
  const [, cores] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status) ?? [];
  if (cores === undefined) throw new Error('/proc/<pid>/status has no Cpus_allowed_list');
  return cores;
}

/** Restricts all threads of a process. */
function pin(pid: number, cores: string): void {
  ifRunning(pid, () => execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)]));
}

/** Does something with a process. RabbitMQ has children that end at any time: an error of one that has ended is none. */
function ifRunning(pid: number, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (existsSync(`/proc/${pid}`)) throw error;
  }
}
