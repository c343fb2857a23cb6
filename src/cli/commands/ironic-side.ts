import { compareSides, type SideReport } from '../../adoption/compare-sides.js';
import type { Config } from '../../config/load.js';
import { NeutronClient } from '../../neutron/client.js';
import { OpenStackError } from '../../openstack/errors.js';
import { withRecords } from '../../services/database-access.js';
import { openIronic } from '../../services/ironic-access.js';
import type { NodeScope } from '../../state/index.js';
import { IronicUnreadable } from '../exit.js';

/**
 * Compares nodes on record with Ironic, if the configuration says where Ironic is.
 *
 * @returns null: it does not say so
 * @throws IronicUnreadable, DatabaseUnreachable
 */
export async function compareWithIronic(config: Config, scope: NodeScope): Promise<SideReport | null> {
  const ironic = openIronic(config);
  if (ironic === null) return null;
  const neutron = new NeutronClient(config.neutron);
  try {
    return await withRecords(config, (_, dataSource) => compareSides(scope, { dataSource, ironic, neutron }));
  } catch (error) {
    throw error instanceof OpenStackError ? new IronicUnreadable(error) : error;
  } finally {
    await ironic.close();
    await neutron.close();
  }
}

/** Compares those nodes with Ironic again that differed, or were repaired. */
export async function compareAgain(
  config: Config,
  { compared, findings }: SideReport,
  repaired: readonly { node: string }[],
): Promise<SideReport> {
  const nodes = [...new Set([...findings.keys(), ...repaired.map(({ node }) => node)])];
  const again = await compareWithIronic(config, { nodes });
  return { compared, findings: again?.findings ?? findings };
}
