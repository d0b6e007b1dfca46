# Shared by the scripts here, which source it: where things are, and how steps are told.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# Tools are kept outside the checkout, by version: a fresh clone finds them ready.
# shellcheck disable=SC2034 # for those who source this
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bedside/bin

# Where git cannot tell the revision, say in a folder of another owner, programs are built without it.
git rev-parse HEAD >/dev/null 2>&1 || export GOFLAGS="-buildvcs=false ${GOFLAGS:-}"

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# timed NAME COMMAND… runs a command and says how long it took.
timed() {
  local name=$1 began=$SECONDS
  shift
  "$@"
  printf '  %-46s %4d s\n' "$name" "$((SECONDS - began))" >&2
}

need_go() {
  command -v go >/dev/null || die "Go is needed: install $(awk '$1 == "go" { print "Go " $2 }' go.mod) or newer, then try again"
}
