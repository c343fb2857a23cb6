# shellcheck shell=bash
# A private Ironic without Keystone, API and conductor in one process, on the private MariaDB (database ironic) and RabbitMQ
# (vhost ironic). Its conductor knows the hardware type fake-hardware only. Its network interface neutron works with the
# private Neutron, when that is up; its network interface netprov, from the folder ironic/, with a worker that a test or a
# person starts for the host conductor-1.

# Debian's ironic-api and ironic-conductor add nothing but units, and servers for TFTP and iSCSI.
ironic_packages() {
  echo ironic-common
}

ironic_up() {
  if running ironic && ironic_configure | cmp -s - "$DIR/ironic/ironic.conf"; then return; fi
  [[ -x /usr/bin/ironic ]] || die "this distribution's ironic-common package has no /usr/bin/ironic"
  stop_processes 5 ironic
  remember_port ironic
  local log=$SERVICES/log/ironic.log
  mkdir -p "$DIR/ironic/lock" "$DIR/ironic/empty" "$DIR/ironic/http" "$DIR/ironic/plugin"
  ironic_configure >"$DIR/ironic/ironic.conf"
  if [[ ! -e $DIR/ironic/schema ]]; then step "$log" "making Ironic's database schema" ironic_schema; fi
  step "$log" "starting Ironic on port ${STATE[ironic_port]}" ironic_start
  remember ironic_wanted yes
}

# The empty configuration folder keeps /etc/ironic from being read: it is the system's own Ironic's.
IRONIC_OPTIONS=(--config-file "$DIR/ironic/ironic.conf" --config-dir "$DIR/ironic/empty")

ironic_schema() {
  # Made from nothing: create_schema refuses what an earlier attempt left half done.
  mariadb_query "DROP DATABASE IF EXISTS ironic; CREATE DATABASE ironic"
  clean /usr/bin/python3 /usr/bin/ironic-dbsync "${IRONIC_OPTIONS[@]}" create_schema
  touch "$DIR/ironic/schema"
}

ironic_start() {
  rabbitmq_api vhosts/ironic --request PUT
  ironic_plugin
  start_process ironic env PYTHONPATH="$DIR/ironic/plugin" /usr/bin/python3 /usr/bin/ironic "${IRONIC_OPTIONS[@]}"
  wait_until ironic 60 ironic_answers
}

# The network interface netprov, for this Ironic alone: the module as it stands, and the entry points by which Ironic finds
# it.
ironic_plugin() {
  ln -sfn "$ROOT/ironic/ironic_netprov" "$DIR/ironic/plugin/ironic_netprov"
  (cd "$ROOT/ironic" && clean PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -W ignore -c 'import setuptools; setuptools.setup()' \
    egg_info --egg-base "$DIR/ironic/plugin")
}

# Nodes can be enrolled once the conductor has registered its hardware types.
ironic_answers() {
  curl --silent --fail --noproxy '*' "$(ironic_url)/v1/drivers" | grep -q fake-hardware
}

ironic_url() {
  echo "http://127.0.0.1:${STATE[ironic_port]}"
}

ironic_configure() {
  local interface
  cat <<CONF
[DEFAULT]
auth_strategy = noauth
host = conductor-1
# API and conductor are one process: no message queue between them.
rpc_transport = none
# Of the network interface netprov, whose requests go to workers.
transport_url = $(rabbitmq_url ironic)
state_path = $DIR/ironic
rootwrap_config = /etc/ironic/rootwrap.conf
enabled_hardware_types = fake-hardware
enabled_network_interfaces = noop,flat,neutron,netprov
default_network_interface = noop
enabled_storage_interfaces = noop,fake
CONF
  for interface in bios boot console inspect management power raid rescue vendor; do
    echo "enabled_${interface}_interfaces = fake"
  done
  echo "enabled_deploy_interfaces = fake,direct,custom-agent"
  cat <<CONF

[api]
host_ip = 127.0.0.1
port = ${STATE[ironic_port]}

[database]
connection = $(mariadb_url mysql+pymysql ironic)

[agent]
# No ramdisk has logs here.
deploy_logs_collect = never

[conductor]
# Nothing is switched on here whose state could change by itself.
sync_power_state_interval = 0

[deploy]
http_root = $DIR/ironic/http
http_url = http://127.0.0.1

[oslo_concurrency]
lock_path = $DIR/ironic/lock

[oslo_policy]
policy_file = $DIR/ironic/policy.yaml
policy_dirs = $DIR/ironic/empty

[netprov]
# Default 60: a test of a lost result waits for as long.
ask_after = 5

[neutron]
auth_type = none
${STATE[neutron_port]:+endpoint_override = $(neutron_url)}

[service_catalog]
auth_type = none
endpoint_override = $(ironic_url)

[inspector]
auth_type = none
endpoint_override = $(ironic_url)
CONF
}
