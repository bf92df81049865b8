#!/usr/bin/env bash
# Refuses source files of more than 400 lines.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
count=0
while IFS= read -r file; do
  [ -f "$file" ] || continue
  count=$((count + 1))
  lines=$(wc -l <"$file")
  if [ "$lines" -gt 400 ]; then
    echo "lines: $file has $lines lines, and 400 is the limit: split it by concept." >&2
    status=1
  fi
done < <(git ls-files --cached --others --exclude-standard -- '*.swift' '*.c' '*.cpp' '*.cc' '*.h' '*.cu' '*.py' '*.sh' .ci/run)
[ "$status" = 0 ] && echo "lines: none of $count files is above 400 lines"
exit "$status"
