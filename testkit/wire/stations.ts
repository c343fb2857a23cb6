/** Where unplugged ports are: a VLAN of no network. */
export const PARKING_VLAN = 4000;

/** The names of the networks, and the VLAN of each. */
export type Vlans = Readonly<Record<string, number>>;

/** What is at the end of cables: a node, the conductor, or a tenant's server. Each has a network namespace. */
export interface Station {
  name: string;
  cables: readonly Cable[];
  /** The name of the LAG that its switch ports form, and that the switch is configured by; null if they form none. */
  lag: string | null;
  interfaces: readonly Interface[];
  /** Whether Neutron moves it from network to network. */
  moves: boolean;
}

interface Cable {
  nic: string;
  mac: string;
  /** The switch port. */
  port: string;
  /** The VLAN of the switch port at first. */
  vlan: number;
}

/** A NIC with which a station sends: one of its cables, or the bond of all. */
interface Interface {
  nic: string;
  mac: string;
  /** IPv4 addresses, each of a /24 network. */
  addresses: readonly string[];
  /** The network on which it always is; null if it moves. */
  network: string | null;
}

/** The networks, in the order of the conductor's NICs and then of the tenants. Nobody is on the last. */
export const NETWORKS = ['provisioning', 'cleaning', 'rescuing', 'tenant-a', 'tenant-b', 'quarantine'] as const;
const MANAGEMENT = NETWORKS.slice(0, 3);

/** The address of host `host` on a network. */
function address(network: string, host: number): string {
  return `10.${100 + NETWORKS.findIndex((name) => name === network)}.0.${host}`;
}

/** All stations of the rack. */
export function stations(vlans: Vlans): Station[] {
  return [node1(), node2(), conductor(vlans), tenant('tenant-a', vlans), tenant('tenant-b', vlans)];
}

/** Two NICs on two switch ports. Its addresses of all networks are on the first. */
function node1(): Station {
  const nics = [0, 1].map((index) => ({ nic: `eth${index}`, mac: mac(1, index) }));
  return {
    name: 'node1',
    cables: nics.map((nic, index) => ({ ...nic, port: `n1e${index}`, vlan: PARKING_VLAN })),
    lag: null,
    interfaces: nics.map((nic, index) => ({ ...nic, addresses: index === 0 ? ofNode(11) : [], network: null })),
    moves: true,
  };
}

/** Two NICs that form a LAG with LACP. */
function node2(): Station {
  return {
    name: 'node2',
    cables: [0, 1].map((index) => ({
      nic: `eth${index}`,
      mac: mac(2, index),
      port: `n2e${index}`,
      vlan: PARKING_VLAN,
    })),
    lag: 'n2lag',
    interfaces: [{ nic: 'bond0', mac: mac(2, 0), addresses: ofNode(12), network: null }],
    moves: true,
  };
}

/** One NIC on each management network. */
function conductor(vlans: Vlans): Station {
  const nics = MANAGEMENT.map((network, index) => ({ nic: `eth${index}`, mac: mac(12, index), network }));
  return {
    name: 'conductor',
    cables: nics.map(({ nic, mac, network }, index) => ({ nic, mac, port: `c${index}`, vlan: vlanOf(network, vlans) })),
    lag: null,
    interfaces: nics.map((nic) => ({ ...nic, addresses: [address(nic.network, 254)] })),
    moves: false,
  };
}

function tenant(network: string, vlans: Vlans): Station {
  const nic = { nic: 'eth0', mac: mac(network === 'tenant-a' ? 10 : 11, 0) };
  return {
    name: network,
    cables: [{ ...nic, port: network, vlan: vlanOf(network, vlans) }],
    lag: null,
    interfaces: [{ ...nic, addresses: [address(network, 254)], network }],
    moves: false,
  };
}

const ofNode = (host: number): string[] => NETWORKS.map((network) => address(network, host));

const mac = (station: number, nic: number): string =>
  `52:54:00:${station.toString(16).padStart(2, '0')}:00:${nic.toString(16).padStart(2, '0')}`;

function vlanOf(network: string, vlans: Vlans): number {
  const vlan = vlans[network];
  if (vlan === undefined) throw new Error(`no VLAN is given for the network ${network}`);
  return vlan;
}
