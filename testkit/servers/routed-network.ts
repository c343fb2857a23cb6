import { randomUUID } from 'node:crypto';

import { until } from '../fixtures/poll.js';
import type { BaremetalAgents } from './baremetal-agent.js';
import type { TestNeutron } from './neutron.js';

interface Subnet {
  id: string;
  segment_id: string | null;
}

/** A network with each subnet on one segment: a port gets its address only when its host is known. */
export interface RoutedNetwork {
  id: string;
  /** On physnet1, the physical network of live nodes. */
  subnet: Subnet;
  /** On a separate physical network. */
  far: { physnet: string; subnet: Subnet };
}

/** Makes a routed network; drop() of TestNeutron removes it. */
export async function makeRoutedNetwork(neutron: TestNeutron): Promise<RoutedNetwork> {
  const { id } = await neutron.makeNetwork();
  const { subnets } = await neutron.api<{ subnets: Subnet[] }>('GET', `subnets?network_id=${id}`);
  for (const subnet of subnets) await neutron.api('DELETE', `subnets/${subnet.id}`);
  const { segments } = await neutron.api<{ segments: { id: string }[] }>('GET', `segments?network_id=${id}`);
  const physnet = `physnet-${randomUUID().slice(0, 8)}`;
  const { segment } = await neutron.api<{ segment: { id: string } }>('POST', 'segments', {
    segment: { network_id: id, network_type: 'flat', physical_network: physnet },
  });
  return {
    id,
    subnet: await makeSubnet(neutron, id, segments[0]?.id ?? ''),
    far: { physnet, subnet: await makeSubnet(neutron, id, segment.id) },
  };
}

/**
 * Reports the node until Neutron has it on a segment of the network. Neutron maps a host to all segments of its physical
 * networks in one transaction. That fails, unseen by the agent, when another test removes one of these segments at that
 * moment; and Neutron maps a host again only if it is new (_update_segment_host_mapping_for_agent).
 */
export async function reportOnSegment(
  node: string,
  { id }: RoutedNetwork,
  { neutron, agents }: { neutron: TestNeutron; agents: BaremetalAgents },
): Promise<void> {
  await until('the node is on a segment of the network', async () => {
    await agents.report(node);
    try {
      await neutron.removePort((await neutron.makePort(id, { 'binding:host_id': node })).id);
      return true;
    } catch (error) {
      if (!String(error).includes('HostNotConnectedToAnySegment')) throw error;
      await agents.forget(node);
      return false;
    }
  });
}

async function makeSubnet(neutron: TestNeutron, network_id: string, segment_id: string): Promise<Subnet> {
  const cidr = `10.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}.0/24`;
  const subnet = { network_id, segment_id, ip_version: 4, cidr, enable_dhcp: false };
  return (await neutron.api<{ subnet: Subnet }>('POST', 'subnets', { subnet })).subnet;
}
