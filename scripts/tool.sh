#!/usr/bin/env bash
# tool.sh buf|sqlc|golangci-lint prints the path of a pinned tool, and builds it first when it is missing. Each has a
# module of its own in tools/, because in the main one they would move its libraries.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

name=${1:?which tool?}
case $name in
  buf | sqlc) dir=tools/$name ;;
  golangci-lint) dir=tools/lint ;;
  *) die "there is no tool $name" ;;
esac
need_go
package=$(awk '$1 == "tool" { print $2 }' "$dir/go.mod")
version=$(awk -v package="$package" '$1 == "require" { $1 = ""; $0 = $0 } index(package, $1 "/") == 1 && $2 ~ /^v/ { print $2; exit }' "$dir/go.mod")
[[ -n $version ]] || die "$dir/go.mod names no version of $package"
binary=$cache/$name-$version
if [[ ! -x $binary ]]; then
  say "Building $name $version once, for a few minutes …"
  mkdir -p "$cache"
  # Renamed when it is whole: two runs may build it at once, and either may be interrupted.
  (cd "$dir" && nice go build -o "$binary.$$" "$package")
  mv "$binary.$$" "$binary"
fi
printf '%s\n' "$binary"
