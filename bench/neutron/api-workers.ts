import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const SERVICES = 'script/services';

/** How many processes serve the API of the Neutron that script/services has started. */
export async function currentApiWorkers(): Promise<number> {
  const { stdout } = await promisify(execFile)(SERVICES, ['status', '--json']);
  const services = JSON.parse(stdout) as { api_workers?: number }[];
  const number = services.find(({ api_workers }) => api_workers !== undefined)?.api_workers;
  if (number === undefined) throw new Error(`${SERVICES} runs no Neutron of its own`);
  return number;
}

/** Has that Neutron started again with another number of them; it keeps its address. */
export async function setApiWorkers(number: number): Promise<void> {
  const args = ['up', 'neutron', '--api-workers', `${number}`];
  const child = spawn(SERVICES, args, { stdio: ['ignore', process.stderr, process.stderr] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${SERVICES} ${args.join(' ')} failed`);
}
