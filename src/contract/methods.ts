/** The kind of network that a method is about. */
export type NetworkType = ManagementNetworkType | 'tenant';

/** The network types that Ironic itself uses. A node is never on one of these and on a tenant network at once. */
export const MANAGEMENT_NETWORK_TYPES = ['provisioning', 'cleaning', 'rescuing', 'inspection', 'servicing'] as const;
export type ManagementNetworkType = (typeof MANAGEMENT_NETWORK_TYPES)[number];

/** Every kind of network. */
export const NETWORK_TYPES = [...MANAGEMENT_NETWORK_TYPES, 'tenant'] as const satisfies NetworkType[];

export function isManagementNetworkType(type: NetworkType): type is ManagementNetworkType {
  return type !== 'tenant';
}

/** The version of the interface that workers offer. It includes all older minor versions. */
export const RPC_API_VERSION = '1.2';

interface Method {
  /** The first version of the interface that has the method. A request for it must have at least this version. */
  readonly since: '1.0' | '1.1' | '1.2';
  /** The network type whose bindings the method may change. Null: it changes none, or those of every type. */
  readonly networkType: NetworkType | null;
  /**
   * Whether the method only reads, and changes nothing anywhere. 'unless fix': it repairs if its argument fix is set.
   */
  readonly asks?: true | 'unless fix';
  /** The additional field that the method's result has if it succeeded. */
  readonly answers?: 'vifs' | 'current_vif' | 'need_power_on' | 'network_data' | 'findings';
}

/**
 * The methods of the NetworkProvider interface, by the names that conductors use.
 * Source: 1.0 is from the specification "Pluggable network providers", Driver API impact. 1.1 is from Ironic's present
 * NetworkInterface (ironic/drivers/base.py), its DHCP provider's update_dhcp_opts and its service step
 * reattach_networking. 1.2 is this project's own.
 */
export const METHODS = {
  add_provisioning_network: { since: '1.0', networkType: 'provisioning' },
  remove_provisioning_network: { since: '1.0', networkType: 'provisioning' },
  add_cleaning_network: { since: '1.0', networkType: 'cleaning' },
  remove_cleaning_network: { since: '1.0', networkType: 'cleaning' },
  configure_tenant_networks: { since: '1.0', networkType: 'tenant' },
  unconfigure_tenant_networks: { since: '1.0', networkType: 'tenant' },
  add_rescuing_network: { since: '1.1', networkType: 'rescuing' },
  remove_rescuing_network: { since: '1.1', networkType: 'rescuing' },
  add_inspection_network: { since: '1.1', networkType: 'inspection' },
  remove_inspection_network: { since: '1.1', networkType: 'inspection' },
  add_servicing_network: { since: '1.1', networkType: 'servicing' },
  remove_servicing_network: { since: '1.1', networkType: 'servicing' },
  vif_attach: { since: '1.1', networkType: 'tenant', answers: 'vifs' },
  vif_detach: { since: '1.1', networkType: 'tenant', answers: 'vifs' },
  port_changed: { since: '1.1', networkType: 'tenant' },
  portgroup_changed: { since: '1.1', networkType: 'tenant' },
  reattach: { since: '1.1', networkType: 'tenant' },
  update_dhcp_options: { since: '1.1', networkType: null },
  validate: { since: '1.1', networkType: null, asks: true },
  vif_list: { since: '1.1', networkType: null, asks: true, answers: 'vifs' },
  get_current_vif: { since: '1.1', networkType: null, asks: true, answers: 'current_vif' },
  need_power_on: { since: '1.1', networkType: null, asks: true, answers: 'need_power_on' },
  get_node_network_data: { since: '1.1', networkType: null, asks: true, answers: 'network_data' },
  reconcile: { since: '1.2', networkType: null, asks: 'unless fix', answers: 'findings' },
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;

/** The methods that were added in a version. */
type Since<Version> = { [M in MethodName]: (typeof METHODS)[M]['since'] extends Version ? M : never }[MethodName];
/** The methods that every provider has. */
export type BaseMethodName = Since<'1.0'>;
/** The methods that a provider may have in addition. */
export type FurtherMethodName = Since<'1.1' | '1.2'>;

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

export const METHOD_NAMES = Object.keys(METHODS) as MethodName[];
export const BASE_METHOD_NAMES = METHOD_NAMES.filter((name): name is BaseMethodName => METHODS[name].since === '1.0');

/** Whether the method, with these arguments, only reads and changes nothing anywhere. */
export function onlyAsks(name: MethodName, { fix } = { fix: false }): boolean {
  const { asks }: Method = METHODS[name];
  return asks === 'unless fix' ? !fix : asks === true;
}

/** The additional field that the method's result has if it succeeded. Null if it has none. */
export function answerOf(name: MethodName): NonNullable<Method['answers']> | null {
  const method: Method = METHODS[name];
  return method.answers ?? null;
}
