#!/usr/bin/env bash
# Runs every check and every test, goes on after a failure, and ends with a summary. `test.sh quick` leaves out what
# takes minutes: generated code, linters, tests with servers. Nothing here touches a portal that is running.
# shellcheck source=scripts/lib.sh disable=SC2317
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

results=()
failed=0

# step NAME COMMAND… runs one step and keeps its outcome for the summary.
step() {
  local name=$1 began=$SECONDS outcome=passed
  shift
  say "— $name"
  "$@" || { outcome=FAILED && failed=$((failed + 1)); }
  results+=("$(printf '  %-34s %-6s %5d s' "$name" "$outcome" "$((SECONDS - began))")")
}

formatted() {
  local files
  files=$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 ls -d 2>/dev/null | xargs gofmt -l)
  [[ -z $files ]] || { say "not formatted (make fmt mends it):" && say "$files" && return 1; }
}

lint() {
  local linter
  linter=$(scripts/tool.sh golangci-lint) && "$linter" run
}

# Where many clients race each other against deadlines, nothing else may take the cores.
crowded='internal/(scheduling|app|pg|enrollment)$'

# Two packages at a time suit two cores: each has servers and goroutines of its own.
tested() { go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./... | grep -v '/test/e2e'; }

contention() { tested | grep -E "$crowded" | xargs go run ./test/run -- go test -race -shuffle=on -p 1 -timeout 15m; }

unit() { tested | grep -vE "$crowded" | xargs go run ./test/run -- go test -race -shuffle=on -p 2 -timeout 15m; }

# The browser comes alone and last: its tests wait no longer than a person would.
e2e() { go run ./test/run -- go test -race -shuffle=on -timeout 15m ./test/e2e/...; }

# Read whole before it begins, so that it may be edited while it runs.
main() {
  local began=$SECONDS
  need_go
  if [[ ${1:-} != quick ]]; then
    step "installed what is missing" scripts/install.sh test
    ((failed == 0)) || exit 1
  fi
  step "format" formatted
  step "rules of the house" go test ./test/house
  step "vet" go vet ./...
  if [[ ${1:-} != quick ]]; then
    step "generated code" scripts/generate.sh --check
    step "linters" lint
    step "unit and service tests" unit
    step "tests of contention" contention
    step "end to end, in a browser" e2e
  fi

  say ""
  printf '%s\n' "${results[@]}" >&2
  if ((failed > 0)); then
    say "$failed of ${#results[@]} steps failed, after $((SECONDS - began)) s."
    exit 1
  fi
  say "All ${#results[@]} steps passed, in $((SECONDS - began)) s."
}

main "$@"
exit
