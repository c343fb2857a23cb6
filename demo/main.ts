import { once } from 'node:events';
import { styleText } from 'node:util';

import type { MethodName } from '../src/contract/methods.js';
import { NetworkProviderClient, type TaskInput } from '../src/index.js';
import { openDatabase } from '../src/state/index.js';
import { until } from '../testkit/fixtures/poll.js';
import { HttpProxy } from '../testkit/proxies/http-proxy.js';
import { startApi } from '../testkit/servers/api-process.js';
import { BaremetalAgents } from '../testkit/servers/baremetal-agent.js';
import { required } from '../testkit/servers/environment.js';
import { Netprov, netprov } from '../testkit/servers/netprov.js';
import { attachVifs, Cloud, type Network, type Networks, oneLag, twoNics } from './cloud.js';
import { CommandConductor, type Conductor, PythonConductor } from './conductors.js';

const SIMULATED = process.argv.includes('--simulated-neutron');
const CONSOLE = process.argv.includes('--console');
const TOPIC = 'ironic.network_provider';
const EXCHANGE = 'ironic';
const HOSTS = ['demo-conductor-1', 'demo-conductor-2'] as const;

const transportUrl = required('NETPROV_TRANSPORT_URL');
const databaseUrl = required('NETPROV_DATABASE_URL');
const endpoint = required('NETPROV_NEUTRON_ENDPOINT');

/** Functions that close what the demo has opened, to be called in reverse order. */
const closers: (() => Promise<unknown>)[] = [];

function say(text: string): void {
  // If standard output is a file, or NO_COLOR is set, the text is printed without styles.
  console.log(`\n${styleText('bold', text, { stream: process.stdout })}`);
}

/** Starts a worker process. Its log is shown only if it fails. */
async function startWorker(env: Record<string, string>): Promise<Netprov> {
  const worker = new Netprov(['worker', ...HOSTS.flatMap((host) => ['--host', host])], env);
  closers.push(() => worker.stop());
  await worker.says('the worker is ready');
  return worker;
}

function workerEnv(networks: Networks, neutron: string): Record<string, string> {
  return {
    NETPROV_TRANSPORT_URL: transportUrl,
    NETPROV_DATABASE_URL: databaseUrl,
    NETPROV_NEUTRON_ENDPOINT: neutron,
    NETPROV_PROVISIONING_NETWORK: networks.provisioning.id,
    NETPROV_CLEANING_NETWORK: networks.cleaning.name,
    NETPROV_HEALTH_PORT: '0',
  };
}

/** Makes one cast, and prints the state in Neutron when its result has arrived. */
async function step(cloud: Cloud, conductor: Conductor, method: MethodName, task: TaskInput): Promise<void> {
  console.log(`\n${conductor.host} casts ${method} for ${task.node.name ?? ''} (${conductor.tool})`);
  const begin = Date.now();
  const result = await conductor.cast(method, task);
  console.log(`port_binding_result: ${result.status} in ${Date.now() - begin} ms, operation ${result.operation_id}`);
  if (result.error) throw new Error(`${result.error.class}: ${result.error.message}`);
  await cloud.show(task);
}

/** Shows the life of a node: it is cleaned, deployed, given to a tenant, taken back, and cleaned again. */
async function life(cloud: Cloud, networks: Networks, conductor: Conductor, task: TaskInput): Promise<void> {
  say(`Clean: ${task.node.name ?? ''} must be wiped, out of reach of any tenant`);
  await step(cloud, conductor, 'add_cleaning_network', task);
  await step(cloud, conductor, 'remove_cleaning_network', task);

  say('Provision: the deploy ramdisk runs on the provisioning network');
  await step(cloud, conductor, 'add_provisioning_network', task);

  say('Tenant: a user has made Neutron ports on tenant networks; the image is written, the node moves there');
  const vifs = [await cloud.makeVif(networks.tenantA)];
  if (!task.portgroups?.length) vifs.push(await cloud.makeVif(networks.tenantB));
  const attached = attachVifs(task, vifs);
  await step(cloud, conductor, 'remove_provisioning_network', attached);
  await step(cloud, conductor, 'configure_tenant_networks', attached);

  say('Unprovision: the instance is deleted; the tenant keeps its ports, unbound');
  await step(cloud, conductor, 'unconfigure_tenant_networks', attached);
}

/** Kills a worker with SIGKILL in the middle of a move. The standby finishes the move. */
async function murder(
  cloud: Cloud,
  networks: Networks,
  conductor: Conductor,
  task: TaskInput,
  held: HttpProxy,
  first: Netprov,
): Promise<void> {
  say('A worker is killed in the middle of a move');
  await startWorker(workerEnv(networks, endpoint));
  console.log('A second worker stands by for the same conductor hosts.');
  // Neutron makes the first port, and the proxy holds back its answer: there is no worse moment for a crash.
  let creates = 0;
  held.fate = ({ method }) => (method !== 'POST' ? 'pass' : creates++ === 0 ? 'hang after' : 'hang before');
  const moving = conductor.cast('add_cleaning_network', task);
  await until('Neutron to have made a port', async () => held.hanging > 0 && (await cloud.portsOf(task)).length > 0);
  console.log(
    `\n${conductor.host} has cast add_cleaning_network; Neutron has made a port that no worker knows of yet:`,
  );
  await cloud.show(task);
  first.kill('SIGKILL');
  await first.ended;
  console.log('\nkill -9: the worker is gone. It had acknowledged nothing, so RabbitMQ hands the cast to the standby.');
  const result = await moving;
  console.log(`port_binding_result: ${result.status}, operation ${result.operation_id}`);
  await cloud.show(task);
  const ports = await cloud.portsOf(task);
  const nics = task.ports?.length ?? 0;
  if (result.status !== 'succeeded' || ports.length !== nics) {
    throw new Error(`expected one Neutron port for each of ${nics} NICs, found ${ports.length}`);
  }
  await showOperation(result.operation_id);
  console.log(`${nics} NICs, ${ports.length} Neutron ports: nothing was made twice, nothing was lost.`);
  await step(cloud, conductor, 'remove_cleaning_network', task);
}

async function showOperation(id: string): Promise<void> {
  const database = await openDatabase({ connection: databaseUrl, maxPoolSize: 1, connectTimeout: 10_000 });
  const [row] = await database.query<{ attempts: number; status: string }[]>(
    'SELECT attempts, status FROM operations WHERE id = ?',
    [id],
  );
  await database.destroy();
  console.log(`On record: one operation, begun ${row?.attempts ?? 0} times, ${row?.status ?? 'unknown'}.`);
}

async function main(): Promise<void> {
  const env = { NETPROV_TRANSPORT_URL: transportUrl, NETPROV_DATABASE_URL: databaseUrl };
  const upgraded = await netprov(['db', 'upgrade'], env);
  if (upgraded.code !== 0) throw new Error(`netprov db upgrade failed:\n${upgraded.stderr}`);

  say('The cloud: management networks and two tenant networks, made in Neutron');
  const cloud = new Cloud(endpoint, SIMULATED ? 'The SIMULATED Neutron' : 'Neutron');
  closers.push(() => cloud.neutron.drop());
  const networks = await cloud.makeNetworks();
  for (const { name, id } of Object.values<Network>({ ...networks })) console.log(`  ${name.padEnd(18)} ${id}`);

  const [nics, lag] = [twoNics(), oneLag()];
  await reportAgents([nics, lag]);
  const held = await HttpProxy.start(endpoint);
  closers.push(() => held.stop());
  const worker = await startWorker(workerEnv(networks, held.url));
  console.log(`\nA worker serves ${HOSTS.join(' and ')}.`);

  const client = new NetworkProviderClient({ transportUrl });
  closers.push(() => client.close());
  const second = new CommandConductor(HOSTS[1], client, env);
  await second.listen();
  closers.push(() => second.close());
  const first = await firstConductor(client, env);

  say('node-1 has two NICs');
  await life(cloud, networks, first, nics);
  say('node-2 has two NICs that form one LAG: its ramdisks use them one by one, its tenant as one');
  await life(cloud, networks, second, lag);
  await murder(cloud, networks, first, nics, held, worker);
  if (CONSOLE) await showConsole(workerEnv(networks, endpoint));
}

/** Serves the console until Ctrl-C. */
async function showConsole(env: Record<string, string>): Promise<void> {
  const api = await startApi(env);
  closers.push(() => api.stop());
  say(`The console: ${api.endpoint}/console/ shows these nodes and what was done with them. Ctrl-C ends the demo.`);
  await once(process, 'SIGINT');
}

/**
 * Reports the agents of the nodes: Neutron's bare-metal driver needs them alive. In a cloud, ironic-neutron-agent does
 * this.
 */
async function reportAgents(tasks: TaskInput[]): Promise<void> {
  if (SIMULATED) return;
  const agents = new BaremetalAgents();
  closers.push(() => agents.drop());
  for (const { node } of tasks) await agents.report(node.uuid);
}

/**
 * The Python conductor where Debian's packages are installed, which is where Neutron is real; otherwise the command.
 */
async function firstConductor(client: NetworkProviderClient, env: Record<string, string>): Promise<Conductor> {
  if (!SIMULATED) {
    const conductor = new PythonConductor(HOSTS[0], { transportUrl, exchange: EXCHANGE, topic: TOPIC });
    closers.push(() => conductor.close());
    return conductor;
  }
  const conductor = new CommandConductor(HOSTS[0], client, env);
  await conductor.listen();
  closers.push(() => conductor.close());
  return conductor;
}

try {
  await main();
  if (!CONSOLE) say('script/demo --console shows the same in a browser.');
  say(SIMULATED ? 'Done. Neutron was simulated; RabbitMQ, the database and the workers were real.' : 'Done.');
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  for (const close of closers.reverse())
    await close().catch((error: unknown) => {
      console.error(error);
    });
}
