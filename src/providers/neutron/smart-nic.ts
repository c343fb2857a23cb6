import type { Operation } from './operation.js';
import { looks } from './wait.js';

/**
 * The hosts of these smart NICs that have no live agent. Only an agent on the NIC itself can plug or unplug a port, so
 * it must be up before Neutron is told anything. Waits for it as long as for a binding.
 *
 * Source: Ironic, common/neutron.py, wait_for_host_agent.
 */
export async function hostsWithoutAgent(
  hosts: readonly (string | null)[],
  { client, request, options }: Operation,
): Promise<Set<string>> {
  const missing = new Set(hosts.filter((host) => host !== null));
  if (missing.size === 0) return missing;
  const look = async (timeout?: number): Promise<void> => {
    const agents = await client.listAgents([...missing], { ...request, timeout });
    for (const { host, alive } of agents) if (alive) missing.delete(host);
  };
  await look();
  for await (const timeout of missing.size === 0 ? [] : looks(options.neutron, request.signal)) {
    await look(timeout);
    if (missing.size === 0) break;
  }
  return missing;
}

export function noAgent(host: string): string {
  return `no Neutron agent is alive on smart NIC host ${host}: see that it runs and that Neutron lists it (openstack network agent list)`;
}
