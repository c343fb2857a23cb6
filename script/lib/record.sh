# shellcheck shell=bash
# Keeps the counts of a suite of tests, and the versions of the servers. docs/compatibility.md is made from them.

RECORDED=(rabbitmq-server mariadb-server neutron-server ironic-neutron-agent ironic-common python3-ironicclient keystone
  python3-oslo.messaging)

# record SUITE PASSED FAILED: keeps it in the folder NETPROV_TEST_RECORD, with the counts of each file that ran. A run of some
# files leaves those of the others as they are; of a suite that is counted in one piece, it is no record. NETPROV_TEST_MYSQL is the
# version of the MySQL that was the database, or empty.
record() {
  local place versions counts=() own whole=whole
  [[ ${NETPROV_TEST_RECORD:-} ]] || return 0
  place=${NETPROV_WORLD:-$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)}${NETPROV_TEST_MYSQL:+-mysql}
  # One that is not installed is left out.
  versions=$(package_versions "${RECORDED[@]}" 2>/dev/null || true)
  if [[ ${NETPROV_TEST_MYSQL:-} ]]; then
    versions=$(grep -v '^mariadb-server=' <<<"$versions")$'\n'mysql-server=$NETPROV_TEST_MYSQL
  fi
  versions+=$'\n'node=$(node --version | tr -d v)
  for own in "$LOG_DIR/$1"-*.counts; do
    [[ ! -e $own ]] || counts+=("$(basename "$own" .counts | sed "s/^$1-//")=$(cat "$own")")
  done
  [[ ! ${FILES[$1]:-} ]] || whole=some
  if ((${#counts[@]} == 0)); then
    [[ $whole == whole ]] || return 0
    counts=("all=$2/$3")
  fi
  mkdir -p "$NETPROV_TEST_RECORD"
  node dist/docs/generate/record.js "$NETPROV_TEST_RECORD" "$place" "$1" "$whole" "${counts[@]}" <<<"$versions"
}

# package_versions PACKAGE...: lines NAME=VERSION.
package_versions() {
  # shellcheck disable=SC2016 # dpkg-query's own variables
  dpkg-query --show --showformat='${Package}=${source:Upstream-Version}\n' "$@"
}

# The version of MySQL in the world mysql.
mysql_version() {
  # shellcheck disable=SC2016 # dpkg-query's own variable
  world_run root mysql dpkg-query --show --showformat='${source:Upstream-Version}' mysql-server
}
