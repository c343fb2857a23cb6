# shellcheck shell=bash
# Three RabbitMQ nodes that form one cluster: quorum queues and streams have a replica on each. They are beside the single
# RabbitMQ, with an epmd of their own.

RABBITMQ_NODES=(rabbit1 rabbit2 rabbit3)

rabbitmq_cluster_packages() {
  rabbitmq_packages
}

rabbitmq_cluster_up() {
  local node missing=()
  for node in "${RABBITMQ_NODES[@]}"; do running "$node" || missing+=("$node"); done
  ((${#missing[@]} > 0)) || return 0
  rabbitmq_nodes_up "${missing[@]}"
}

# rabbitmq_nodes_up NODE...: starts nodes that do not run.
rabbitmq_nodes_up() {
  local node
  stop_processes 0 "$@"
  remember_password rabbitmq_password
  running cluster_epmd || remember_port cluster_epmd
  for node; do
    remember_port "$node"
    remember_port "${node}_management"
    remember_port "${node}_dist"
  done
  step "$SERVICES/log/rabbitmq-cluster.log" "starting $* of the RabbitMQ cluster" rabbitmq_nodes_start "$@"
}

rabbitmq_nodes_start() {
  local node
  if ! running cluster_epmd; then
    start_process cluster_epmd env ERL_EPMD_ADDRESS=127.0.0.1 epmd -port "${STATE[cluster_epmd_port]}"
    wait_until cluster_epmd 10 listening "${STATE[cluster_epmd_port]}"
  fi
  # The first node makes the cluster, which the others join when they have no data. Nodes that have data wait for each
  # other: only the one that stopped last knows everything.
  if [[ ! -e $DIR/rabbit1/data && $1 == rabbit1 ]]; then
    rabbitmq_node_start rabbit1
    wait_until rabbit1 120 rabbitmq_node_answers rabbit1
    shift
  fi
  for node; do rabbitmq_node_start "$node"; done
  for node; do wait_until "$node" 120 rabbitmq_node_answers "$node"; done
}

rabbitmq_node_start() {
  local node=$1
  mkdir -p "$DIR/$node" "$DIR/home"
  rabbitmq_node_configure "$node"
  # conf.d: there is none. If no folder were named, RabbitMQ would read /etc/rabbitmq/conf.d.
  start_process "$node" env \
    ERL_EPMD_PORT="${STATE[cluster_epmd_port]}" \
    RABBITMQ_CONF_ENV_FILE="$DIR/$node/env.conf" \
    RABBITMQ_NODENAME="$node@localhost" \
    RABBITMQ_DIST_PORT="${STATE[${node}_dist_port]}" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$RABBITMQ_ERLANG_OPTIONS" \
    RABBITMQ_CONFIG_FILE="$DIR/$node/rabbitmq.conf" \
    RABBITMQ_CONFIG_FILES="$DIR/$node/conf.d" \
    RABBITMQ_ADVANCED_CONFIG_FILE="$DIR/$node/advanced.config" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$DIR/$node/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$DIR/$node/data" \
    RABBITMQ_LOG_BASE="$DIR/log" \
    RABBITMQ_LOGS=- \
    RABBITMQ_PID_FILE="$DIR/$node/pid" \
    "$RABBITMQ_SERVER"
}

rabbitmq_node_configure() {
  local node=$1
  : >"$DIR/$node/env.conf"
  echo '[rabbitmq_management].' >"$DIR/$node/enabled_plugins"
  cat >"$DIR/$node/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:${STATE[${node}_port]}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${STATE[${node}_management_port]}
default_user = $RABBITMQ_USER
default_pass = ${STATE[rabbitmq_password]}
disk_free_limit.absolute = 50MB
cluster_partition_handling = pause_minority
raft.wal_max_size_bytes = 64000000
log.console = true
CONF
  [[ $node == rabbit1 ]] || cat >>"$DIR/$node/rabbitmq.conf" <<CONF
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = rabbit1@localhost
CONF
}

rabbitmq_node_answers() {
  listening "${STATE[$1_port]}" && curl --silent --fail --noproxy '*' "$(rabbitmq_node_management_url "$1")/api/vhosts"
}

rabbitmq_node_management_url() {
  echo "http://$RABBITMQ_USER:${STATE[rabbitmq_password]}@127.0.0.1:${STATE[$1_management_port]}"
}

# rabbitmq_partition NODE: cuts it off from the other nodes, not from its clients. By a cookie that they do not have:
# open connections between nodes are closed, and new ones refused by either side.
rabbitmq_partition() {
  rabbitmq_eval "$1" "[begin erlang:set_cookie(Node, cut_off), erlang:disconnect_node(Node) end || Node <- $(rabbitmq_peers "$1")]."
}

# rabbitmq_heal NODE: ends a partition.
rabbitmq_heal() {
  rabbitmq_eval "$1" "[erlang:set_cookie(Node, erlang:get_cookie()) || Node <- $(rabbitmq_peers "$1")]."
}

# The other nodes, as an Erlang list.
rabbitmq_peers() {
  local node names=()
  for node in "${RABBITMQ_NODES[@]}"; do [[ $node == "$1" ]] || names+=("'$node@localhost'"); done
  (
    IFS=,
    echo "[${names[*]}]"
  )
}

rabbitmq_eval() {
  clean env ERL_EPMD_PORT="${STATE[cluster_epmd_port]}" RABBITMQ_CONF_ENV_FILE="$DIR/$1/env.conf" \
    /usr/lib/rabbitmq/bin/rabbitmqctl --quiet --node "$1@localhost" eval "$2"
}

# All nodes with commas between them; the cluster's default vhost.
rabbitmq_cluster_url() {
  local node hosts=()
  for node in "${RABBITMQ_NODES[@]}"; do
    hosts+=("$RABBITMQ_USER:${STATE[rabbitmq_password]}@127.0.0.1:${STATE[${node}_port]}")
  done
  (
    IFS=,
    echo "rabbit://${hosts[*]}/"
  )
}

# The management API of each node, with commas between them.
rabbitmq_cluster_management_urls() {
  local node urls=()
  for node in "${RABBITMQ_NODES[@]}"; do urls+=("$(rabbitmq_node_management_url "$node")"); done
  (
    IFS=,
    echo "${urls[*]}"
  )
}
