#!/usr/bin/env bash
# Shows that the checks fail: each is run on a small tree with one planted fault, and on the same tree without it.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd -P)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/scripts" "$tree/Sources"
cp "$scripts"/check-*.sh "$scripts"/resolved.sh "$tree/scripts/"
cp "$scripts/../.swift-format" "$tree/"
git -C "$tree" init -q
failures=0

# expect pass|fail SCRIPT WHAT
expect() {
  local status=pass
  # The second argument may hold an argument of its own.
  # shellcheck disable=SC2086
  "$tree"/scripts/$2 >"$tree/log" 2>&1 || status=fail
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

# package REQUIREMENT VERSION: a manifest with one dependency, and what it resolved to.
package() {
  printf '    .package(url: "https://example.org/yams", %s),\n' "$1" >"$tree/Package.swift"
  printf '{\n  "identity" : "yams",\n  "state" : {\n    "version" : "%s"\n  }\n}\n' "$2" >"$tree/Package.resolved"
}
package '.upToNextMinor(from: "6.2.2")' 6.2.5
expect pass resolved.sh "a dependency within its bound"
package 'from: "6.2.2"' 6.2.2
expect fail resolved.sh "a dependency without a bound"
package 'branch: "main"' 6.2.2
expect fail resolved.sh "a dependency on a branch"
package '.upToNextMinor(from: "6.2.2")' 6.3.0
expect fail resolved.sh "a version that was not tested"
rm "$tree/Package.swift" "$tree/Package.resolved"

# A program with one library beside it, as in an archive.
compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
archive() {
  rm -rf "$tree/archive"
  mkdir -p "$tree/archive/bin" "$tree/archive/lib"
  echo 'int answer(void) { return 42; }' >"$tree/answer.c"
  echo 'int answer(void); int main(void) { return answer() != 42; }' >"$tree/main.c"
  "$compiler" -shared -fPIC -Wl,-soname,libanswer.so -Wl,--enable-new-dtags "-Wl,-rpath,$2" \
    "$tree/answer.c" -o "$tree/archive/lib/libanswer.so"
  "$compiler" "$tree/main.c" -L"$tree/archive/lib" -lanswer -Wl,"$3" "-Wl,-rpath,$1" -o "$tree/archive/bin/vitrail"
}
archive '$ORIGIN/../lib' '$ORIGIN' --enable-new-dtags
expect pass "check-elf.sh $tree/archive" "a sound archive"
rm "$tree/archive/lib/libanswer.so"
expect fail "check-elf.sh $tree/archive" "a library that is missing"
archive "$tree/archive/lib" '$ORIGIN' --enable-new-dtags
expect fail "check-elf.sh $tree/archive" "an absolute run path"
archive '$ORIGIN/../lib:/usr/lib' '$ORIGIN' --enable-new-dtags
expect fail "check-elf.sh $tree/archive" "a second run path"
archive '$ORIGIN/../lib' '$ORIGIN/..' --enable-new-dtags
expect fail "check-elf.sh $tree/archive" "a library with another run path"
archive '$ORIGIN/../lib' '$ORIGIN' --disable-new-dtags
expect fail "check-elf.sh $tree/archive" "an RPATH"

[ "$failures" = 0 ] || exit 1
echo "test-checks: the checks pass on clean trees and fail on planted faults"
