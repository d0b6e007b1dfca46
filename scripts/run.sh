#!/usr/bin/env bash
# Installs what is missing, builds, and starts the whole portal. Arguments go to `bedside up`.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_go
# While packages and fonts arrive, the compiler can work already; the second build only adds the fonts.
warm=
if [[ ! -x bin/bedside ]]; then
  nice go build -o /dev/null ./cmd/bedside 2>/dev/null &
  warm=$!
fi
scripts/install.sh run
if [[ -n $warm ]]; then
  timed "compiled" wait "$warm" || true # the build below says what is wrong
fi
timed "built" go build -o bin/bedside ./cmd/bedside
exec bin/bedside up "$@"
