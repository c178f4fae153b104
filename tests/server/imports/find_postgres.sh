#!/usr/bin/env bash
# Prints the folder of PostgreSQL's programs; installs Debian's when that is permitted; else says what to install.
set -euo pipefail
source "$(dirname "$0")/../../debian.sh"

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

if ! find_programs; then
  if ! { may_install && install_packages "PostgreSQL for the tests of imports" postgresql && find_programs; }; then
    echo "The tests of imports need PostgreSQL: install it (Debian: 'apt install postgresql'; macOS: 'brew install postgresql')." >&2
    exit 1
  fi
fi
