import { isIPv6 } from 'node:net';

/**
 * The address and the netmask of a network, as network_data.json has them: 10.0.0.0/8 is 10.0.0.0 and 255.0.0.0, and
 * 2001:db8::/32 is 2001:db8:: and ffff:ffff::. IPv6 is written as Python's ipaddress does it, which is RFC 5952.
 *
 * @param cidr as Neutron has it: without bits of a host, but in any spelling
 */
export function networkAndNetmask(cidr: string): { network: string; netmask: string } {
  const [address = '', length = ''] = cidr.split('/');
  const prefix = Number(length);
  if (!isIPv6(address)) return { network: address, netmask: maskParts(prefix, 4, 8).join('.') };
  const parts = maskParts(prefix, 8, 16).map((part) => part.toString(16));
  return { network: canonical(address), netmask: canonical(parts.join(':')) };
}

/** The netmask in parts of so many bits. */
function maskParts(prefix: number, count: number, bits: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const zeros = bits - Math.min(Math.max(prefix - index * bits, 0), bits);
    return 2 ** bits - 2 ** zeros;
  });
}

/** A URL's host is written as RFC 5952 says: in lower case, the longest run of zeros as two colons. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
