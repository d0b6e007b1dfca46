#!/usr/bin/env bash
# Installs what is missing for running (install.sh run) or for running and testing (install.sh test): Debian packages,
# then the pages' fonts, icons and scripts. What is there already is left alone.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

has() { command -v "$1" >/dev/null; }

# Postgres' server programs are not on the PATH on Debian. Any version from 15 on will do.
has_postgres() {
  local dir major
  has initdb && return
  for dir in /usr/lib/postgresql/*/bin; do
    major=${dir#/usr/lib/postgresql/}
    [[ -x $dir/initdb && ${major%/bin} -ge 15 ]] && return
  done
  return 1
}

missing() {
  has_postgres || echo postgresql-15
  has redis-server || echo redis-server
  has node || echo nodejs
  has npm || echo npm
  [[ ${1:-} == test ]] || return 0
  has chromium || echo chromium
  has gcc || echo gcc libc6-dev # the race detector needs a C compiler
  has git || echo git
  has diff || echo diffutils
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    die "these packages are missing, and neither root nor sudo is there to install them: ${packages[*]}"
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >&2; }

# A first try can fail on a package list that has just changed.
install_packages() {
  has apt-get || die "these programs are missing; install them with your system's package manager: ${packages[*]}"
  say "Installing ${packages[*]} …"
  apt update || true
  apt install -y --no-install-recommends "${packages[@]}" || { apt update && apt install -y --no-install-recommends "${packages[@]}"; }
}

# newer FILE PATH… is true when FILE is missing or older than anything at the paths.
outdated() {
  local built=$1
  shift
  [[ ! -e $built ]] || [[ -n $(find "$@" -newer "$built" -print -quit) ]]
}

assets=internal/web/assets

fetch_assets() { (cd "$assets" && npm ci --no-audit --no-fund --loglevel=error >&2 && touch node_modules/.package-lock.json); }

build_assets() { go run ./$assets/build "$assets" >&2; }

need_go
mapfile -t packages < <(missing "${1:-}" | tr ' ' '\n')
if ((${#packages[@]})); then
  timed "system packages" install_packages
fi
if outdated $assets/node_modules/.package-lock.json $assets/package.json $assets/package-lock.json; then
  timed "fonts, icons and scripts fetched" fetch_assets
fi
if outdated $assets/dist/manifest.json $assets/node_modules/.package-lock.json $assets/css $assets/js $assets/static $assets/icons.txt $assets/build; then
  timed "fonts, icons and scripts built" build_assets
fi
