# shellcheck shell=bash
# A private RabbitMQ with its management API (tests make their vhosts through it) and its own epmd.

RABBITMQ_USER=netprov
# Not Debian's /usr/sbin/rabbitmq-server: that one insists on the user rabbitmq.
RABBITMQ_SERVER=/usr/lib/rabbitmq/bin/rabbitmq-server

# +sbwt none: idle schedulers would spin, and take the processors from those at work.
RABBITMQ_ERLANG_OPTIONS="+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"

rabbitmq_packages() {
  [[ -x $RABBITMQ_SERVER ]] || echo rabbitmq-server
}

rabbitmq_up() {
  running rabbitmq && return
  stop_processes 20 rabbitmq epmd
  remember_password rabbitmq_password
  remember_port rabbitmq
  remember_port rabbitmq_management
  remember_port rabbitmq_dist
  remember_port epmd
  step "$SERVICES/log/rabbitmq.log" "starting RabbitMQ on port ${STATE[rabbitmq_port]}" rabbitmq_start
  remember rabbitmq_wanted yes
}

rabbitmq_start() {
  mkdir -p "$DIR/rabbitmq" "$DIR/home"
  rabbitmq_configure
  # A private epmd: the default one, on port 4369, is shared by all Erlang programs of the machine and would stay behind.
  start_process epmd env ERL_EPMD_ADDRESS=127.0.0.1 epmd -port "${STATE[epmd_port]}"
  wait_until epmd 10 listening "${STATE[epmd_port]}"
  # A test may put settings into conf.d. If no folder were named, RabbitMQ would read /etc/rabbitmq/conf.d.
  start_process rabbitmq env \
    ERL_EPMD_PORT="${STATE[epmd_port]}" \
    RABBITMQ_CONF_ENV_FILE="$DIR/rabbitmq/env.conf" \
    RABBITMQ_NODENAME=netprov@localhost \
    RABBITMQ_DIST_PORT="${STATE[rabbitmq_dist_port]}" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$RABBITMQ_ERLANG_OPTIONS" \
    RABBITMQ_CONFIG_FILE="$DIR/rabbitmq/rabbitmq.conf" \
    RABBITMQ_CONFIG_FILES="$DIR/rabbitmq/conf.d" \
    RABBITMQ_ADVANCED_CONFIG_FILE="$DIR/rabbitmq/advanced.config" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$DIR/rabbitmq/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$DIR/rabbitmq/data" \
    RABBITMQ_LOG_BASE="$DIR/log" \
    RABBITMQ_LOGS=- \
    RABBITMQ_PID_FILE="$DIR/rabbitmq/pid" \
    "$RABBITMQ_SERVER"
  wait_until rabbitmq 120 rabbitmq_answers
}

rabbitmq_configure() {
  # Empty, so that the one in /etc/rabbitmq is not read.
  : >"$DIR/rabbitmq/env.conf"
  echo '[rabbitmq_management].' >"$DIR/rabbitmq/enabled_plugins"
  cat >"$DIR/rabbitmq/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:${STATE[rabbitmq_port]}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${STATE[rabbitmq_management_port]}
default_user = $RABBITMQ_USER
default_pass = ${STATE[rabbitmq_password]}
disk_free_limit.absolute = 50MB
log.console = true
CONF
}

rabbitmq_answers() {
  listening "${STATE[rabbitmq_port]}" && rabbitmq_api vhosts
}

# rabbitmq_api PATH [CURL OPTION...]
rabbitmq_api() {
  local path=$1
  shift
  curl --silent --show-error --fail --noproxy '*' "$@" "$(rabbitmq_management_url)/api/$path"
}

rabbitmq_management_url() {
  echo "http://$RABBITMQ_USER:${STATE[rabbitmq_password]}@127.0.0.1:${STATE[rabbitmq_management_port]}"
}

# rabbitmq_command COMMAND ARGUMENT...: a command of RabbitMQ's own, for the private RabbitMQ.
rabbitmq_command() {
  local command=$1 plugins
  shift
  load_state
  [[ $(pids_of rabbitmq) ]] || die "rabbitmq does not run: script/services up"
  plugins=(/usr/lib/rabbitmq/lib/*/plugins)
  clean ERL_EPMD_PORT="${STATE[epmd_port]}" RABBITMQ_CONF_ENV_FILE="$DIR/rabbitmq/env.conf" \
    RABBITMQ_NODENAME=netprov@localhost RABBITMQ_ENABLED_PLUGINS_FILE="$DIR/rabbitmq/enabled_plugins" \
    RABBITMQ_PLUGINS_DIR="${plugins[0]}" \
    "$(dirname "$RABBITMQ_SERVER")/$command" "$@"
}

# rabbitmq_url [VHOST]; without one, the broker's default vhost.
rabbitmq_url() {
  echo "rabbit://$RABBITMQ_USER:${STATE[rabbitmq_password]}@127.0.0.1:${STATE[rabbitmq_port]}/${1:-}"
}
