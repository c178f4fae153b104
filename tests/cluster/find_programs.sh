#!/usr/bin/env bash
# Finds the programs of the system that the tests' cluster runs; installs Debian's when that is permitted; else says
# what is missing and what follows from that.
set -euo pipefail
source "$(dirname "$0")/../debian.sh"

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
  local packages package
  mapfile -t packages < <(missing)
  install_packages "${packages[*]} for the tests' cluster" "${packages[@]}"
  for package in "${packages[@]}"; do
    case $package in
      etcd-server) disable_services etcd ;;
      containerd) disable_services containerd ;;
    esac
  done
}

if [ -n "$(missing)" ] && ! { may_install && install_programs && [ -z "$(missing)" ]; }; then
  echo "The tests' cluster needs what is not here: $(missing | paste -sd' '). Install it (these are Debian's names), or the tests that need a cluster are left out." >&2
fi
