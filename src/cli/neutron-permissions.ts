import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import type { Logger } from '../log.js';
import type { NeutronClient } from '../neutron/client.js';
import { missingPermissions, PERMISSIONS_REMEDY, visibleNetworks } from '../neutron/permissions.js';
import type { NeutronProviderOptions } from '../providers/neutron/options.js';

/**
 * Says in the log which networks of the configuration the credentials cannot see, and which permissions they lack to
 * make ports there. A worker that starts need not wait for it, nor for a Neutron that is away.
 */
export async function reportPermissions(
  options: NeutronProviderOptions,
  client: NeutronClient,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  if (options.neutron.auth_type === 'none' && options.neutron.endpoint_override === null) return;
  try {
    const networks = await configuredNetworks(options, client, log, signal);
    const [network] = networks;
    if (network === undefined) return;
    const missing = await missingPermissions(client, network, { signal });
    if (missing.length === 0) log.info('the credentials for Neutron may make ports', { networks: networks.length });
    else {
      log.error(`the credentials for Neutron lack permissions: ${PERMISSIONS_REMEDY}`, {
        missing: missing.join(', '),
        network,
      });
    }
  } catch (error) {
    if (signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    log.warn('what the credentials for Neutron may do could not be checked', { reason });
  }
}

/** Ids of the configured networks. One that is not there, or not shown, is named in the log. */
async function configuredNetworks(
  options: NeutronProviderOptions,
  client: NeutronClient,
  log: Logger,
  signal: AbortSignal,
): Promise<string[]> {
  const set = MANAGEMENT_NETWORK_TYPES.flatMap((type): { option: string; value: string }[] => {
    const value = options[`${type}_network`];
    return value === null ? [] : [{ option: `${type}_network`, value }];
  });
  const visible = await visibleNetworks(
    client,
    set.map(({ value }) => value),
    { signal },
  );
  const ids = new Set<string>();
  for (const { option, value } of set) {
    const [network] = visible.get(value) ?? [];
    if (network !== undefined) ids.add(network.id);
    else {
      log.error('Neutron shows no such network: it does not exist, or the credentials may not see it', {
        option,
        value,
      });
    }
  }
  return [...ids];
}
