/** Which kind of network a method is about. */
export type NetworkType = 'provisioning' | 'cleaning' | 'tenant';

/** Network types that Ironic itself uses; a node is never on one of them and on a tenant network at once. */
export const MANAGEMENT_NETWORK_TYPES: readonly NetworkType[] = ['provisioning', 'cleaning'];

/**
 * The methods of the NetworkProvider interface, version 1.0, by the names a conductor calls them with.
 * Source: the specification "Pluggable network providers", Driver API impact.
 */
export const METHODS = {
  add_provisioning_network: 'provisioning',
  remove_provisioning_network: 'provisioning',
  add_cleaning_network: 'cleaning',
  remove_cleaning_network: 'cleaning',
  configure_tenant_networks: 'tenant',
  unconfigure_tenant_networks: 'tenant',
} as const satisfies Record<string, NetworkType>;

export type MethodName = keyof typeof METHODS;

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}
