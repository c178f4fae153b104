#!/usr/bin/env bash
# Prints the folder of PostgreSQL's programs; installs Debian's when that is permitted; else says what to install.
set -euo pipefail

find_programs() {
  local candidate
  for candidate in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    if [ -x "$candidate/initdb" ]; then
      echo "$candidate"
      return 0
    fi
  done
  command -v initdb >/dev/null && dirname "$(command -v initdb)"
}

install_programs() {
  local as_root=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  echo "Installing PostgreSQL for the tests of imports ..." >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql >&2
}

if ! find_programs; then
  if ! { install_programs && find_programs; }; then
    echo "The tests of imports need PostgreSQL: install it (Debian: 'apt install postgresql'; macOS: 'brew install postgresql')." >&2
    exit 1
  fi
fi
