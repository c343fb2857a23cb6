# shellcheck shell=bash
# Installs what is missing from the distribution. To be sourced:
#
#   source "$(dirname "$0")/lib/packages.sh"
#   need_packages python3-oslo.messaging curl
#
# Installing a server's package must not start it: the instances used here are private ones.

# shellcheck source=script/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

POLICY=/usr/sbin/policy-rc.d
POLICY_MARK="# ironic-network-provider: no service is started while packages are being installed"

# need_packages PACKAGE...: returns at once when all are there; ends the script when one cannot be installed, and then
# also says what PACKAGES_ADVICE holds.
need_packages() {
  local missing
  (($# > 0)) || return 0
  mapfile -t missing < <(missing_packages "$@" | awk '!seen[$0]++')
  ((${#missing[@]} == 0)) && return
  command -v apt-get >/dev/null ||
    die "apt-get is not on this machine. Install these yourself (Debian's names): ${missing[*]}.${PACKAGES_ADVICE:+ $PACKAGES_ADVICE}"
  as_root true ||
    die "no right to install packages (neither root nor sudo). Have these installed: ${missing[*]}.${PACKAGES_ADVICE:+ $PACKAGES_ADVICE}"

  # A subshell, so that its clean-up does not replace an EXIT trap of the script that sourced this file.
  (install_packages "${missing[@]}") || exit 1
  PACKAGE_LISTS_FRESH=yes
}

install_packages() {
  local log enabled_before
  umask 022 # the caller's may be stricter, and package scripts would make files with it that others cannot read
  log=$(mktemp "${TMPDIR:-/tmp}/netprov-packages.XXXXXX")
  enabled_before=$(enabled_units)
  trap release_services EXIT
  hold_services
  [[ ${PACKAGE_LISTS_FRESH:-} ]] || step "$log" "updating the package lists" update_lists
  step "$log" "installing $*" apt_get install --yes --no-install-recommends "$@"
  disable_new_units "$enabled_before"
  rm -f -- "$log"
}

# A package counts as there when it is installed, or when an installed one provides it (Debian's neutron-common
# provides neutron-plugin-ml2, which Ubuntu has as a package).
missing_packages() {
  local present package
  command -v dpkg-query >/dev/null &&
    present=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' | sed -n 's/^installed //p' |
      sed 's/([^)]*)//g; s/,/ /g' | tr -s ' ' '\n')
  for package; do
    grep -qxF -- "$package" <<<"${present:-}" || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null && { [[ -t 2 ]] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    return 1
  fi
}

# Another apt-get may be at work: wait for it.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet -o DPkg::Lock::Timeout=600 "$@"
}

# The lock of the package lists is not covered by DPkg::Lock::Timeout.
update_lists() {
  local attempt
  for attempt in 1 2 3 4 5; do
    apt_get update && return
    sleep "$attempt"
  done
  return 1
}

# policy-rc.d is the distribution's way to keep package scripts from starting services. One that is already there
# belongs to somebody else and stays, unless an earlier run of ours was killed before it could remove it.
hold_services() {
  if [[ ! -e $POLICY ]]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
  fi
}

release_services() {
  if grep -qsF -- "$POLICY_MARK" "$POLICY"; then
    as_root rm -f "$POLICY"
  fi
}

# Package scripts also enable their servers for the next boot. Those that were not enabled before are not wanted;
# nothing but these servers is looked at, since other units come with packages that they depend on.
enabled_units() {
  command -v systemctl >/dev/null || return 0
  systemctl list-unit-files --state=enabled --no-legend --no-pager 2>/dev/null |
    awk '$1 ~ /^(epmd|rabbitmq|mariadb|mysql|neutron|keystone|ironic|prometheus|openvswitch|ovs|ssh)/ { print $1 }' | sort
}

disable_new_units() {
  local units
  mapfile -t units < <(comm -13 <(printf '%s\n' "$1") <(enabled_units))
  if ((${#units[@]} > 0)); then
    as_root systemctl disable --quiet "${units[@]}" 2>/dev/null || true
  fi
}
