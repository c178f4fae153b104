#!/usr/bin/env bash
# Runs a command with no network but the loopback, where root may do so: Chromium drops what it is loading when an
# interface comes or goes, as those of the pods and containers of the tests beside it do.
set -euo pipefail

# SIOCSIFFLAGS with IFF_UP | IFF_RUNNING: `ip link set lo up`, for machines without iproute2.
up='import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh22x", b"lo", 0x41))'

if unshare --net python3 -c "$up" 2>/dev/null; then
  exec unshare --net bash -c 'python3 -c "$0" && exec "$@"' "$up" "$@"
fi
exec "$@"
