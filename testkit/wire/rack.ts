import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Cleanup } from '../fixtures/cleanup.js';
import { Namespaces } from './namespaces.js';
import { OpenVSwitch } from './open-vswitch.js';
import { PARKING_VLAN, type Station, stations, type Vlans } from './stations.js';
import { SwitchLogin } from './switch-login.js';

/** The switch's namespace. */
const SWITCH = 'switch';

/**
 * A rack: a switch (an Open vSwitch) with two nodes, a conductor and two tenants, each in a network namespace. The
 * conductor and the tenants stay on their networks; the nodes are parked, until Neutron configures the switch over SSH.
 */
export class Rack {
  private constructor(
    readonly namespaces: Namespaces,
    readonly leaf: OpenVSwitch,
    readonly login: SwitchLogin,
    readonly vlans: Vlans,
    private readonly cleanup: Cleanup,
  ) {}

  static async build(vlans: Vlans): Promise<Rack> {
    if (process.getuid?.() !== 0) throw new Error('only root can make network namespaces');
    const cleanup = new Cleanup();
    try {
      const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'netprov-wire-')), (made) => rm(made, { recursive: true }));
      const names = [SWITCH, ...stations(vlans).map(({ name }) => name)];
      const namespaces = cleanup.add(await Namespaces.make(names), (made) => made.remove());
      const leaf = await OpenVSwitch.start('leaf1', namespaces, SWITCH, join(folder, 'leaf1'));
      cleanup.add(leaf, (started) => started.stop());
      for (const station of stations(vlans)) await connect(station, namespaces, leaf, folder, cleanup);
      await leaf.watch();
      const login = cleanup.add(await SwitchLogin.start(leaf.rundir, join(folder, 'login')), (opened) =>
        opened.close(),
      );
      return new Rack(namespaces, leaf, login, vlans, cleanup);
    } catch (error) {
      await cleanup.run();
      throw error;
    }
  }

  get stations(): Station[] {
    return stations(this.vlans);
  }

  /** The VLAN of a port of the switch; null while it is a trunk. */
  vlanOf(port: string): number | null {
    return this.leaf.settings.findLast((setting) => setting.port === port)?.vlan ?? null;
  }

  async remove(): Promise<void> {
    await this.cleanup.run();
  }
}

/** Lays the cables of a station, configures its ports on the switch, and gives it its addresses. */
async function connect(
  station: Station,
  namespaces: Namespaces,
  leaf: OpenVSwitch,
  folder: string,
  cleanup: Cleanup,
): Promise<void> {
  const { name, cables, lag, interfaces } = station;
  for (const { nic, mac, port } of cables) await namespaces.cable({ name, nic, mac }, { name: SWITCH, port });
  if (lag === null) {
    for (const { port, vlan } of cables)
      await leaf.vsctl('add-port', leaf.bridge, port, 'vlan_mode=access', `tag=${vlan}`);
  } else {
    const ports = cables.map(({ port }) => port);
    await leaf.vsctl('add-bond', leaf.bridge, lag, ...ports, ...LACP, 'vlan_mode=access', `tag=${PARKING_VLAN}`);
    // Kernels without bonding are common in containers: the node's side of the LAG is an Open vSwitch of its own.
    const own = await OpenVSwitch.start('bond0', namespaces, name, join(folder, name));
    cleanup.add(own, (started) => started.stop());
    await own.vsctl('set', 'bridge', 'bond0', `other-config:hwaddr="${interfaces[0]?.mac ?? ''}"`);
    await own.vsctl('add-bond', 'bond0', 'lag', ...cables.map(({ nic }) => nic), ...LACP);
    await namespaces.ip(name, 'link set bond0 up');
  }
  for (const { nic, addresses } of interfaces) {
    for (const address of addresses) await namespaces.ip(name, `addr add ${address}/24 dev ${nic}`);
  }
  if (station.moves) for (const { port } of cables) await closeToTags(port, namespaces, leaf, folder);
}

const LACP = ['lacp=active', 'bond_mode=balance-tcp', 'other_config:lacp-time=fast'];

/**
 * Drops every frame with a VLAN tag on a port, in and out, as access ports of hardware do. networking-generic-switch's driver
 * for Open vSwitch clears vlan_mode and tag before it sets them: in between, for some 50 ms, the port is a trunk.
 */
async function closeToTags(port: string, namespaces: Namespaces, leaf: OpenVSwitch, folder: string): Promise<void> {
  await leaf.addFlow(`priority=100,in_port=${port},vlan_tci=0x1000/0x1000,actions=drop`);
  const rules = join(folder, 'rules');
  mkdirSync(rules, { recursive: true });
  const file = join(rules, port);
  const hook = `type filter hook egress device "${port}" priority 0`;
  writeFileSync(file, `table netdev wire_${port} {\n chain out {\n  ${hook};\n  meta protocol 8021q drop\n }\n}\n`);
  await namespaces.in(SWITCH, ['nft', '-f', file]);
}
