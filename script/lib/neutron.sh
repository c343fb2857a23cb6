# shellcheck shell=bash
# A private Neutron without Keystone, with the real bare-metal ML2 driver (networking-baremetal), on the private
# RabbitMQ (vhost neutron) and MariaDB (database neutron).

neutron_packages() {
  printf '%s\n' neutron-server neutron-plugin-ml2 ironic-neutron-agent
}

neutron_up() {
  if running neutron && neutron_configure | cmp -s - "$DIR/neutron/neutron.conf"; then return; fi
  [[ -x /usr/bin/neutron-server ]] || die "this distribution's neutron-server package has no /usr/bin/neutron-server"
  stop_processes 5 neutron
  remember_port neutron
  local log=$SERVICES/log/neutron.log
  mkdir -p "$DIR/neutron/lock" "$DIR/neutron/empty"
  neutron_configure >"$DIR/neutron/neutron.conf"
  if [[ ! -e $DIR/neutron/schema ]]; then step "$log" "making Neutron's database schema" neutron_schema; fi
  step "$log" "starting Neutron on port ${STATE[neutron_port]}" neutron_start
  remember neutron_wanted yes
}

neutron_schema() {
  neutron_run neutron-db-manage upgrade head
  touch "$DIR/neutron/schema"
}

neutron_start() {
  rabbitmq_api vhosts/neutron --request PUT
  cp "$(neutron_paste_file)" "$DIR/neutron/api-paste.ini"
  # Without Keystone everybody is admin. From Neutron 26 (2025.1) on, that is not enough for a port's binding:profile.
  echo '"service_api": "role:service or role:admin"' >"$DIR/neutron/policy.yaml"
  start_process neutron /usr/bin/python3 /usr/bin/neutron-server "${NEUTRON_OPTIONS[@]}"
  wait_until neutron 120 neutron_answers
}

# Debian's Python, whichever other one comes first on PATH. The empty configuration folder keeps /etc/neutron from
# being read: it is the system's own Neutron's, and closed to ordinary users.
NEUTRON_OPTIONS=(--config-file "$DIR/neutron/neutron.conf" --config-dir "$DIR/neutron/empty")

neutron_run() {
  local program=$1
  shift
  clean /usr/bin/python3 "/usr/bin/$program" "${NEUTRON_OPTIONS[@]}" "$@"
}

# The first one that this user may read.
neutron_paste_file() {
  local file
  for file in /usr/share/neutron-common/api-paste.ini /usr/share/neutron/api-paste.ini /etc/neutron/api-paste.ini; do
    if [[ -r $file ]]; then
      echo "$file"
      return
    fi
  done
  echo "no readable api-paste.ini of Neutron found"
  return 1
}

# The API answers before the RPC workers listen; an agent's report that comes in between would be lost.
neutron_answers() {
  curl --silent --fail --noproxy '*' "$(neutron_url)/" && rabbitmq_api consumers/neutron | grep -q q-reports-plugin
}

neutron_url() {
  echo "http://127.0.0.1:${STATE[neutron_port]}"
}

# How many processes serve its API.
neutron_api_workers() {
  echo "${STATE[neutron_api_workers]:-1}"
}

neutron_configure() {
  cat <<CONF
[DEFAULT]
core_plugin = ml2
service_plugins = segments
auth_strategy = noauth
bind_host = 127.0.0.1
bind_port = ${STATE[neutron_port]}
transport_url = $(rabbitmq_url neutron)
api_workers = $(neutron_api_workers)
rpc_workers = 1
api_paste_config = $DIR/neutron/api-paste.ini
state_path = $DIR/neutron
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
# Nodes are reported once by whoever needs them, and not every 30 s as by ironic-neutron-agent.
agent_down_time = 3600

[database]
connection = $(mariadb_url mysql+pymysql neutron)

[oslo_concurrency]
lock_path = $DIR/neutron/lock

[oslo_policy]
policy_file = $DIR/neutron/policy.yaml
policy_dirs = $DIR/neutron/empty

[quotas]
default_quota = -1
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_security_group = -1
quota_security_group_rule = -1

[ml2]
type_drivers = flat,vlan
tenant_network_types = vlan
mechanism_drivers = baremetal,openvswitch
extension_drivers = port_security

[ml2_type_vlan]
network_vlan_ranges = physnet1:100:3999

[ml2_type_flat]
flat_networks = *
CONF
}
