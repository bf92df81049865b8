#!/usr/bin/env bash
# Runs the tests of the data half under a sanitizer, and keeps their output in .build/sanitize-NAME.log. Needs no
# libtorch: VITRAIL_DATA_ONLY=1 leaves out the targets that do.
#
# usage: scripts/sanitize.sh address|thread [SWIFT-TEST-FLAG]...
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: scripts/sanitize.sh address|thread}
shift
log=.build/sanitize-$name.log
mkdir -p .build
# What a sanitizer reports ends the test run with a code of its own, and is printed whole.
export ASAN_OPTIONS=detect_leaks=0:exitcode=66${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export TSAN_OPTIONS=suppressions=$PWD/scripts/sanitize-thread.supp:exitcode=66:halt_on_error=0${TSAN_OPTIONS:+:$TSAN_OPTIONS}
VITRAIL_DATA_ONLY=1 swift test --scratch-path ".build/sanitize-$name" --sanitize="$name" -c release \
  -Xswiftc -enable-testing --no-parallel --disable-xctest --disable-testable-imports "$@" 2>&1 | tee "$log"
if grep -qE '(ERROR|WARNING|SUMMARY): (Address|Thread)Sanitizer' "$log"; then
  echo "sanitize: $name: faults were reported: see $log." >&2
  exit 1
fi
grep -qE 'Test run with [1-9][0-9]* tests? .*passed' "$log" || {
  echo "sanitize: $name: no test ran: see $log." >&2
  exit 1
}
