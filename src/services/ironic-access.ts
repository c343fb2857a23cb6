import { compareSides, type SideParts, type SideReport } from '../adoption/compare-sides.js';
import type { Config } from '../config/load.js';
import { IronicClient } from '../ironic/client.js';
import { OpenStackError } from '../openstack/errors.js';
import type { NodeScope } from '../state/index.js';

/** A client of Ironic; null: the configuration does not say where Ironic is. */
export function openIronic({ ironic }: Config): IronicClient | null {
  return ironic.auth_type === 'none' && ironic.endpoint_override === null ? null : new IronicClient(ironic);
}

/** How nodes differ from Ironic. */
export interface SidesFound {
  /** Null: it is not known where Ironic is, or it could not be asked. */
  sides: SideReport | null;
  /** Why it could not be asked; null: it was, or it is not known where it is. */
  error: string | null;
}

/** Compares nodes with Ironic. What was found in Neutron counts all the same if that fails. @throws the database's errors */
export async function findSides(
  scope: NodeScope,
  { ironic, ...parts }: Omit<SideParts, 'ironic'> & { ironic: SideParts['ironic'] | null },
): Promise<SidesFound> {
  if (ironic === null) return { sides: null, error: null };
  try {
    return { sides: await compareSides(scope, { ...parts, ironic }), error: null };
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    return { sides: null, error: error.message };
  }
}
