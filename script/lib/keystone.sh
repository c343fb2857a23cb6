# shellcheck shell=bash
# A private Keystone on the private MariaDB (database keystone), with a user for netprov and, when Neutron is up,
# Neutron's endpoint in the service catalog.

KEYSTONE_USER=netprov
KEYSTONE_PROJECT=service

keystone_packages() {
  echo keystone
}

keystone_up() {
  local log=$SERVICES/log/keystone.log
  if ! running keystone || ! keystone_configure | cmp -s - "$DIR/keystone/keystone.conf"; then
    [[ -x /usr/bin/keystone-wsgi-public ]] ||
      die "this distribution's keystone package has no /usr/bin/keystone-wsgi-public"
    stop_processes 5 keystone
    remember_password keystone_admin_password
    remember_password keystone_password
    remember_port keystone
    mkdir -p "$DIR/keystone/empty"
    keystone_configure >"$DIR/keystone/keystone.conf"
    if [[ ! -e $DIR/keystone/schema ]]; then step "$log" "making Keystone's database schema" keystone_schema; fi
    step "$log" "starting Keystone on port ${STATE[keystone_port]}" keystone_start
  fi
  keystone_accounts_up
  remember keystone_wanted yes
}

# The accounts and the catalog are made again only when what they should hold has changed.
keystone_accounts_up() {
  local wanted="${STATE[keystone_port]} ${STATE[neutron_port]:-}"
  [[ ${STATE[keystone_accounts]:-} == "$wanted" ]] && return
  step "$SERVICES/log/keystone.log" "making Keystone's accounts and catalog" keystone_accounts
  remember keystone_accounts "$wanted"
}

keystone_schema() {
  local user group
  user=$(id -un) group=$(id -gn)
  keystone_manage db_sync
  keystone_manage fernet_setup --keystone-user "$user" --keystone-group "$group"
  keystone_manage credential_setup --keystone-user "$user" --keystone-group "$group"
  touch "$DIR/keystone/schema"
}

keystone_start() {
  # Repeated at each start: the port in the catalog may have changed.
  keystone_manage bootstrap --bootstrap-password "${STATE[keystone_admin_password]}" \
    --bootstrap-public-url "$(keystone_url)" --bootstrap-region-id RegionOne
  start_process keystone env \
    OS_KEYSTONE_CONFIG_FILES="$DIR/keystone/keystone.conf" OS_KEYSTONE_CONFIG_DIR="$DIR/keystone/empty" \
    /usr/bin/python3 /usr/bin/keystone-wsgi-public -b 127.0.0.1 -p "${STATE[keystone_port]}"
  wait_until keystone 60 curl --silent --fail --noproxy '*' "$(keystone_url)"
}

keystone_manage() {
  clean /usr/bin/python3 /usr/bin/keystone-manage --config-file "$DIR/keystone/keystone.conf" \
    --config-dir "$DIR/keystone/empty" "$@"
}

keystone_url() {
  echo "http://127.0.0.1:${STATE[keystone_port]}/v3"
}

keystone_configure() {
  cat <<CONF
[DEFAULT]
use_stderr = true

[database]
connection = $(mariadb_url mysql+pymysql keystone)

[token]
provider = fernet

[fernet_tokens]
key_repository = $DIR/keystone/fernet-keys

[fernet_receipts]
key_repository = $DIR/keystone/receipt-keys

[credential]
key_repository = $DIR/keystone/credential-keys

[identity]
# The least bcrypt allows: these passwords guard nothing, and tests ask for many tokens.
password_hash_rounds = 4

[oslo_policy]
policy_file = $DIR/keystone/policy.yaml
policy_dirs = $DIR/keystone/empty
CONF
}

keystone_accounts() {
  clean KEYSTONE_URL="$(keystone_url)" ADMIN_PASSWORD="${STATE[keystone_admin_password]}" \
    USER_NAME=$KEYSTONE_USER USER_PASSWORD="${STATE[keystone_password]}" PROJECT=$KEYSTONE_PROJECT \
    NEUTRON_URL="${STATE[neutron_port]:+$(neutron_url)}" /usr/bin/python3 - <<'PYTHON'
import json, os, urllib.request

env = os.environ
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
token = None


def call(method, path, body=None):
    headers = {"Content-Type": "application/json"} | ({"X-Auth-Token": token} if token else {})
    request = urllib.request.Request(
        env["KEYSTONE_URL"] + path, json.dumps(body).encode() if body else None, headers, method=method)
    with opener.open(request) as answer:
        return answer.headers, json.loads(answer.read() or "null")


def make(kind, wanted, find):
    """Makes one of a kind, or brings the one found by these attributes to what is wanted; answers its id."""
    query = "&".join(f"{key}={wanted[key]}" for key in find)
    found = call("GET", f"/{kind}s?{query}")[1][kind + "s"]
    method, path = ("PATCH", f"/{kind}s/{found[0]['id']}") if found else ("POST", f"/{kind}s")
    return call(method, path, {kind: wanted})[1][kind]["id"]


admin = {"name": "admin", "domain": {"id": "default"}}
token = call("POST", "/auth/tokens", {"auth": {
    "identity": {"methods": ["password"], "password": {"user": admin | {"password": env["ADMIN_PASSWORD"]}}},
    "scope": {"project": admin},
}})[0]["X-Subject-Token"]

project = make("project", {"name": env["PROJECT"], "domain_id": "default"}, ["name"])
user = make("user", {"name": env["USER_NAME"], "password": env["USER_PASSWORD"], "domain_id": "default"}, ["name"])
role = call("GET", "/roles?name=admin")[1]["roles"][0]["id"]
call("PUT", f"/projects/{project}/users/{user}/roles/{role}")
if env["NEUTRON_URL"]:
    service = make("service", {"type": "network", "name": "neutron"}, ["type"])
    make("endpoint", {"service_id": service, "interface": "public", "region_id": "RegionOne",
                      "url": env["NEUTRON_URL"]}, ["service_id", "interface"])
PYTHON
}
