# shellcheck shell=bash
# The suites in worlds: one world for script/test --world, and two for the suite worlds, beside suites of this machine.

# The processes that run suites in worlds, by the world's name.
declare -A WORLD_RUNNERS=()

# Runs suites in trixie, beside all that follows.
begin_trixie() {
  local files
  # restore-from-backup needs MySQL's own mysqldump. The world has MariaDB's, which dumps the values of generated columns,
  # and MySQL refuses those. crash and crash-moves take a fifth of the suite's time. They test steps of our own code, and the
  # suite interop runs them with this machine's servers.
  mapfile -t files < <(find test/interop -name '*.test.ts' ! -name restore-from-backup.test.ts ! -name 'crash*' \
    -printf 'interop/%f\n' | sed 's/[.]test[.]ts$//')
  {
    make_worlds >"$LOG_DIR/make-worlds.log" 2>&1 || true
    run_in_world trixie --world mysql ironic integration "${files[@]}"
  } &
  WORLD_RUNNERS[trixie]=$!
}

# Makes the worlds that are not there yet. This waits for the network most of its time, so it is done beside other suites. If it
# fails, script/test --world tries again, and reports it.
make_worlds() {
  local world
  for world in mysql trixie forky; do check_world "$world" && world_up "$world"; done
}

# Runs the files that ask most of oslo.messaging, RabbitMQ, Neutron and Ironic's client, beside what follows. It does nothing when
# they run already.
begin_forky() {
  [[ ! ${WORLD_RUNNERS[forky]:-} ]] || return 0
  run_in_world forky interop/{conductor,rpc-python-client,rpc-python-server,deployment-settings,baremetal-nodes} \
    interop/{neutron-agent,neutron-ports,doctor} &
  WORLD_RUNNERS[forky]=$!
}

# run_in_world WORLD ARGUMENT...: runs script/test there, and leaves what it said and its status in LOG_DIR.
run_in_world() {
  local own=$LOG_DIR/world-$1 status=0
  # shellcheck disable=SC2065 # it is our script, not the command test
  NETPROV_TEST_PROCESSES=2 script/test --world "$@" >"$own.said" 2>"$own.log" || status=$?
  echo "$status" >"$own.status"
}

# end_world WORLD: waits for what has begun there, and takes over what it counts and which failures it lists.
end_world() {
  local own=$LOG_DIR/world-$1 said=$LOG_DIR/world-$1.said status
  wait "${WORLD_RUNNERS[$1]}"
  heading "worlds: $1"
  unset "WORLD_RUNNERS[$1]"
  cat "$own.log" >&2
  status=$(cat "$own.status")
  if [[ $(tail -n 1 "$said") =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1))
  fi
  if ((status > 0)); then failure "world $1: exit code $status"$'\n'"$(cat "$said")"; fi
  script/services down --world "$1"
}

worlds_of_upgrade() {
  local world
  [[ ! ${NETPROV_WORLD:-} ]] || die "the suite upgrade begins with this machine's servers: run it without --world"
  for world in trixie forky; do check_world "$world" && world_up "$world"; done
}

# The world in which the suites run; empty: this machine. The URL of the database of the world mysql; empty: another database.
WORLD='' MYSQL_URL=''

# Finds both in WORLDS, and starts MySQL.
choose_world() {
  local name
  # shellcheck disable=SC2153 # take_worlds has filled it
  for name in "${WORLDS[@]}"; do
    case $name in
      bare) die "the world bare has no servers; script/test packages uses it by itself" ;;
      mysql)
        MYSQL_URL=$(mysql_url_for_tests)
        NETPROV_TEST_MYSQL=$(mysql_version)
        ;;
      *)
        [[ ! $WORLD ]] || die "the tests run in one world at a time: name one of $WORLD and $name"
        WORLD=$name
        ;;
    esac
  done
}

mysql_url_for_tests() {
  script/services up --world mysql
  (eval "$(script/services env --world mysql)" && echo "$NETPROV_DATABASE_URL")
}

# in_world SUITE...: the suites in WORLD, as they were built here.
in_world() {
  local record='' status=0 environment=()
  world_up "$WORLD"
  [[ ! $MYSQL_URL ]] || environment+=(NETPROV_DATABASE_URL="$MYSQL_URL" NETPROV_TEST_MYSQL="$NETPROV_TEST_MYSQL")
  [[ ! ${NETPROV_TEST_PROCESSES:-} ]] || environment+=(NETPROV_TEST_PROCESSES="$NETPROV_TEST_PROCESSES")
  # The world's user may not write here.
  if [[ ${NETPROV_TEST_RECORD:-} ]]; then
    record=$(world_folder "$WORLD")/home/record
    rm -rf "$record"
    # Those of before, for a run of some files.
    cp -r "$NETPROV_TEST_RECORD" "$record"
    chown -R "$WORLD_USER_ID:$WORLD_USER_ID" "$record"
    environment+=(NETPROV_TEST_RECORD="$record")
  fi
  world_run netprov "$WORLD" "${environment[@]}" script/test "$@" || status=$?
  # Not those of other worlds, which may run beside this one.
  if [[ $record ]]; then find "$record" -name "*$WORLD*.json" -exec cp {} "$NETPROV_TEST_RECORD" ';'; fi
  return "$status"
}
