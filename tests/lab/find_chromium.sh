#!/usr/bin/env bash
# Prints the path of a Chrome or Chromium; installs Debian's when that is permitted; else says what to install.
set -euo pipefail
source "$(dirname "$0")/../debian.sh"

find_browser() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

if ! find_browser; then
  if ! { may_install && install_packages "Chromium for the browser tests" chromium fonts-liberation && find_browser; }; then
    echo "The browser tests need Chrome or Chromium: install one (Debian: 'apt install chromium'; macOS: 'brew install --cask chromium'), or name it with 'CHROMIUM=/path/to/chrome make test'." >&2
    exit 1
  fi
fi
