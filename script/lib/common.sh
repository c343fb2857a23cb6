# shellcheck shell=bash
# What every script of this folder needs: messages, steps with their elapsed time, failures with their log.
# All of it is written to standard error, so that a script's own output can be captured.

# The programs of system packages come first; /usr/sbin is not on an ordinary user's PATH.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

say() {
  printf '%s\n' "$*" >&2
}

die() {
  say "$(basename -- "$0"): $*"
  exit 1
}

# step LOG TEXT COMMAND...: runs COMMAND with its output appended to the file LOG and prints one line,
# "TEXT ... 3.2 s". When COMMAND fails, prints the last lines of LOG and ends the script.
# COMMAND runs in a subshell: what it sets is not seen afterwards.
step() {
  local log=$1 text=$2 begin status
  shift 2
  printf '%s ... ' "$text" >&2
  begin=$(now_ms)
  # Not in an "if": there, bash would ignore "set -e" inside COMMAND.
  set +e
  (
    set -e
    "$@"
  ) >>"$log" 2>&1
  status=$?
  set -e
  if ((status == 0)); then
    say "$(seconds_since "$begin") s"
  else
    say "failed after $(seconds_since "$begin") s"
    fail_with_log "$text" "$log"
  fi
}

fail_with_log() {
  local text=$1 log=$2
  say "The last lines of $log:"
  tail -n 25 -- "$log" | sed 's/\x1b\[[0-9;]*m//g; s/^/    /' >&2
  die "failed: $text. The whole log: $log"
}

now_ms() {
  local time=${EPOCHREALTIME/[.,]/} # seconds and microseconds; the separator is the locale's
  printf '%s' "${time%???}"
}

seconds_since() {
  local ms=$(($(now_ms) - $1))
  printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}
