#!/usr/bin/env bash
# Prints the path of a Chrome or Chromium; installs Debian's when that is permitted; else says what to install.
set -euo pipefail

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

install_browser() {
  local as_root=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  echo "Installing Chromium for the browser tests ..." >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-liberation >&2
}

if ! find_browser; then
  if ! { install_browser && find_browser; }; then
    echo "The browser tests need Chrome or Chromium: install one (Debian: 'apt install chromium'; macOS: 'brew install --cask chromium'), or name it with 'CHROMIUM=/path/to/chrome make test'." >&2
    exit 1
  fi
fi
