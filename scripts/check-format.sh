#!/usr/bin/env bash
# Checks that every tracked Swift file is formatted and passes the lint rules of .swift-format, that every script
# parses, and, with --fix, formats the Swift files first.
#
# usage: scripts/check-format.sh [--fix]
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.swift')
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard -- '*.sh' .ci/run)
existing=()
for file in ${files[@]+"${files[@]}"}; do [ ! -f "$file" ] || existing+=("$file"); done

if [ "${1:-}" = --fix ]; then
  swift format --in-place --parallel --configuration .swift-format "${existing[@]}"
  exit 0
fi

status=0
if ! swift format lint --strict --parallel --configuration .swift-format "${existing[@]}"; then
  echo "format: the files above break the style: run make format, and mend by hand what is left." >&2
  status=1
fi
# The linter reports most of what the formatter would change, but not all of it.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
printf '%s\n' "${existing[@]}" | tar -cf - -T - | tar -xf - -C "$copy"
(cd "$copy" && swift format --in-place --parallel --configuration "$OLDPWD/.swift-format" "${existing[@]}")
for file in "${existing[@]}"; do
  if ! cmp -s "$file" "$copy/$file"; then
    echo "format: $file is not formatted: run make format." >&2
    status=1
  fi
done
for script in ${scripts[@]+"${scripts[@]}"}; do
  bash -n "$script" || status=1
done
[ "$status" = 0 ] && echo "format: ${#existing[@]} Swift files and ${#scripts[@]} scripts are in order"
exit "$status"
