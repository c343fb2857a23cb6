import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Json } from '../../src/contract/types.js';
import { required } from './environment.js';
import { SecondNeutron } from './second-neutron.js';

/** The name under which Neutron knows the driver that plugs and unplugs. */
export const SWITCH_DRIVER = 'netprov_test_switches';

/** A change that a mechanism driver made to a switch port. */
interface Change {
  change: 'plug' | 'unplug';
  switch_port: Json;
  /** The Neutron port for which the change was made. */
  port: string;
  network: string;
}

/**
 * A second server of the tests' Neutron whose mechanism drivers plug and unplug switch ports: a real neutron-server
 * with a driver that does so whenever networking-generic-switch would, on a switch that is a file.
 */
export class SwitchedNeutron {
  private constructor(
    private readonly server: SecondNeutron,
    private readonly folder: string,
  ) {}

  /**
   * @param binds whether the driver that plugs also binds the ports, as networking-generic-switch does; otherwise the tests'
   *   usual driver binds them
   */
  static async start({ binds = false } = {}): Promise<SwitchedNeutron> {
    const folder = mkdtempSync(join(tmpdir(), 'netprov-switch-'));
    const environment = {
      PYTHONPATH: resolve('test/interop/python/switches'),
      NETPROV_TEST_SWITCH: fileIn(folder),
      ...(binds ? { NETPROV_TEST_SWITCH_BINDS: 'yes' } : {}),
    };
    const drivers = binds ? SWITCH_DRIVER : `${mechanismDrivers()},${SWITCH_DRIVER}`;
    const server = await SecondNeutron.start({ ml2: { mechanism_drivers: drivers } }, environment);
    return new SwitchedNeutron(server, folder);
  }

  /** The URL of its API. */
  get endpoint(): string {
    return this.server.endpoint;
  }

  /**
   * The changes of a switch port, in order.
   *
   * @param switchPort port_id of a local_link_connection
   */
  changesOf(switchPort: Json | undefined): Change[] {
    const file = fileIn(this.folder);
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    return lines.map((line) => JSON.parse(line) as Change).filter(({ switch_port: port }) => port === switchPort);
  }

  /** The network of a switch port; null if the switch port is unplugged. */
  networkOf(switchPort: Json | undefined): string | null {
    const last = this.changesOf(switchPort).at(-1);
    return last?.change === 'plug' ? last.network : null;
  }

  /** Sets whether the driver reaches the switch. If not, it fails to plug and to unplug. */
  setReachable(reachable: boolean): void {
    const away = `${fileIn(this.folder)}.away`;
    if (reachable) rmSync(away, { force: true });
    else writeFileSync(away, '');
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** Those of the tests' Neutron. */
function mechanismDrivers(): string {
  const configuration = readFileSync(required('NETPROV_NEUTRON_CONFIG'), 'utf8');
  return /^mechanism_drivers = (\S+)$/m.exec(configuration)?.[1] ?? '';
}

function fileIn(folder: string): string {
  return join(folder, 'changes');
}
