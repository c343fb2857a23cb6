# shellcheck shell=bash
# Worlds: other Debian suites, each in a chroot of its own, with the servers that this suite has. In it, script/services and
# script/test run as they are, on the same files: the repository is at the same place inside and outside.
#
# A world's mounts are in a mount namespace of their own. The machine does not see them, and they end with the last process
# of the world.

# Which suite a world is, and all packages that script/services and script/test need there: its user cannot install any.
declare -A WORLD_SUITES=([trixie]=trixie [forky]=forky [mysql]=sid [bare]=trixie)
WORLD_PACKAGES=(procps curl git nodejs openssl faketime prometheus zsh rabbitmq-server mariadb-server galera-4 rsync iproute2
  uwsgi-plugin-python3 neutron-server ironic-neutron-agent keystone ironic-common python3-oslo.messaging python3-ironic
  python3-ironicclient python3-pymysql python3-setuptools python3-wheel)
MYSQL_WORLD_PACKAGES=(procps curl mysql-server)
BARE_WORLD_PACKAGES=(procps nodejs systemd logrotate bash-completion)

# The user that runs everything in a world, from the numbers that no package and no ordinary user of a machine takes.
WORLD_USER_ID=59990

world_folder() {
  # shellcheck disable=SC2153 # ROOT comes from the script that sources this
  echo "$ROOT/.services/worlds/$1"
}

# check_world WORLD: ends the script where there is no such world, or where it cannot be had.
check_world() {
  [[ ${WORLD_SUITES[${1:-}]:-} ]] || die "no such world: ${1:-} (${!WORLD_SUITES[*]})"
  ((EUID == 0)) || die "a world is a chroot, which only root can make and enter: run this with sudo"
  unshare --mount true 2>/dev/null ||
    die "mounting is not allowed here, and a world needs it: run this on a machine, or in a container with CAP_SYS_ADMIN"
}

# world_up WORLD: makes its chroot, if it is not there, and installs what it lacks. What a killed run left half done is done
# again.
world_up() (
  local root log packages
  root=$(world_folder "$1")/root log=$(world_folder "$1")/log
  umask 022
  # The folder of this machine's own servers stays its owner's, also under sudo.
  [[ -e $ROOT/.services ]] || install --directory --owner="$(stat -c %u "$ROOT")" "$ROOT/.services"
  # The world's user goes through it to its own folder.
  chmod a+x "$ROOT/.services"
  mkdir -p "$(world_folder "$1")/home"
  chown "$WORLD_USER_ID:$WORLD_USER_ID" "$(world_folder "$1")/home"
  exec 8>"$(world_folder "$1")/lock"
  flock 8
  if [[ ! -d $root ]]; then
    need_packages debootstrap
    step "$log" "making the world $1 (debootstrap)" world_make "${WORLD_SUITES[$1]}" "$root"
  fi
  packages=("${WORLD_PACKAGES[@]}")
  if [[ $1 == mysql ]]; then packages=("${MYSQL_WORLD_PACKAGES[@]}"); fi
  if [[ $1 == bare ]]; then packages=("${BARE_WORLD_PACKAGES[@]}"); fi
  if [[ $(cat "$root/etc/netprov-packages" 2>/dev/null) != "${packages[*]}" ]]; then
    step "$log" "installing packages of Debian ${WORLD_SUITES[$1]} in the world $1" world_install "$1" "${packages[@]}"
    echo "${packages[*]}" >"$root/etc/netprov-packages"
  fi
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  world_fill "$root"
)

# Neutron and Keystone as clouds run them now, under uwsgi, by the names of the commands that Debian 12 has for them; and a
# bare-metal driver that binds without real switches.
world_fill() {
  local python
  [[ -e $1/usr/bin/neutron-rpc-server ]] || return 0
  install -m 755 "$LIB"/worlds/{neutron-server,keystone-wsgi-public} "$1/usr/bin"
  for python in "$1"/usr/lib/python3.*; do
    python=$1/usr/local/lib/$(basename "$python")/dist-packages
    mkdir -p "$python"
    cp -r "$LIB/worlds/python/." "$python"
  done
  # The driver keeps its name: netprov tells by it that no switch is configured.
  sed -i 's/^baremetal = networking_baremetal\.plugins\..*/baremetal = netprov_worlds:AnySwitch/' \
    "$1"/usr/lib/python3/dist-packages/networking_baremetal-*.egg-info/entry_points.txt
  world_mend_ironic "$1/usr/lib/python3/dist-packages/ironic/api/controllers/v1/node.py"
}

# Ironic 29.0.5 and 35.0.1, with their mend of CVE-2026-44918, make a node its own parent whenever it is changed, and then
# cannot power it off: it waits for its own lock. This is what Ironic's master does about it.
world_mend_ironic() {
  [[ -e $1 ]] || return 0
  sed -i "s/^            corrected_values\['parent_node'\] = parent_node.uuid$/            if parent_node.uuid != rpc_node.uuid:\n    &/" "$1"
}

# world_make SUITE ROOT: under another name first, so that a half-made one is not taken for a good one.
world_make() {
  local suite=$1 root=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  rm -rf -- "$root.new"
  # By sid's script, which is every newer suite's: this machine's debootstrap may not know the suite's name. Packages come
  # from where this machine's packages come from.
  debootstrap --variant=minbase --keyring="$keyring" "$suite" "$root.new" "$(debian_mirror)" sid
  cp /etc/apt/apt.conf.d/*prox* "$root.new/etc/apt/apt.conf.d/" 2>/dev/null || true
  # A mirror that has fallen behind will do.
  printf '%s\n' 'APT::Install-Recommends "false";' 'APT::Keep-Downloaded-Packages "false";' \
    'Acquire::Check-Valid-Until "false";' >"$root.new/etc/apt/apt.conf.d/90netprov"
  printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
    'path-exclude=/usr/share/locale/*' >"$root.new/etc/dpkg/dpkg.cfg.d/netprov"
  # No package starts its servers: the instances are private ones.
  printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
  chmod 755 "$root.new/usr/sbin/policy-rc.d"
  echo '127.0.0.1 localhost' >"$root.new/etc/hosts"
  echo "netprov:x:$WORLD_USER_ID:$WORLD_USER_ID::/tmp:/bin/bash" >>"$root.new/etc/passwd"
  echo "netprov:x:$WORLD_USER_ID:" >>"$root.new/etc/group"
  mv "$root.new" "$root"
}

# The machine's own Debian mirror; nothing where it has none, and then debootstrap takes its default.
debian_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 || true
}

# world_install WORLD PACKAGE...
world_install() {
  local world=$1 apt=(DEBIAN_FRONTEND=noninteractive apt-get --quiet)
  shift
  world_run root "$world" DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure --pending
  world_run root "$world" "${apt[@]}" update
  world_run root "$world" "${apt[@]}" --yes --fix-broken install
  world_run root "$world" "${apt[@]}" --yes install "$@"
}

# What world_run does in the new mount namespace. An argument like NAME=value becomes part of the environment.
# shellcheck disable=SC2016 # it is the other shell that expands these
WORLD_ENTER='
  user=$1 root=$2 repository=$3 modules=$4 history=$5
  shift 5
  for place in /proc /dev /sys; do mount --rbind "$place" "$root$place"; done
  for place in "$repository" "$modules" "$history"; do
    if [ -d "$place" ]; then mkdir -p "$root$place" && mount --bind "$place" "$root$place"; fi
  done
  exec chroot --userspec="$user" "$root" env -i --chdir="$repository" "$@"'

# world_run USER WORLD [NAME=VALUE...] COMMAND...: in its chroot, with this machine's network and processes, in the
# repository's folder, and with an environment of its own.
world_run() {
  local user=$1 world=$2 root environment name
  root=$(world_folder "$world")/root
  shift 2
  environment=(PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$(world_folder "$world")/home" LANG=C.UTF-8 NETPROV_WORLD="$world"
    NETPROV_SERVICES_DIR="$(world_folder "$world")/home/services")
  # Tests read the repository's history, and it is another user's.
  environment+=(GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$ROOT")
  for name in TERM CI http_proxy https_proxy no_proxy; do [[ ! ${!name:-} ]] || environment+=("$name=${!name}"); done
  unshare --mount --propagation private sh -euc "$WORLD_ENTER" world "$user" "$root" "$ROOT" \
    "$(readlink -f "$ROOT/node_modules")" "$(world_history)" "${environment[@]}" "$@"
}

# The folder of the repository's history. That of a linked worktree is elsewhere. Empty where there is none.
world_history() {
  git -C "$ROOT" -c safe.directory="$ROOT" rev-parse --path-format=absolute --git-common-dir 2>/dev/null || true
}

# take_worlds ARGUMENT...: each --world W goes into WORLDS, the other arguments into ARGUMENTS.
take_worlds() {
  WORLDS=() ARGUMENTS=()
  while (($# > 0)); do
    if [[ $1 == --world ]]; then
      check_world "${2:-}"
      WORLDS+=("$2")
      shift
    else
      ARGUMENTS+=("$1")
    fi
    shift
  done
}

# world_services WORLD COMMAND [ARGUMENT...]: script/services there.
world_services() {
  local world=$1 all='' folder
  folder=$(world_folder "$1")
  shift
  if [[ ${1:-} == up ]]; then
    world_up "$world"
  elif [[ ! -d $folder/root ]]; then
    [[ ${1:-} != down ]] || return 0
    die "the world $world is not there yet; make it with: script/services up --world $world"
  fi
  if [[ $* == 'down --all' ]]; then
    all=yes
    set -- down
  fi
  world_run netprov "$world" ${NETPROV_SERVICES_DIR:+NETPROV_SERVICES_DIR="$NETPROV_SERVICES_DIR"} script/services "$@"
  # It is no more than files: the mounts ended with the last process.
  [[ ! $all ]] || rm -rf -- "$folder"
}

# Stops what runs in any world.
worlds_down() {
  local folder
  for folder in "$ROOT"/.services/worlds/*/; do
    if [[ -d $folder/home/services ]]; then world_services "$(basename "$folder")" down; fi
  done
}
