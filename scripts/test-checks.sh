#!/usr/bin/env bash
# Shows that the checks fail: each is run on a small tree with one planted fault, and on the same tree without it.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd -P)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/scripts" "$tree/Sources"
cp "$scripts"/check-*.sh "$tree/scripts/"
cp "$scripts/../.swift-format" "$tree/"
git -C "$tree" init -q
failures=0

# expect pass|fail SCRIPT WHAT
expect() {
  local status=pass
  "$tree/scripts/$2" >"$tree/log" 2>&1 || status=fail
  if [ "$status" != "$1" ]; then
    echo "test-checks: $2 must $1 on $3 and did not:" >&2
    sed 's/^/  /' "$tree/log" >&2
    failures=$((failures + 1))
  fi
}

good='/// A point.
public struct Point {
  /// Its place.
  public var x: Double
}'
printf '%s\n' "$good" >"$tree/Sources/Point.swift"
expect pass check-format.sh "a clean tree"
expect pass check-lines.sh "a clean tree"

printf '%s\n' "$good" | sed 's/^  public/      public/' >"$tree/Sources/Point.swift"
expect fail check-format.sh "a wrong indentation"
printf '%s\n' "$good" | sed '/Its place/d' >"$tree/Sources/Point.swift"
expect fail check-format.sh "a public declaration without documentation"
{
  printf '%s\n' "$good"
  printf 'let aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = "%0100d"\n' 0
} >"$tree/Sources/Point.swift"
expect fail check-format.sh "a line of more than 120 characters"
printf '%s\n' "$good" >"$tree/Sources/Point.swift"
echo 'if true; then' >"$tree/scripts/broken.sh"
expect fail check-format.sh "a script that does not parse"
rm "$tree/scripts/broken.sh"

seq 401 | sed 's|^|// |' >"$tree/Sources/long.c"
expect fail check-lines.sh "a file of 401 lines"
seq 400 | sed 's|^|// |' >"$tree/Sources/long.c"
expect pass check-lines.sh "a file of 400 lines"

[ "$failures" = 0 ] || exit 1
echo "test-checks: the checks pass on clean trees and fail on planted faults"
