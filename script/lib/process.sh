# shellcheck shell=bash
# Private instances: where they live, what is remembered about them, and their processes and ports.

# SERVICES is the folder of this clone's instances. DIR is the same folder under a name that every server can live
# with: socket paths are limited to about 100 characters, and RabbitMQ's scripts do not quote.
SERVICES=${NETPROV_SERVICES_DIR:-$ROOT/.services}
DIR=$SERVICES
if [[ ! $SERVICES =~ ^[A-Za-z0-9/._-]{1,70}$ ]]; then
  ALIAS=/tmp/netprov-$UID-$(cksum <<<"$SERVICES" | cut -d' ' -f1)
  DIR=$ALIAS/services
fi

# Every process started here, and its children, carry this variable. So they are found again without pid files,
# which lie after a crash.
MARK="NETPROV_PRIVATE_SERVICE=$SERVICES"

declare -A STATE=()

open_folder() {
  if [[ -e $SERVICES && ! -O $SERVICES ]]; then
    die "$SERVICES belongs to $(stat -c %U "$SERVICES"): run this as that user"
  fi
  umask 077
  mkdir -p "$SERVICES/log"
  if [[ ${ALIAS:-} ]]; then
    mkdir -p "$ALIAS"
    [[ -O $ALIAS && ! -L $ALIAS ]] || die "$ALIAS belongs to somebody else"
    ln -sfn "$SERVICES" "$DIR"
  fi
}

# Worlds stay: they hold no data, and take minutes to make.
remove_folder() {
  [[ ! -d $SERVICES ]] || find "$SERVICES" -mindepth 1 -maxdepth 1 ! -name worlds -exec rm -rf -- {} +
  rmdir --ignore-fail-on-non-empty -- "$SERVICES" 2>/dev/null || true
  rm -rf -- ${ALIAS:+"$ALIAS"}
}

load_state() {
  local key value
  [[ -r $SERVICES/state ]] || return 0
  while IFS='=' read -r key value; do STATE[$key]=$value; done <"$SERVICES/state"
}

# remember KEY VALUE; not inside a step, which is a subshell.
remember() {
  local key
  STATE[$1]=$2
  for key in "${!STATE[@]}"; do printf '%s=%s\n' "$key" "${STATE[$key]}"; done | sort >"$SERVICES/state.new"
  mv "$SERVICES/state.new" "$SERVICES/state"
}

remember_password() {
  [[ ${STATE[$1]:-} ]] || remember "$1" "$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
}

# remember_port NAME: keeps the port of the last time when nobody else has taken it, else picks one. The range is below
# the one from which the kernel takes ports for outgoing connections.
remember_port() {
  local port=${STATE[$1_port]:-} tries=10
  # What has just been stopped may hold its port a moment longer.
  while [[ $port ]] && listening "$port" && ((tries-- > 0)); do sleep 0.1; done
  while [[ ! $port ]] || listening "$port"; do port=$((20000 + RANDOM % 12000)); done
  remember "$1_port" "$port"
}

listening() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# start_process NAME COMMAND...: in a session of its own with a clean environment, and with nothing of the caller's
# open: a caller that waits for the end of our output, or holds a lock in a file descriptor, must not wait for it.
start_process() {
  local name=$1 fd
  shift
  (
    for fd in /proc/"$BASHPID"/fd/*; do
      fd=${fd##*/}
      ((fd > 2)) && eval "exec $fd>&-"
    done
    cd "$DIR" || exit
    exec setsid env -i "${CLEAN_ENV[@]}" "$MARK:$name" "$@" </dev/null >>"$DIR/log/$name.log" 2>&1
  ) &
  # The mark is there once the command itself runs.
  while [[ ! $(pids_of "$name") ]] && kill -0 $! 2>/dev/null; do sleep 0.02; done
}

# SPT_NOENV keeps Python's setproctitle from overwriting the environment that carries the mark.
CLEAN_ENV=(PATH="$PATH" HOME="$DIR/home" LANG=C.UTF-8 SPT_NOENV=1)

clean() {
  env -i "${CLEAN_ENV[@]}" "$@"
}

# The processes of a service, the oldest first.
pids_of() {
  local found
  found=$(grep -lzxsF -- "$MARK:$1" /proc/[0-9]*/environ | cut -d/ -f3 | paste -sd, -) || true
  if [[ $found ]]; then
    ps -o pid= --sort=start_time -p "$found" | tr -d ' '
  fi
}

# gone NAME: none of its processes lives. While a process executes another program, Linux shows no environment of it for a
# moment, and so pids_of does not find it. Therefore this looks twice.
gone() {
  [[ ! $(pids_of "$1") ]] && sleep 0.2 && [[ ! $(pids_of "$1") ]]
}

# running NAME: its process lives and its port answers.
running() {
  [[ ${STATE[$1_port]:-} && $(pids_of "$1") ]] && listening "${STATE[$1_port]}"
}

# wait_until NAME SECONDS COMMAND...: until COMMAND succeeds; fails at once when the service's processes are gone.
wait_until() {
  local name=$1 deadline=$(($(now_ms) + $2 * 1000))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if gone "$name"; then
      echo "$name ended while it was starting"
      return 1
    fi
    if (($(now_ms) > deadline)); then
      echo "$name did not answer in time"
      stop_processes 0 "$name"
      return 1
    fi
    sleep 0.2
  done
}

# stop_processes SECONDS NAME...: asks the first process of each to end and gives them that long; then kills what is
# left.
stop_processes() {
  local deadline=$(($(now_ms) + $1 * 1000)) grace=$1 name pid
  shift
  if ((grace > 0)); then
    for name; do
      for pid in $(pids_of "$name" | head -n 1); do kill -TERM "$pid" 2>/dev/null || true; done
    done
  fi
  for name; do
    while [[ $(pids_of "$name") ]] && (($(now_ms) < deadline)); do sleep 0.1; done
    until gone "$name"; do
      for pid in $(pids_of "$name"); do kill -KILL "$pid" 2>/dev/null || true; done
    done
  done
}

# kill_service NAME: what a crash does. "up" starts it again.
kill_service() {
  case ${1:-} in
    rabbitmq | mariadb | neutron | agent | keystone | ironic) ;;
    *) die "kill takes one service: rabbitmq, mariadb, neutron, agent, keystone or ironic" ;;
  esac
  load_state
  [[ $(pids_of "$1") ]] || die "$1 does not run: script/services status"
  stop_processes 0 "$1"
}
