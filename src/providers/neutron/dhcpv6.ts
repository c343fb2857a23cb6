import { isIPv6 } from 'node:net';
import type { NeutronPort } from '../../neutron/resources.js';
import type { Operation } from './operation.js';

const STATEFUL = 'dhcpv6-stateful';

/**
 * Firmware, boot loader and ramdisk ask a DHCPv6 server under different names (DUID, IAID), and each needs an address
 * of its own: gives a port in a stateful subnet as many as the option says. Only its first address counts, as in Ironic.
 */
export async function withAddressesToBoot(port: NeutronPort, operation: Operation): Promise<NeutronPort> {
  const { client, options, request, limits, context } = operation;
  const [first] = port.fixed_ips;
  if (first === undefined || !isIPv6(first.ip_address)) return port;
  const has = port.fixed_ips.filter(({ subnet_id: id }) => id === first.subnet_id).length;
  const lacks = options.neutron.dhcpv6_stateful_address_count - has;
  if (lacks <= 0 || (await addressMode(first.subnet_id, operation)) !== STATEFUL) return port;
  const more = Array.from({ length: lacks }, () => ({ subnet_id: first.subnet_id }));
  const fixed_ips = [...port.fixed_ips, ...more];
  context.log.info('addresses added to Neutron port', { port: port.id, subnet: first.subnet_id, addresses: lacks });
  return limits.run(port['binding:profile'], () => client.updatePort(port.id, { fixed_ips }, request));
}

async function addressMode(subnet: string, { client, request, addressModes }: Operation): Promise<string | null> {
  const known = addressModes.get(subnet);
  if (known !== undefined) return known;
  const [found] = await client.listSubnets([subnet], request);
  const mode = found?.ipv6_address_mode ?? null;
  addressModes.set(subnet, mode);
  return mode;
}
