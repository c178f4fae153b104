#!/usr/bin/env bash
# Finds the programs of the system that the tests' cluster runs; installs Debian's when that is permitted; else says
# what is missing and what follows from that.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin

# Each with the package that brings it.
missing() {
  local program
  for program in etcd:etcd-server containerd:containerd runc:runc debootstrap:debootstrap ip:iproute2; do
    command -v "${program%%:*}" >/dev/null || echo "${program##*:}"
  done
  [ -x /usr/lib/cni/bridge ] || echo containernetworking-plugins
}

install_programs() {
  local as_root=() packages package
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  mapfile -t packages < <(missing)
  echo "Installing ${packages[*]} for the tests' cluster ..." >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >&2
  # The cluster starts its own: nobody asked for services that run from now on.
  if [ -d /run/systemd/system ]; then
    for package in "${packages[@]}"; do
      case $package in
        etcd-server) "${as_root[@]}" systemctl disable --quiet --now etcd >&2 ;;
        containerd) "${as_root[@]}" systemctl disable --quiet --now containerd >&2 ;;
      esac
    done
  fi
}

if [ -n "$(missing)" ] && ! { install_programs && [ -z "$(missing)" ]; }; then
  echo "The tests' cluster needs what is not here: $(missing | paste -sd' '). Install it (these are Debian's names), or the tests that need a cluster are left out." >&2
fi
