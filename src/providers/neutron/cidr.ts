import { isIPv6 } from 'node:net';

/** Bits of an address of each IP version. */
const BITS = { 4: 32, 6: 128 } as const;
/** Bits between two separators, and how such a part is written. */
const PARTS = { 4: { bits: 8, radix: 10, separator: '.' }, 6: { bits: 16, radix: 16, separator: ':' } } as const;

/**
 * The address and the netmask of a network, as network_data.json has them: 10.0.0.0/8 is 10.0.0.0 and 255.0.0.0, and
 * 2001:db8::/32 is 2001:db8:: and ffff:ffff::. IPv6 is written as RFC 5952 says, which is also how Python does it.
 */
export function networkAndNetmask(cidr: string): { network: string; netmask: string } {
  const [address = '', length = ''] = cidr.split('/');
  const version = isIPv6(address) ? 6 : 4;
  const bits = BigInt(BITS[version]);
  const prefix = BigInt(length);
  const mask = ((1n << prefix) - 1n) << (bits - prefix);
  return { network: written(read(address, version) & mask, version), netmask: written(mask, version) };
}

function read(address: string, version: 4 | 6): bigint {
  const { bits, radix } = PARTS[version];
  return parts(address, version).reduce(
    (value, part) => (value << BigInt(bits)) | BigInt(Number.parseInt(part, radix)),
    0n,
  );
}

function parts(address: string, version: 4 | 6): string[] {
  if (version === 4) return address.split('.');
  const [head = '', tail] = canonical(address).split('::');
  const of = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'));
  const missing = 8 - of(head).length - of(tail).length;
  return [...of(head), ...Array<string>(missing).fill('0'), ...of(tail)];
}

function written(value: bigint, version: 4 | 6): string {
  const { bits, radix, separator } = PARTS[version];
  const count = BITS[version] / bits;
  const part = (index: number): string =>
    ((value >> BigInt(bits * (count - 1 - index))) & ((1n << BigInt(bits)) - 1n)).toString(radix);
  const text = Array.from({ length: count }, (_, index) => part(index)).join(separator);
  return version === 4 ? text : canonical(text);
}

/** A URL's host is written as RFC 5952 says: in lower case, the longest run of zeros as two colons. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
