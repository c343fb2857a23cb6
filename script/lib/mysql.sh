# shellcheck shell=bash
# A private MySQL, as durable as a real one: only its sizes are small. Debian stable has none; it is in the world mysql.

mysql_packages() {
  command -v mysqld >/dev/null || echo mysql-server
}

mysql_up() {
  running mysql && return
  stop_processes 20 mysql
  # Its accounts are those of the private MariaDB.
  remember_password mariadb_password
  remember_port mysql
  step "$SERVICES/log/mysql.log" "starting MySQL on port ${STATE[mysql_port]}" mysql_start
  remember mysql_wanted yes
}

mysql_start() {
  mkdir -p "$DIR/mysql"
  # Made under another name first: a half-made data folder is not taken for a good one after a crash.
  if [[ ! -d $DIR/mysql/data ]]; then
    rm -rf "$DIR/mysql/new"
    clean mysqld --no-defaults --initialize-insecure --datadir="$DIR/mysql/new" "${MARIADB_USER[@]}"
    mv "$DIR/mysql/new" "$DIR/mysql/data"
  fi
  mariadb_accounts >"$DIR/mysql/init.sql"
  start_process mysql mysqld --no-defaults "${MARIADB_USER[@]}" \
    --datadir="$DIR/mysql/data" \
    --socket="$DIR/mysql/socket" \
    --pid-file="$DIR/mysql/pid" \
    --init-file="$DIR/mysql/init.sql" \
    --bind-address=127.0.0.1 \
    --port="${STATE[mysql_port]}" \
    --mysqlx=OFF \
    --skip-name-resolve \
    --max-connections=500 \
    --innodb-buffer-pool-size=64M
  wait_until mysql 60 mysql_answers
}

# With the account that the init file makes.
mysql_answers() {
  MYSQL_PWD=${STATE[mariadb_password]} mysql --no-defaults --protocol=tcp --host=127.0.0.1 --port="${STATE[mysql_port]}" \
    --user=root --execute="SELECT 1"
}

# mysql_url DATABASE
mysql_url() {
  echo "mysql://root:${STATE[mariadb_password]}@127.0.0.1:${STATE[mysql_port]}/$1"
}
