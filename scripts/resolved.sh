#!/usr/bin/env bash
# Prints the versions of the direct dependencies that this build uses, in one line, and fails where the manifest lets one
# of them rise above the minor version that was tested, or where the resolved one is another.
set -euo pipefail
cd "$(dirname "$0")/.."

# A fresh clone has not resolved anything yet.
if [ ! -f Package.resolved ] && ! swift package resolve >/dev/null; then
  echo "resolved: the packages cannot be fetched: check the network, then run swift package resolve." >&2
  exit 1
fi

line=
while IFS=' ' read -r name bound; do
  resolved=$(awk -F'"' -v name="$name" '$2 == "identity" { found = tolower($4) == tolower(name) }
    found && $2 == "version" { print $4; exit }' Package.resolved)
  case $bound in
    minor:*) ;;
    *)
      echo "resolved: $name has no bound: write .upToNextMinor(from: \"${resolved:-1.0.0}\") in Package.swift." >&2
      exit 1
      ;;
  esac
  if [ "${resolved%.*}" != "$(expr "$bound" : 'minor:\([0-9]*\.[0-9]*\)')" ]; then
    echo "resolved: $name is ${resolved:-missing}, and ${bound#minor:} was tested: run swift package resolve." >&2
    exit 1
  fi
  line="$line${line:+, }$name $resolved"
done < <(sed -n 's|^ *\.package(url: ".*/\([^/"]*\)", *\(.*\)).*|\1 \2|p' Package.swift |
  sed 's|\.upToNextMinor(from: "\([0-9.]*\)").*|minor:\1|; s|^\([^ ]*\) from: .*|\1 open|')
[ -n "$line" ] || {
  echo "resolved: Package.swift names no dependency." >&2
  exit 1
}
echo "$line"
