#!/usr/bin/env bash
# Makes all generated code anew: messages and clients from proto/, queries from query.sql, pages from *.templ. What is
# no longer generated disappears.
#   generate.sh          here
#   generate.sh --check  in a copy, and fails with the differences to what is here
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A formatter of embedded scripts that happens to be installed must not decide how our files look.
templ_format=(go tool templ fmt -log-level error -prettier-command none)

generate() {
  local queries
  mapfile -t queries < <(awk '$1 == "out:" { print $2 }' sqlc.yaml)
  rm -rf internal/gen "${queries[@]}"
  "$buf" lint
  "$buf" generate
  "$sqlc" generate
  find internal/web -name "*_templ.go" -delete
  go tool templ generate -log-level error -path internal/web
}

compare() {
  copy=$(mktemp -d)
  trap 'rm -rf "$copy"' EXIT
  git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    if [[ -e $file ]]; then printf '%s\0' "$file"; fi
  done | xargs -0 cp --parents -t "$copy"
  cd "$copy"
  "${templ_format[@]}" internal/web
  generate
  local differences
  differences=$(diff --recursive --brief --exclude=node_modules --exclude=dist "$root/internal" "$copy/internal") || true
  [[ -z $differences ]] || die "generated code is not what its sources give; run make generate (and make fmt for .templ files):
${differences//$copy/new}"
}

need_go
buf=$(scripts/tool.sh buf)
sqlc=$(scripts/tool.sh sqlc)
if [[ ${1:-} == --check ]]; then
  compare
else
  generate
fi
