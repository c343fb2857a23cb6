# shellcheck shell=bash
# Three MariaDB nodes that Galera keeps equal, beside the single MariaDB.

GALERA_NODES=(galera1 galera2 galera3)
GALERA_LIBRARY=/usr/lib/galera/libgalera_smm.so
# What every node is started with, and asked for its position.
GALERA_OPTIONS=(--no-defaults "${MARIADB_USER[@]}" --wsrep-on=ON --wsrep-provider="$GALERA_LIBRARY"
  --wsrep-sst-method=rsync --binlog-format=ROW --innodb-autoinc-lock-mode=2)
# MariaDB 11.8.9 loads this plugin by itself. With it, tests could not change wsrep_provider_options. Before, there was none.
GALERA_OPTIONS+=(--loose-plugin-wsrep-provider=OFF)
# As root, our own way to transfer by rsync: see the comment there.
if ((EUID == 0)); then GALERA_OPTIONS+=(--wsrep-sst-method=netprov); fi
NO_POSITION=00000000-0000-0000-0000-000000000000:-1

# ss, of iproute2, is what the state transfer's script looks at ports with.
mariadb_cluster_packages() {
  mariadb_packages
  [[ -e $GALERA_LIBRARY ]] || echo galera-4
  command -v rsync >/dev/null || echo rsync
  command -v ss >/dev/null || echo iproute2
}

mariadb_cluster_up() {
  local node missing=()
  for node in "${GALERA_NODES[@]}"; do running "$node" || missing+=("$node"); done
  ((${#missing[@]} > 0)) || return 0
  galera_nodes_up "${missing[@]}"
}

# galera_nodes_up NODE...: starts nodes that do not run.
galera_nodes_up() {
  local node use
  stop_processes 0 "$@"
  remember_password mariadb_password
  for node; do
    remember_port "$node"
    for use in gcs ist sst; do remember_port "${node}_$use"; done
  done
  # Every node has to know where all the others are, also those that were never started.
  for node in "${GALERA_NODES[@]}"; do [[ ${STATE[${node}_gcs_port]:-} ]] || remember_port "${node}_gcs"; done
  step "$SERVICES/log/mariadb-cluster.log" "starting $* of the Galera cluster" galera_nodes_start "$@"
}

galera_nodes_start() {
  local node first='' nodes=("$@")
  declare -A positions=()
  galera_any_running || nodes=("${GALERA_NODES[@]}")
  for node in "${nodes[@]}"; do positions[$node]=$(galera_position "$node"); done
  if ! galera_any_running; then
    first=$(galera_most_advanced)
    if [[ " $* " != *" $first "* ]]; then
      echo "$first has to be started first: no other node has all that was committed"
      return 1
    fi
    galera_bootstrap "$first"
  fi
  for node; do [[ $node == "$first" ]] || galera_node_start "$node"; done
  for node; do wait_until "$node" 90 galera_synced "$node"; done
}

galera_any_running() {
  local node
  for node in "${GALERA_NODES[@]}"; do
    [[ ! $(pids_of "$node") ]] || return 0
  done
  return 1
}

# galera_bootstrap NODE: a new cluster of this node, which the others then join. What they remember of the last
# one (gvwstate.dat) would have them look for it.
galera_bootstrap() {
  local node=$1 data=$DIR/$1/data
  rm -f "$DIR"/galera?/data/gvwstate.dat
  if [[ ! -d $data ]]; then
    rm -rf "$DIR/$node/new"
    mkdir -p "$DIR/$node"
    clean mariadb-install-db --no-defaults --datadir="$DIR/$node/new" \
      --auth-root-authentication-method=normal --skip-test-db "${MARIADB_USER[@]}"
    mv "$DIR/$node/new" "$data"
  elif [[ -e $data/grastate.dat ]]; then
    # Only the node that left last may do this, unless it is told that it is safe.
    sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$data/grastate.dat"
  fi
  mariadb_accounts >"$DIR/$node/init.sql"
  galera_node_start "$node" --wsrep-new-cluster --init-file="$DIR/$node/init.sql"
  wait_until "$node" 60 galera_synced "$node"
}

# galera_node_start NODE [OPTION...]; from its place in "positions" on. A node without data is given all of it by another.
galera_node_start() {
  local node=$1
  shift
  mkdir -p "$DIR/$node/data"
  start_process "$node" env PATH="$LIB:$PATH" mariadbd "${GALERA_OPTIONS[@]}" --datadir="$DIR/$node/data" \
    --socket="$DIR/$node/socket" \
    --pid-file="$DIR/$node/pid" \
    --bind-address=127.0.0.1 \
    --port="${STATE[${node}_port]}" \
    --skip-name-resolve \
    --max-connections=500 \
    --character-set-server=utf8mb4 \
    --innodb-buffer-pool-size=64M \
    --innodb-flush-log-at-trx-commit=1 \
    --wsrep-provider-options="$(galera_provider_options "$node")" \
    --wsrep-cluster-name=netprov \
    --wsrep-cluster-address="$(galera_address)" \
    --wsrep-node-name="$node" \
    --wsrep-node-address="127.0.0.1:${STATE[${node}_gcs_port]}" \
    --wsrep-sst-receive-address="127.0.0.1:${STATE[${node}_sst_port]}" \
    --wsrep-start-position="${positions[$node]}" \
    "$@"
}

galera_provider_options() {
  local gcs=${STATE[$1_gcs_port]} ist=${STATE[$1_ist_port]}
  echo "gmcast.listen_addr=tcp://127.0.0.1:$gcs;ist.recv_addr=127.0.0.1:$ist;gcache.size=64M"
}

galera_address() {
  local node places=()
  for node in "${GALERA_NODES[@]}"; do places+=("127.0.0.1:${STATE[${node}_gcs_port]}"); done
  (
    IFS=,
    echo "gcomm://${places[*]}"
  )
}

# galera_position NODE: uuid:seqno of the last transaction that a stopped node has. One that was killed did not write it
# down; InnoDB knows.
galera_position() {
  local data=$DIR/$1/data position
  [[ -e $data/grastate.dat ]] || { echo "$NO_POSITION" && return; }
  position=$(awk '/^uuid:/ { uuid = $2 } /^seqno:/ { seqno = $2 } END { print uuid ":" seqno }' "$data/grastate.dat")
  if [[ $position == *:-1 ]]; then
    position=$(clean mariadbd "${GALERA_OPTIONS[@]}" --datadir="$data" --socket="$DIR/$1/recovery-socket" \
      --skip-networking --wsrep-cluster-address="$(galera_address)" --wsrep-recover 2>&1 |
      sed -n 's/.*WSREP: Recovered position: *\([0-9a-f-]*:-\{0,1\}[0-9]*\).*/\1/p' | tail -n 1)
  fi
  [[ $position ]] || { echo "the position of $1 could not be recovered" >&2 && return 1; }
  echo "$position"
}

# The one of "positions" that has the latest transaction; galera1 of a cluster that never ran.
galera_most_advanced() {
  local node most=-2 best=''
  for node in "${GALERA_NODES[@]}"; do
    if ((${positions[$node]##*:} > most)); then
      most=${positions[$node]##*:}
      best=$node
    fi
  done
  echo "$best"
}

galera_synced() {
  [[ $(galera_query "$1" "SHOW STATUS LIKE 'wsrep_local_state_comment'") == *Synced* ]]
}

galera_query() {
  MYSQL_PWD=${STATE[mariadb_password]} mariadb --no-defaults --protocol=tcp --host=127.0.0.1 --port="${STATE[$1_port]}" \
    --user=root --connect-timeout=2 --execute="$2"
}

# All nodes with commas between them.
mariadb_cluster_url() {
  local node places=()
  for node in "${GALERA_NODES[@]}"; do places+=("127.0.0.1:${STATE[${node}_port]}"); done
  (
    IFS=,
    echo "mysql://root:${STATE[mariadb_password]}@${places[*]}/netprov"
  )
}
