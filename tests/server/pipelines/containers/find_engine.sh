#!/usr/bin/env bash
# Finds a container engine; installs Debian's Podman when that is permitted; else says what is left out.
set -euo pipefail

find_engine() {
  command -v podman >/dev/null || docker info >/dev/null 2>&1
}

install_engine() {
  local as_root=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  echo "Installing Podman for the tests of containers ..." >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends podman >&2
  # The tests call the program alone: nobody asked for services that run from now on.
  if [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl disable --quiet --now podman.socket podman.service podman-restart.service podman-auto-update.timer >&2 || true
  fi
}

if ! find_engine && ! { install_engine && find_engine; }; then
  echo "The tests of containers need Podman or Docker: install one (Debian: 'apt install podman'), or they are left out." >&2
fi
