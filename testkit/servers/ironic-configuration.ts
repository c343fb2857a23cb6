import { authtokenOf, type KeystoneAccount } from './ironic-access.js';
import { ironicAbilities } from './ironic-release.js';

/** Where an Ironic is, and what it works with. */
export interface IronicNeeds {
  /** Its transport_url. */
  url: string;
  port: number;
  /** The URL of its API. */
  endpoint: string;
  /** The URL of Neutron. */
  neutron: string;
  rpc: 'oslo' | 'none';
  /** Its account in Keystone, whose tokens it wants then; null: nobody needs a token. */
  account: KeystoneAccount | null;
  /** Its amqp_durable_queues. */
  durable: boolean;
}

/** What all processes of an Ironic have in their ironic.conf. It begins within [DEFAULT]. */
export function ironicConfiguration(needs: IronicNeeds): string {
  const { url, port, endpoint, neutron, rpc, account, durable } = needs;
  return `
transport_url = ${url}
rpc_transport = ${rpc}
enabled_network_interfaces = noop,flat,neutron,netprov
default_network_interface = noop
enabled_boot_interfaces = fake,pxe
enabled_deploy_interfaces = fake,direct,custom-agent
enabled_inspect_interfaces = ${inspectInterfaces().join(',')}
# The fake one knows no disk to boot from.
enabled_management_interfaces = fake,noop
enabled_rescue_interfaces = fake,agent
# Read by OrderAudit.
notification_level = info
${account ? 'auth_strategy = keystone\nrbac_service_role_elevated_access = true' : ''}

[oslo_messaging_rabbit]
amqp_durable_queues = ${durable}

[oslo_messaging_notifications]
driver = messagingv2

[api]
host_ip = 127.0.0.1
port = ${port}
api_workers = 1

[agent]
# The simulated ramdisk has no certificate. Ironic wants one since 28.0, unless it is told not to.
require_tls = false
# No ramdisk has logs here.
deploy_logs_collect = never

[conductor]
# Nothing is switched on here whose state could change by itself.
sync_power_state_interval = 0

[netprov]
# Default 60: a test of a lost result waits for as long.
ask_after = 5

[neutron]
${credentials(account)}
endpoint_override = ${neutron}

[service_catalog]
${credentials(account)}
endpoint_override = ${endpoint}

[inventory]
data_backend = none
${account ? `\n[keystone_authtoken]\n${credentials(account)}\ninterface = public\n` : ''}`;
}

function inspectInterfaces(): string[] {
  const { inspector, agentInspection } = ironicAbilities();
  return ['fake', ...(inspector ? ['inspector'] : []), ...(agentInspection ? ['agent'] : [])];
}

/** How Ironic logs in to a service. */
function credentials(account: KeystoneAccount | null): string {
  const options = account === null ? { auth_type: 'none' } : authtokenOf(account);
  return Object.entries(options)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n');
}

/** Everything that Ironic writes goes to its own folder. */
export function ironicPaths(folder: string): string {
  return `
[DEFAULT]
state_path = ${folder}

[conductor]
file_url_allowed_paths = ${folder}

[deploy]
http_root = ${folder}/http
http_url = http://127.0.0.1

[pxe]
tftp_root = ${folder}/tftp
tftp_master_path = ${folder}/tftp/master
images_path = ${folder}/images
instance_master_path = ${folder}/images/master

[oslo_concurrency]
lock_path = ${folder}/lock

[oslo_policy]
policy_file = ${folder}/policy.yaml
policy_dirs = ${folder}/empty
`;
}
