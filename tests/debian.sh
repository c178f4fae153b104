# Sourced by the scripts that find programs for the tests: installs Debian's packages.

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get >/dev/null && as_root true 2>/dev/null
}

# The first argument says what for.
install_packages() {
  echo "Installing $1 ..." >&2
  as_root apt-get update -qq >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${@:2}" >&2
}

# The tests start what they need themselves: nobody asked for services that run from now on.
disable_services() {
  [ ! -d /run/systemd/system ] || as_root systemctl disable --quiet --now "$@" >&2 || true
}
