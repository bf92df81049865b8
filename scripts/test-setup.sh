#!/usr/bin/env bash
# Tests setup.sh without a network: each thing that can be missing or wrong is faked through PATH, and the one sentence
# that setup.sh answers with is checked, together with its exit status.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# A fresh copy of the scripts and a PATH that holds the plain tools and nothing that setup.sh looks for.
fresh() {
  rm -rf "$work/tree" "$work/bin"
  mkdir -p "$work/tree/scripts" "$work/bin"
  cp "$scripts"/setup.sh "$scripts"/fetch-libtorch.sh "$scripts"/check-libtorch.sh "$scripts"/unpack-wheel.py "$scripts"/libtorch.sha256 "$work/tree/scripts/"
  local tool
  for tool in bash env cat sed grep head tail tr ls mkdir rm mv cp dirname readlink cksum df awk id uname mktemp flock sha256sum; do
    ln -s "$(command -v "$tool")" "$work/bin/$tool"
  done
  fake swift 'echo "Swift version 6.2.1 (swift-6.2.1-RELEASE)"'
  fake git 'exit 0'
  fake dpkg-query 'echo "ii "'
  fake df 'echo "Filesystem 1024-blocks Used Available Capacity Mounted"; echo "/dev/x 99999999 1 98999999 1% /"'
  pip 'echo "unexpected: pip download $*"; exit 1'
}

# fake NAME BODY: a program of that name.
fake() {
  rm -f "$work/bin/$1"
  printf '#!%s\n%s\n' "$(command -v bash)" "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

# pip BODY: a python3 whose pip answers a download with BODY.
pip() {
  fake python3 "case \"\$*\" in '-m pip --version') echo 'pip 24.0' ;; '-m pip download'*) $1 ;; *) exit 1 ;; esac"
}

# A libtorch of some version, without its libraries' content.
libtorch() {
  mkdir -p "$1/lib" "$1/include/torch/headeronly"
  : >"$1/lib/libtorch_cpu.so"
  : >"$1/lib/libc10.so"
  printf '#define TORCH_VERSION_MAJOR %s\n#define TORCH_VERSION_MINOR %s\n#define TORCH_VERSION_PATCH 0\n' "$2" "$3" \
    >"$1/include/torch/headeronly/version.h"
}

# expect WHAT SENTENCE [NAME=VALUE]... [-- OPTION...]: setup.sh must exit with 1 and its last line must hold SENTENCE.
expect() {
  local what=$1 sentence=$2 status=0 last
  shift 2
  local -a variables=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    variables+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift
  env -i PATH="$work/bin" HOME="$work" ${variables[@]+"${variables[@]}"} "$work/tree/scripts/setup.sh" "$@" \
    >"$work/log" 2>&1 </dev/null || status=$?
  last=$(tail -n 1 "$work/log")
  if [ "$status" != 1 ] || [[ "$last" != *"$sentence"* ]]; then
    echo "test-setup: $what: status $status (1 is right), and the last line lacks \"$sentence\":" >&2
    sed 's/^/  /' "$work/log" >&2
    failures=$((failures + 1))
  fi
}

fresh
rm "$work/bin/swift"
expect "no Swift" "no swift is on PATH: install it"
fresh
fake swift 'echo "Swift version 6.1 (swift-6.1-RELEASE)"'
expect "Swift 6.1" "Swift 6.1 is too old, 6.2 or newer is needed"
fresh
fake swift 'echo "Apple Swift version 5.10.1"'
expect "Swift 5.10" "Swift 5.10.1 is too old"
fresh
fake swift 'echo "swift: libxml2.so.2: cannot open shared object file"; exit 127'
expect "a Swift that does not run" "does not run (swift: libxml2.so.2: cannot open"
fresh
rm "$work/bin/git"
expect "no git" "git is needed to fetch the Swift packages"

fresh
fake dpkg-query 'exit 1'
fake apt-get 'exit 0'
fake id 'echo 1000'
expect "packages missing, no rights" \
  "run this and try again: sudo apt-get install -y --no-install-recommends libjpeg-dev libspng-dev libwebp-dev libisal-dev zlib1g-dev pkg-config"
fresh
fake dpkg-query 'exit 1'
expect "packages missing, no apt-get" "there is no apt-get to bring them: libjpeg-dev"
fresh
fake dpkg-query 'case "$*" in *isal*) exit 1 ;; *) echo "ii " ;; esac'
fake apt-get 'echo "E: Unable to fetch"; exit 100'
fake id 'echo 0'
expect "apt-get fails" "apt-get could not install libisal-dev (its messages are in .build/setup-apt.log)"

fresh
rm "$work/bin/python3"
expect "no python3" "python3 is not on PATH: install it (apt-get install python3 python3-pip), or set LIBTORCH"
fresh
fake python3 'echo "No module named pip" >&2; exit 1'
expect "no pip" "this python3 has none: install it (apt-get install python3-pip)"
fresh
pip 'echo "WARNING: Retrying after NewConnectionError: Failed to establish a new connection"; echo "ERROR: No matching distribution found for torch"; exit 1'
expect "no network" "pip reaches no package index: check the network"
fresh
pip 'echo "ERROR: No matching distribution found for torch==2.13.0"; exit 1'
expect "no wheel for this machine" "offers no torch 2.13.0 for this machine"
fresh
pip 'echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"; exit 1'
expect "the disk fills up" "the disk is full while torch 2.13.0 is brought"
fresh
fake df 'echo "Filesystem 1024-blocks Used Available Capacity Mounted"; echo "/dev/x 9 8 1048576 1% /"'
expect "no room" "needs 3 GB of free disk"
expect "no room for CUDA" "needs 14 GB of free disk" -- --cuda

# wheel NAME: a pip that brings a wheel of that name, with "wheel" in it, which cannot be unpacked.
wheel() {
  fake python3 "case \"\$*\" in
    '-m pip --version') echo 'pip 24.0' ;;
    '-m pip download'*) printf wheel >'$work/tree/.libtorch.download/$1' ;;
    '-m zipfile -t'*) ;;
    *unpack-wheel.py\ kind*) echo cpu ;;
    *) exit 1 ;;
  esac"
}
# said WHAT TEXT: the last run has said so.
said() {
  grep -qF "$2" "$work/log" || {
    echo "test-setup: $1: nobody said \"$2\":" >&2
    sed 's/^/  /' "$work/log" >&2
    failures=$((failures + 1))
  }
}
hash=$(printf wheel | sha256sum)
hash=${hash%% *}
pinned=torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl
fresh
wheel "$pinned"
expect "a wheel with a wrong hash" "$pinned has the SHA-256 $hash and not 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b: it was removed"
[ ! -e "$work/tree/.libtorch.download/$pinned" ] || {
  echo "test-setup: a wheel with a wrong hash stays" >&2
  failures=$((failures + 1))
}
expect "a wheel with the hash that the user gives" "the wheel could not be unpacked" VITRAIL_TORCH_SHA256="$hash"
fresh
wheel torch-2.12.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl
expect "a wheel that is not listed" "the wheel could not be unpacked" VITRAIL_TORCH_VERSION=2.12.0
said "a wheel that is not listed" "cp311-manylinux_2_28_x86_64.whl is not verified: scripts/libtorch.sha256 does not list it (its SHA-256 is $hash;"
expect "another version with a wrong hash" "has the SHA-256 $hash and not 00" VITRAIL_TORCH_VERSION=2.12.0 VITRAIL_TORCH_SHA256=00

fresh
expect "LIBTORCH is nowhere" "LIBTORCH is $work/nowhere, which cannot be used" LIBTORCH="$work/nowhere"
libtorch "$work/old" 2 9
expect "LIBTORCH is too old" "point it at a folder with include/ and lib/ of libtorch 2.11 to 2.13" LIBTORCH="$work/old"
grep -q 'is version 2.9.0, and versions 2.11 to 2.13 are supported' "$work/log" || {
  echo "test-setup: the version of an old libtorch is not told" >&2
  failures=$((failures + 1))
}
expect "--cuda beside LIBTORCH" "unset LIBTORCH, or leave --cuda out" LIBTORCH="$work/old" -- --cuda
libtorch "$work/hollow" 2 13
fake clang++ 'echo "fatal error: no such file ATen/ATen.h"; exit 1'
fake c++ 'echo "fatal error: no such file ATen/ATen.h"; exit 1'
fake dpkg-query 'echo "ii "'
fake apt-get 'exit 0'
fake id 'echo 0'
expect "LIBTORCH does not compile" "which cannot be used" LIBTORCH="$work/hollow"
grep -q 'does not compile and link' "$work/log" || {
  echo "test-setup: a libtorch that does not compile is not told as such" >&2
  failures=$((failures + 1))
}

# A libtorch that was checked before is taken as it is, with no python3 and no compiler.
fresh
libtorch "$work/tree/.libtorch" 2 13
rm "$work/bin/python3"
mkdir -p "$work/tree/.build"
place=$(cd "$work/tree/.libtorch" && pwd -P)
printf '%s\n' "$place 2.13.0 $(ls -lnL "$place/lib/libtorch_cpu.so" "$place/lib/"libc10.* | cksum)" >"$work/tree/.build/libtorch-checked"
env -i PATH="$work/bin" HOME="$work" "$work/tree/scripts/setup.sh" --quiet >"$work/log" 2>&1 </dev/null || {
  echo "test-setup: a second run with everything in place failed:" >&2
  cat "$work/log" >&2
  failures=$((failures + 1))
}
[ ! -s "$work/log" ] || {
  echo "test-setup: --quiet was not quiet" >&2
  failures=$((failures + 1))
}

[ "$failures" = 0 ] || exit 1
echo "test-setup: every failure is told in one sentence"
