#!/usr/bin/env bash
# Builds every package under Examples/ as its users would: from outside, with this package as a path dependency.
set -euo pipefail
cd "$(dirname "$0")/.."
for example in Examples/*/; do
  echo "example: building $example"
  swift build --package-path "$example" --scratch-path ".build/examples/$(basename "$example")"
done
