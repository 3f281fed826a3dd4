#!/bin/sh
# Writes crds.yaml, operator.yaml and gate.yaml, the chart with its default values, for people without Helm.
# Usage: deploy/render.sh [FOLDER]; without FOLDER, beside this script. Helm is taken from $HELM or from PATH.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here}
helm=${HELM:-helm}

if ! command -v "$helm" >/dev/null; then
  echo "deploy/render.sh: there is no Helm ($helm); install it (https://helm.sh/docs/intro/install) or set HELM" >&2
  exit 1
fi

# Written only once all of it was rendered: a pipe or a redirection would leave half a file behind a failure.
render() {
  file=$1
  shift
  manifests=$("$helm" template releaseflow "$here/../charts/releaseflow" --namespace releaseflow-system "$@")
  {
    echo "# Generated from charts/releaseflow by deploy/render.sh; edit the chart and run it again."
    printf '%s\n' "$manifests" | grep -v -e '^# Source: ' -e 'app.kubernetes.io/managed-by: Helm$'
  } >"$target/$file"
}

render operator.yaml --set crds.install=false
# A file of its own: clusters before Kubernetes 1.36 do not know what is in it.
render gate.yaml --set gate.policy=Always --show-only templates/gate.yaml
render crds.yaml --show-only templates/crds.yaml
