# shellcheck shell=bash
# A private MariaDB, as durable as a real one: only its sizes are small.

# The server refuses to run as root unless it is told to.
MARIADB_USER=()
if ((EUID == 0)); then MARIADB_USER=(--user=root); fi

mariadb_packages() {
  command -v mariadbd >/dev/null || echo mariadb-server
}

mariadb_up() {
  running mariadb && return
  stop_processes 20 mariadb
  remember_password mariadb_password
  remember_port mariadb
  step "$SERVICES/log/mariadb.log" "starting MariaDB on port ${STATE[mariadb_port]}" mariadb_start
  remember mariadb_wanted yes
}

mariadb_start() {
  mkdir -p "$DIR/mariadb"
  # Made under another name first: a half-made data folder is not taken for a good one after a crash.
  if [[ ! -d $DIR/mariadb/data ]]; then
    rm -rf "$DIR/mariadb/new"
    clean mariadb-install-db --no-defaults --datadir="$DIR/mariadb/new" \
      --auth-root-authentication-method=normal --skip-test-db "${MARIADB_USER[@]}"
    mv "$DIR/mariadb/new" "$DIR/mariadb/data"
  fi
  mariadb_accounts >"$DIR/mariadb/init.sql"
  start_process mariadb mariadbd --no-defaults "${MARIADB_USER[@]}" \
    --datadir="$DIR/mariadb/data" \
    --socket="$DIR/mariadb/socket" \
    --pid-file="$DIR/mariadb/pid" \
    --init-file="$DIR/mariadb/init.sql" \
    --bind-address=127.0.0.1 \
    --port="${STATE[mariadb_port]}" \
    --skip-name-resolve \
    --max-connections=500 \
    --character-set-server=utf8mb4 \
    --innodb-buffer-pool-size=64M \
    --innodb-flush-log-at-trx-commit=1
  wait_until mariadb 60 mariadb_query "SELECT 1"
  # Its own tables, where the data is that of an older version.
  if mariadb_client mariadb-upgrade --check-if-upgrade-is-needed; then mariadb_client mariadb-upgrade; fi
}

# Run by the server at each start. One statement a line: that is all an init file understands.
mariadb_accounts() {
  local password=${STATE[mariadb_password]} database
  echo "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';"
  echo "ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '$password';"
  echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$password';"
  echo "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;"
  for database in netprov neutron keystone; do echo "CREATE DATABASE IF NOT EXISTS $database;"; done
}

mariadb_query() {
  mariadb_client mariadb --execute="$1"
}

# mariadb_client PROGRAM OPTION...
mariadb_client() {
  MYSQL_PWD=${STATE[mariadb_password]} "$1" --no-defaults --protocol=tcp --host=127.0.0.1 \
    --port="${STATE[mariadb_port]}" --user=root "${@:2}"
}

# mariadb_url SCHEME DATABASE
mariadb_url() {
  echo "$1://root:${STATE[mariadb_password]}@127.0.0.1:${STATE[mariadb_port]}/$2"
}
