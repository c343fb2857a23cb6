# shellcheck shell=bash
# What a rack of network namespaces needs: Open vSwitch, an SSH server for its switch, and networking-generic-switch, with
# which Neutron configures the switch. Nothing is started here: testkit/wire does that, in namespaces of its own.

# The release that has networking-generic-switch, and a netmiko that is new enough for it. All of these are pure Python.
WIRE_SUITE=trixie
WIRE_PYTHON=(python3-networking-generic-switch python3-netmiko python3-ntc-templates python3-textfsm)

wire_packages() {
  printf '%s\n' openvswitch-switch openssh-server iproute2 iputils-ping nftables python3-paramiko python3-scp \
    python3-serial python3-tooz python3-yaml
}

wire_up() {
  [[ -e $DIR/wire/python ]] ||
    step "$SERVICES/log/wire.log" "fetching networking-generic-switch of Debian $WIRE_SUITE" wire_fetch
  remember wire_wanted yes
}

# Network namespaces are root's, and the rack is not in a chroot.
wire_check() {
  [[ ! ${NETPROV_WORLD:-} ]] || die "the wire has no world: script/services up neutron wire"
  ((EUID == 0)) || die "the wire makes network namespaces, which only root may do. Run this as root, for example in a container"
}

# Downloads the packages and unpacks them into one folder for PYTHONPATH. The machine's apt stays as it is: lists and cache
# are our own.
wire_fetch() {
  local work=$DIR/wire/new archive package
  rm -rf "$work"
  mkdir -p "$work"/{lists/partial,cache/archives/partial,packages,files}
  # shellcheck disable=SC2016 # apt-get's own variable
  archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security | head -n 1)
  [[ $archive ]] || { echo "apt-get knows no archive of Debian" && return 1; }
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $WIRE_SUITE main" >"$work/sources.list"
  wire_apt update
  (cd "$work/packages" && wire_apt download "${WIRE_PYTHON[@]}")
  for package in "$work"/packages/*.deb; do dpkg-deb --extract "$package" "$work/files"; done
  # Neutron before 2023.1 has the context under its older name only.
  if ! clean /usr/bin/python3 -c 'from neutron_lib.plugins.ml2.api import MechanismDriver; from neutron.plugins.ml2.driver_context import MechanismDriverContext as C; C.plugin_context'; then
    sed -i 's/context\.plugin_context/context._plugin_context/' \
      "$work/files/usr/lib/python3/dist-packages/networking_generic_switch/generic_switch_mech.py"
  fi
  mv "$work/files/usr/lib/python3/dist-packages" "$DIR/wire/python"
  rm -rf "$work"
}

wire_apt() {
  apt-get --quiet -o Dir::State::lists="$work/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$work/cache" \
    -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root \
    -o Acquire::Languages=none "$@"
}
