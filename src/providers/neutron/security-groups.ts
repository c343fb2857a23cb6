import { NetworkError } from '../../contract/errors.js';
import type { ManagementNetworkType } from '../../contract/methods.js';
import { NeutronError } from '../../neutron/errors.js';
import type { Operation } from './operation.js';

/**
 * The security groups of the ports on a management network; empty: Neutron's default. All are seen to exist, so that
 * nothing is made when one does not.
 *
 * @throws NetworkError that names those that are missing
 */
export async function securityGroupsFor(type: ManagementNetworkType, operation: Operation): Promise<readonly string[]> {
  const { options, client, request, securityGroups: known, wired } = operation;
  const wanted = wired ? options[`${type}_network_security_groups`] : [];
  const unknown = wanted.filter((id) => known.get(id) === undefined);
  if (unknown.length === 0) return wanted;
  const found = new Set((await client.listSecurityGroups(unknown, request)).map(({ id }) => id));
  for (const id of found) known.set(id, true);
  const missing = unknown.filter((id) => !found.has(id));
  if (missing.length === 0) return wanted;
  throw new NetworkError(
    `${type}_network_security_groups: Neutron has no security group ${missing.join(', ')}; make it, or correct the option`,
  );
}

/** Asks anew next time when Neutron says that one is gone. */
export function forgetSecurityGroups(error: unknown, wanted: readonly string[], { securityGroups }: Operation): void {
  if (!(error instanceof NeutronError && error.type === 'SecurityGroupNotFound')) return;
  for (const id of wanted) securityGroups.forget(id);
}
