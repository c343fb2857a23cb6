import { pause } from '../../src/async/pause.js';
import type { OperationResult } from '../../src/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { untilPlugFails } from '../../testkit/wire/disturbed.js';
import { twoNics, type Walker } from '../../testkit/wire/moves.js';
import { PARKING_VLAN } from '../../testkit/wire/stations.js';
import type { Wire } from '../../testkit/wire/wire.js';
import type { Outside } from './evidence.js';
import type { WireFaultKind } from './kinds.js';
import type { PlannedRound } from './plan.js';

/** Where a fault happens, and how it knows what goes on. */
export interface FaultSite {
  wire: Wire;
  walkers: readonly Walker[];
  planned: PlannedRound;
  /** Whether all moves of the round have their results. */
  isMoved: () => boolean;
  /** What the fault does to networks past all workers. */
  outside: Outside[];
}

/** The parts of a fault: before the casts, beside them, after their results, and after the look at the nodes at rest. */
export interface WireFault {
  before?: (site: FaultSite) => Promise<void> | void;
  beside?: (site: FaultSite) => Promise<void>;
  after?: (site: FaultSite) => Promise<void> | void;
  restore?: (site: FaultSite) => Promise<void>;
}

/** Lasts until Neutron could not plug a switch port in, and then for a while. */
async function lasting({ wire, planned, isMoved }: FaultSite, failed: number): Promise<void> {
  await untilPlugFails(wire, failed, isMoved);
  const end = Date.now() + planned.lasts;
  while (!isMoved() && Date.now() < end) await pause(100);
}

const away: WireFault = {
  before: ({ wire }) => wire.rack.login.close(),
  beside: async (site) => {
    await lasting(site, site.wire.failedPlugs);
    await site.wire.rack.login.open();
  },
};

const cut: WireFault = {
  beside: async (site) => {
    const { wire, planned, isMoved } = site;
    const { login, leaf } = wire.rack;
    const [settings, failed] = [leaf.settings.length, wire.failedPlugs];
    await until('the switch is configured', () => leaf.settings.length > settings || isMoved());
    // Some commands, or all, have come by then.
    await pause(planned.delay / 20);
    await login.cut();
    await lasting(site, failed);
    await login.open();
  },
};

const slow: WireFault = {
  before: ({ wire, planned }) => {
    wire.rack.login.slow(planned.lasts / 1000);
  },
  after: ({ wire }) => {
    wire.rack.login.slow(0);
  },
};

const refuse: WireFault = {
  before: ({ wire, planned }) => {
    wire.rack.login.refuse(planned.refused);
  },
  beside: async (site) => {
    await lasting(site, site.wire.failedPlugs);
    site.wire.rack.login.refuse(null);
  },
};

/** The ports of the switch at which nodes are. */
export const switchPortsOf = ({ rack }: Wire): string[] =>
  rack.stations
    .filter(({ moves }) => moves)
    .flatMap(({ cables, lag }) => (lag === null ? cables.map(({ port }) => port) : [lag]));

/** Nobody is told. Then its operator puts its first configuration back, in which all these ports are parked. */
const empty: WireFault = {
  after: async ({ wire, outside }) => {
    const window = { limit: 'empty switch' as const, node: null, reached: [null], begin: Date.now(), end: Infinity };
    outside.push(window);
    await wire.rack.login.cut();
    for (const port of switchPortsOf(wire)) await wire.rack.leaf.vsctl('clear', 'port', port, 'tag', 'vlan_mode');
    await wire.rack.login.open();
  },
  restore: async ({ wire, outside }) => {
    for (const port of switchPortsOf(wire)) {
      await wire.rack.leaf.vsctl('set', 'port', port, 'vlan_mode=access', `tag=${PARKING_VLAN}`);
    }
    for (const window of outside) window.end = Date.now();
  },
};

/** Another node, which has no switch port, is put on the cleaning network. */
const unknownPort: WireFault = {
  beside: async ({ wire, planned, outside }) => {
    const begin = Date.now();
    const result = await moveGhost(wire, planned);
    if (result.status === 'succeeded') {
      outside.push({ limit: 'unknown switch port', node: planned.uuid, reached: [], begin, end: Date.now() });
    }
    const { ports } = await wire.api.api<{ ports: { id: string }[] }>('GET', `ports?mac_address=${planned.mac}`);
    for (const { id } of ports) await wire.api.removePort(id);
  },
};

function moveGhost(wire: Wire, { uuid, mac }: PlannedRound): Promise<OperationResult> {
  const [port] = twoNics().task.ports ?? [];
  if (port === undefined) throw new Error('the node has no port');
  const link = { ...port.local_link_connection, port_id: 'n9e9' };
  const own = { ...port, uuid, address: mac, local_link_connection: link };
  return wire.cast('add_cleaning_network', {
    node: { uuid, name: 'ghost', network_provider: 'neutron' },
    ports: [own],
    portgroups: [],
  });
}

const killNeutron: WireFault = {
  before: ({ wire }) => {
    wire.rack.login.slow(1);
  },
  beside: async ({ wire, planned }) => {
    await pause(planned.delay);
    await wire.restartNeutron();
    wire.rack.login.slow(0);
  },
};

const killWorker: WireFault = {
  beside: async ({ wire, planned }) => {
    await pause(planned.delay);
    await wire.restartWorker();
  },
};

/** Somebody binds another port at the switch port of a tenant's node, on the cleaning network. */
const strayPort: WireFault = {
  before: async ({ wire, walkers, planned, outside }) => {
    const { name, task } = walkers.find((walker) => walker.name === planned.node) ?? twoNics();
    const reached = ['cleaning', null];
    outside.push({ limit: 'port of others', node: name, reached, begin: Date.now(), end: Infinity });
    await wire.api.makePort(wire.networks['cleaning'] ?? '', {
      ...{ device_owner: 'baremetal:none', device_id: task.node.uuid, mac_address: planned.mac },
      ...{ 'binding:vnic_type': 'baremetal', 'binding:host_id': task.node.uuid },
      'binding:profile': { local_link_information: [task.ports?.[0]?.local_link_connection] },
    });
  },
  after: ({ outside }) => {
    for (const window of outside) window.end = Date.now();
  },
};

export const WIRE_FAULTS: Readonly<Record<WireFaultKind, WireFault>> = {
  'switch-away': away,
  'switch-cut': cut,
  'switch-slow': slow,
  'switch-refuse': refuse,
  'switch-empty': empty,
  'port-unknown': unknownPort,
  'neutron-kill': killNeutron,
  'worker-kill': killWorker,
  'stray-port': strayPort,
};
