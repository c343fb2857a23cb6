import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

import { required } from '../../testkit/servers/environment.js';

const SERVICES = 'script/services';

/** The Neutron started by script/services, in the form in which script/services shows it. */
interface PrivateNeutron {
  endpoint: string;
  api_workers: number;
}

/** Does something that sets numbers of API workers of the private Neutron, and sets the previous number at the end. */
export async function keepingApiWorkers<T>(work: () => Promise<T>): Promise<T> {
  const { api_workers: before } = await privateNeutron();
  try {
    return await work();
  } finally {
    await setApiWorkers(before);
  }
}

/**
 * Restarts the private Neutron with another number of processes that serve its API.
 *
 * @throws Error when it does not start, or starts on another port because its port was taken meanwhile
 */
export async function setApiWorkers(number: number): Promise<void> {
  const args = ['up', 'neutron', '--api-workers', `${number}`];
  const child = spawn(SERVICES, args, { stdio: ['ignore', process.stderr, process.stderr] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${SERVICES} ${args.join(' ')} failed`);
  const { endpoint } = await privateNeutron();
  if (endpoint !== required('NETPROV_NEUTRON_ENDPOINT')) {
    throw new Error(`Neutron listens at ${endpoint} now, for its port was taken: start again`);
  }
}

async function privateNeutron(): Promise<PrivateNeutron> {
  const { stdout } = await promisify(execFile)(SERVICES, ['status', '--json']);
  const services = JSON.parse(stdout) as Partial<PrivateNeutron>[];
  const neutron = services.find(({ api_workers }) => api_workers !== undefined);
  if (neutron === undefined) throw new Error(`${SERVICES} runs no Neutron of its own`);
  return neutron as PrivateNeutron;
}
