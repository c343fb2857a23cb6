# shellcheck shell=bash
# Node.js for the scripts: the version, the npm packages and the build. To be sourced after common.sh.

# node_ready LOG: ends the script when Node.js is missing or too old; installs npm packages and builds where needed.
node_ready() {
  local log=$1
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null ||
    die "Node.js 20.19 or later is needed; here is $(node --version 2>/dev/null || echo none). See https://nodejs.org"
  # In a world, what the machine has installed and built is used; and what script/test has, by what it starts.
  [[ ! ${NETPROV_WORLD:-}${NETPROV_IS_BUILT:-} ]] || return 0
  if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
    if [[ -L node_modules ]]; then die "node_modules is a link: npm would empty the folder that it leads to. Remove the link"; fi
    step "$log" "installing npm packages" npm ci --no-audit --no-fund
    touch node_modules/.package-lock.json
  fi
  step "$log" "building" npm run --silent build
}
