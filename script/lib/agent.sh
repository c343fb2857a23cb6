# shellcheck shell=bash
# ironic-neutron-agent, as clouds with networking-baremetal run it: it lists the ports of an Ironic API, ours or Ironic's own,
# and tells the private Neutron that their nodes are there. Neutron's bare-metal driver binds ports of no others.

# Where netprov api listens by default.
AGENT_DEFAULT_API=http://127.0.0.1:6386

# It is in one of Neutron's packages.
agent_packages() {
  neutron_packages
}

agent_up() {
  [[ ${STATE[agent_api]:-} ]] || remember agent_api "$AGENT_DEFAULT_API"
  if [[ $(pids_of agent) ]] && agent_configure | cmp -s - "$DIR/agent/agent.conf"; then return; fi
  [[ -x /usr/bin/ironic-neutron-agent ]] || die "this distribution has no /usr/bin/ironic-neutron-agent"
  curl --silent --noproxy '*' --output /dev/null "${STATE[agent_api]}" ||
    die "nothing answers at ${STATE[agent_api]}, and the agent would end at once: start netprov api first, or say --api URL"
  stop_processes 5 agent
  mkdir -p "$DIR/agent/empty"
  agent_configure >"$DIR/agent/agent.conf"
  step "$SERVICES/log/agent.log" "starting ironic-neutron-agent, for ${STATE[agent_api]}" agent_start
  remember agent_wanted yes
}

agent_start() {
  start_process agent /usr/bin/python3 /usr/bin/ironic-neutron-agent --config-file "$DIR/agent/agent.conf" \
    --config-dir "$DIR/agent/empty"
  sleep 1
  ! gone agent || { echo "it ended at once" && return 1; }
}

agent_configure() {
  cat <<CONF
[DEFAULT]
transport_url = $(rabbitmq_url neutron)
state_path = $DIR/agent

[AGENT]
# Seconds after which a new node is known in Neutron, at most. Default 30.
report_interval = 5

[oslo_concurrency]
lock_path = $DIR/agent/lock

[ironic]
auth_type = none
endpoint_override = ${STATE[agent_api]}
CONF
}
