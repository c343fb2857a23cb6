# shellcheck shell=bash
# Runs the files of a suite of tests, side by side where they can, and adds up their counts. The totals (passed, failed)
# and the list of failures are in script/test. Each process writes what it says into LOG_DIR.

# Longest time that one process of tests may take, in seconds: a bound for what hangs, on a machine that is busy with other
# work too. Mocha does not force a process to end: what a test leaves open keeps it from ending, and fails the run here a
# minute after its last test.
PROCESS_TIMEOUT=1200

# run_files LABEL FILE...: runs test files in one process, and leaves what it said, its counts, its failures and its status
# in LOG_DIR.
run_files() {
  local own=$LOG_DIR/$1 status=0 began=$SECONDS
  shift
  TEST_TOTALS=$own.totals TEST_FAILURES=$own.failures timeout "$PROCESS_TIMEOUT" \
    node_modules/.bin/mocha "$@" >"$own.log" 2>&1 || status=$?
  echo "$status" >"$own.status"
  echo "$((SECONDS - began))" >"$own.seconds"
  flock "$LOG_DIR" cat "$own.log"
}

# longest_first FOLDER: its test files. A file's size says how long it takes, but for those whose cases stand in testkit/.
longest_first() {
  local generated='/(crash|crash-moves|crash-batches)[.]test[.]js$'
  find "$1" -name '*.test.js' -printf '%s %p\n' | awk -v generated="$generated" '$2 ~ generated { $1 += 1e9 } 1' |
    sort -rn | cut -d' ' -f2
}

# Tests of the worker run once more with every operation done step by step, in no batch. That run is a file of its own to whoever
# asks for it, and in the record.
STEP_BY_STEP=dist/test/integration/step-by-step.test.js

# run_file SUITE FILE
run_file() {
  local both_ways=(dist/test/integration/{worker,worker-lifecycle,outcomes,two-doors}.test.js)
  if [[ $2 == "$STEP_BY_STEP" ]]; then
    NETPROV_TEST_STEP_BY_STEP=1 run_files integration-step-by-step "${both_ways[@]}"
  else
    run_files "$1-$(basename "$2" .test.js)" "$2"
  fi
}

# The files that were asked for by name, by suite. Of a suite that has none here, all files run.
declare -A FILES=()

# suite NAME: runs one folder of tests, and adds its counts.
suite() {
  heading "$1"
  run_suite "$1"
  count_suite "$1"
}

# run_suite NAME: runs one folder of tests. Tests against servers wait for them most of their time, so three files run side by
# side, each in a process of its own, the longest first.
run_suite() {
  local name=$1 files label
  mapfile -t files < <(longest_first "dist/test/$name")
  if [[ $name == integration ]]; then files+=("$STEP_BY_STEP"); fi
  # shellcheck disable=SC2206 # a list of names without blanks
  if [[ ${FILES[$name]:-} ]]; then files=(${FILES[$name]}); fi
  case $name in
    unit) run_files unit "${files[@]}" ;;
    # One after the other: each needs all machines, or the only conductor.
    cluster | ironic | upgrade | wire) for label in "${files[@]}"; do run_files "$name-$(basename "$label" .test.js)" "$label"; done ;;
    *)
      export LOG_DIR PROCESS_TIMEOUT STEP_BY_STEP
      export -f run_files run_file
      # shellcheck disable=SC2016
      printf '%s\0' "${files[@]}" |
        xargs -0 -P "${NETPROV_TEST_PROCESSES:-3}" -I{} bash -c 'run_file "$1" "$2"' - "$name" {}
      ;;
  esac
}

# count_suite NAME: adds the counts of a folder of tests, and keeps them in the record.
count_suite() {
  local label before=("$passed" "$failed")
  for label in "$LOG_DIR/$1"*.status; do add_counts "${label%.status}"; done
  say "seconds of the longest files of $1: $(longest_files "$1")"
  record "$1" $((passed - before[0])) $((failed - before[1]))
}

# longest_files SUITE: the names and the seconds of those that took the longest.
longest_files() {
  local file
  for file in "$LOG_DIR/$1"*.seconds; do
    echo "$(cat "$file") $(basename "$file" .seconds)"
  done | sort -rn | head -n 12 | sed "s/ $1-/ /" | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $2, $1 }'
}

# add_counts OWN: of one process.
add_counts() {
  local label status own_passed=0 own_failed=0 pending=0
  label=$(basename "$1")
  status=$(cat "$1.status")
  if [[ -s $1.totals ]]; then read -r own_passed own_failed pending <"$1.totals"; fi
  if ((status == 124)); then
    failure "$label: not over after $PROCESS_TIMEOUT s, or a test left something open: $(tail -n 5 "$1.log")"
    own_failed=$((own_failed + 1))
  elif ((status != 0 && own_failed == 0)); then
    failure "$label: mocha ended with exit code $status"
    own_failed=1
  fi
  if ((pending > 0)); then
    failure "$label: $pending tests were skipped"
    own_failed=$((own_failed + pending))
  fi
  echo "$own_passed/$own_failed" >"$1.counts"
  if [[ -s $1.failures ]]; then failure "$label: $(cat "$1.failures")"; fi
  passed=$((passed + own_passed))
  failed=$((failed + own_failed))
}

# The process that runs the suite ironic beside the suites after it.
IRONIC_RUNNER=''

begin_ironic() {
  run_suite ironic &
  IRONIC_RUNNER=$!
}

# Waits for the suite ironic, if it has begun, and adds its counts.
end_ironic() {
  [[ $IRONIC_RUNNER ]] || return 0
  wait "$IRONIC_RUNNER"
  heading "ironic, which has begun before"
  IRONIC_RUNNER=''
  count_suite ironic
}

# What chaos draws its casts and faults from, in how many seconds, and how many faults a minute: each kind comes once.
CHAOS_OPTIONS=(--seed 20 --seconds 79 --faults 16)

chaos() {
  heading chaos
  if timeout "$PROCESS_TIMEOUT" script/chaos "${CHAOS_OPTIONS[@]}" >&2; then
    passed=$((passed + 1))
    say "ok      chaos: nothing is lost"
    record chaos 1 0
  else
    failed=$((failed + 1))
    failure "chaos: run it again with script/chaos ${CHAOS_OPTIONS[*]} --keep"
    record chaos 0 1
  fi
}
