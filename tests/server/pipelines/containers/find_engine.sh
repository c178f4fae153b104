#!/usr/bin/env bash
# Finds a container engine; installs Debian's Podman when that is permitted; else says what is left out.
set -euo pipefail
source "$(dirname "$0")/../../../debian.sh"

find_engine() {
  command -v podman >/dev/null || docker info >/dev/null 2>&1
}

install_engine() {
  install_packages "Podman for the tests of containers" podman
  disable_services podman.socket podman.service podman-restart.service podman-auto-update.timer
}

if ! find_engine && ! { may_install && install_engine && find_engine; }; then
  echo "The tests of containers need Podman or Docker: install one (Debian: 'apt install podman'), or they are left out." >&2
fi
