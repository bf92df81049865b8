#!/usr/bin/env bash
# Builds the DocC documentation of the umbrella library; a warning, such as a broken link, fails.
#
# usage: scripts/check-docs.sh [SWIFT-BUILD-FLAG]...
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .build
log=.build/docs.log
if ! swift package "$@" generate-documentation --target Vitrail --warnings-as-errors >"$log" 2>&1; then
  grep -E 'error|warning' -A 4 "$log" >&2 || tail -n 20 "$log" >&2
  echo "docs: the documentation does not build without warnings: see $log." >&2
  exit 1
fi
echo "docs: $(sed -n 's/^ *\(.*doccarchive\)$/\1/p' "$log" | tail -n 1 | sed "s|^$PWD/||")"
