/** Which kind of network a method is about. */
export type NetworkType = ManagementNetworkType | 'tenant';

/** Network types that Ironic itself uses; a node is never on one of them and on a tenant network at once. */
export const MANAGEMENT_NETWORK_TYPES = ['provisioning', 'cleaning', 'rescuing', 'inspection', 'servicing'] as const;
export type ManagementNetworkType = (typeof MANAGEMENT_NETWORK_TYPES)[number];

/** Every kind of network. */
export const NETWORK_TYPES = [...MANAGEMENT_NETWORK_TYPES, 'tenant'] as const satisfies NetworkType[];

export function isManagementNetworkType(type: NetworkType): type is ManagementNetworkType {
  return type !== 'tenant';
}

/** Version of the interface that workers offer. Older minor versions are part of it. */
export const RPC_API_VERSION = '1.2';

interface Method {
  /** Version of the interface that has it first: what a request for it must ask for at least. */
  readonly since: '1.0' | '1.1' | '1.2';
  /** The type of network whose bindings it may change; null: it changes none. */
  readonly networkType: NetworkType | null;
  /** Whether it only asks, and changes nothing anywhere; one that repairs on demand does so unless its argument fix is set. */
  readonly asks?: true | 'unless fix';
  /** What its result has beside what every result has, once it succeeded. */
  readonly answers?: 'vifs' | 'current_vif' | 'need_power_on' | 'network_data' | 'findings';
}

/**
 * The methods of the NetworkProvider interface, by the names a conductor calls them with.
 * Source: 1.0, the specification "Pluggable network providers", Driver API impact; 1.1, what Ironic's NetworkInterface
 * (ironic/drivers/base.py) became, with its DHCP provider's update_dhcp_opts and its service step reattach_networking;
 * 1.2, this project's own.
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

/** The methods of a version. */
type Since<Version> = { [M in MethodName]: (typeof METHODS)[M]['since'] extends Version ? M : never }[MethodName];
/** What every provider has. */
export type BaseMethodName = Since<'1.0'>;
/** What a provider may have beside. */
export type FurtherMethodName = Since<'1.1' | '1.2'>;

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

export const METHOD_NAMES = Object.keys(METHODS) as MethodName[];
export const BASE_METHOD_NAMES = METHOD_NAMES.filter((name): name is BaseMethodName => METHODS[name].since === '1.0');

/** Whether the method, with these arguments, only asks, and changes nothing anywhere. */
export function onlyAsks(name: MethodName, { fix } = { fix: false }): boolean {
  const { asks }: Method = METHODS[name];
  return asks === 'unless fix' ? !fix : asks === true;
}

/** What the method's result has beside what every result has, once it succeeded; null: nothing. */
export function answerOf(name: MethodName): NonNullable<Method['answers']> | null {
  const method: Method = METHODS[name];
  return method.answers ?? null;
}
