#!/usr/bin/env bash
# Puts libtorch into .libtorch/: leaves a good one alone, else brings the pinned wheel through pip, unpacks what a build
# needs of it beside the place, checks it, and moves it there in one step. Called by setup.sh, which says what the
# environment variables mean. A wheel that is already in .libtorch.download/ is used again, so that an interrupted run
# costs no second download; two runs at once wait for each other.
#
# usage: scripts/fetch-libtorch.sh [--cuda] [--quiet]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd -P)
version=${VITRAIL_TORCH_VERSION:-2.13.0}
place="$root/.libtorch"
stage="$root/.libtorch.stage"
downloads="$root/.libtorch.download"
cuda=

die() {
  echo "setup: $*" >&2
  exit 1
}

for argument in "$@"; do
  case $argument in
    --cuda) cuda=--cuda ;;
    --quiet) ;;
    *) die "unknown option $argument: use --cuda or --quiet." ;;
  esac
done

# A CPU build will not do for --cuda; a CUDA build does for the CPU.
good() {
  [ -d "$1" ] && { [ -z "$cuda" ] || [ -f "$1/cuda-enabled" ]; } && "$root/scripts/check-libtorch.sh" "$1" 2>"$root/.build/libtorch.log"
}

lock() {
  if command -v flock >/dev/null 2>&1; then
    exec 8>"$root/.libtorch.lock"
    if ! flock -n 8; then
      echo "setup: another set-up is at work here; waiting for it"
      flock 8
    fi
  fi
}

check_space() {
  local needed=3 free
  [ -z "$cuda" ] || needed=14
  free=$(df -Pk "$root" | awk 'NR == 2 { print int($4 / 1048576) }')
  [ "$free" -ge "$needed" ] ||
    die "libtorch needs $needed GB of free disk while it is unpacked, and $root has $free GB: make room there, or set LIBTORCH to an unpacked libtorch elsewhere."
}

check_python() {
  command -v python3 >/dev/null 2>&1 ||
    die "python3 with pip is needed to bring libtorch and python3 is not on PATH: install it (apt-get install python3 python3-pip), or set LIBTORCH to an unpacked libtorch 2.11 to 2.13."
  python3 -m pip --version >/dev/null 2>&1 ||
    die "pip is needed to bring libtorch and this python3 has none: install it (apt-get install python3-pip), or set LIBTORCH to an unpacked libtorch 2.11 to 2.13."
}

pip_download() {
  local -a options=(--disable-pip-version-check --no-cache-dir --dest "$downloads" --progress-bar off --only-binary=:all:)
  [ -z "${VITRAIL_TORCH_INDEX:-}" ] || options+=(--index-url "$VITRAIL_TORCH_INDEX")
  # pip's own temporary files go beside the wheel: /tmp is a small memory disk on many systems.
  TMPDIR="$downloads" python3 -m pip download "${options[@]}" "$@" >"$downloads/pip.log" 2>&1
}

# Says why pip failed, in one sentence.
explain() {
  local what=$1 log="$downloads/pip.log"
  if grep -qE 'No space left|Errno 28' "$log"; then
    die "the disk is full while $what is brought: make room on $root and run this again."
  elif grep -qE 'NewConnectionError|NameResolution|Name or service not known|Temporary failure|Max retries|Could not fetch URL|ProxyError|ConnectTimeout|ReadTimeout|Connection (refused|reset|broken)|Network is unreachable|SSLError' "$log"; then
    die "$what cannot be downloaded because pip reaches no package index: check the network and its proxy, or set LIBTORCH to an unpacked libtorch 2.11 to 2.13."
  elif grep -q 'No matching distribution' "$log"; then
    die "the package index offers no $what for this machine ($(uname -s) $(uname -m)): set VITRAIL_TORCH_INDEX to one that does, or LIBTORCH to an unpacked libtorch 2.11 to 2.13."
  fi
  die "pip could not bring $what ($(grep -m 1 ERROR "$log" || tail -n 1 "$log")): see ${log#"$root"/}, or set LIBTORCH to an unpacked libtorch 2.11 to 2.13."
}

present_wheel() {
  local wheel
  for wheel in "$downloads"/torch-"$version"[-+]*.whl; do
    [ -f "$wheel" ] || continue
    if python3 -m zipfile -t "$wheel" >/dev/null 2>&1 &&
      { [ -z "$cuda" ] || [ "$(python3 "$root/scripts/unpack-wheel.py" kind "$wheel")" = cuda ]; }; then
      echo "$wheel"
      return
    fi
    rm -f "$wheel"
  done
}

# libtorch's C++ part is the same in the wheel of every Python version, so that any of them will do.
fetch_torch() {
  local requirement python
  local -a wanted=("torch==$version")
  # A CPU wheel has a local version (+cpu), which == prefers and === leaves out.
  [ -z "$cuda" ] || wanted=("torch===$version" "torch==$version")
  echo "setup: downloading libtorch $version (torch's wheel: 190 MB, or 530 MB with CUDA)"
  for requirement in "${wanted[@]}"; do
    if pip_download --no-deps "$requirement"; then return; fi
    grep -q 'No matching distribution' "$downloads/pip.log" || continue
    for python in 3.12 3.13 3.11 3.10; do
      if pip_download --no-deps --python-version "$python" --platform "manylinux_2_28_$(uname -m)" \
        --implementation cp --abi "cp${python/./}" "$requirement"; then return; fi
      # The sentence is chosen from the log, and the network's failure comes first there.
      grep -qE 'NewConnectionError|Max retries|Could not fetch URL' "$downloads/pip.log" && break
    done
  done
  explain "torch $version"
}

# The wheel must be the published one. pip compares what its index says; here the list beside this script, or
# VITRAIL_TORCH_SHA256, has the last word.
verify() {
  local wheel=$1 name=${1##*/} actual wanted
  actual=$(if command -v sha256sum >/dev/null 2>&1; then sha256sum "$wheel"; else shasum -a 256 "$wheel"; fi)
  actual=${actual%% *}
  wanted=${VITRAIL_TORCH_SHA256:-$(awk -v name="$name" '$2 == name { print $1 }' "$root/scripts/libtorch.sha256")}
  if [ -z "$wanted" ]; then
    echo "setup: $name is not verified: scripts/libtorch.sha256 does not list it (its SHA-256 is $actual; set VITRAIL_TORCH_SHA256 to the right one to have it compared)"
  elif [ "$actual" != "$wanted" ]; then
    rm -f "$wheel"
    die "$name has the SHA-256 $actual and not $wanted: it was removed; run this again, or take another package index (VITRAIL_TORCH_INDEX)."
  fi
}

fetch_cuda_libraries() {
  local wheel=$1 libraries
  libraries=$(python3 "$root/scripts/unpack-wheel.py" requirements "$wheel" $cuda)
  if [ -z "$libraries" ]; then return; fi
  echo "setup: downloading the CUDA libraries that it loads"
  local -a list
  mapfile -t list <<<"$libraries"
  pip_download "${list[@]}" || explain "the CUDA libraries"
}

bring() {
  local wheel kind library
  check_python
  check_space
  mkdir -p "$downloads"
  wheel=$(present_wheel)
  if [ -z "$wheel" ]; then
    fetch_torch
    wheel=$(present_wheel)
    [ -n "$wheel" ] || {
      [ -z "$cuda" ] || die "the package index offers only the CPU build of torch $version: set VITRAIL_TORCH_INDEX to one with the CUDA build."
      die "the downloaded wheel of torch $version is damaged: run this again."
    }
  fi
  verify "$wheel"
  kind=$(python3 "$root/scripts/unpack-wheel.py" kind "$wheel")
  [ "$kind" = cpu ] || fetch_cuda_libraries "$wheel"
  echo "setup: unpacking ${wheel##*/}"
  rm -rf "$stage"
  mkdir -p "$stage"
  python3 "$root/scripts/unpack-wheel.py" torch "$wheel" "$stage" $cuda || die "the wheel could not be unpacked: make room on $root and run this again."
  for library in "$downloads"/nvidia_*.whl; do
    [ ! -f "$library" ] || python3 "$root/scripts/unpack-wheel.py" cuda "$library" "$stage" || die "the CUDA libraries could not be unpacked: make room on $root and run this again."
  done
  [ -z "$cuda" ] || : >"$stage/cuda-enabled"
  "$root/scripts/check-libtorch.sh" "$stage" || die "the downloaded libtorch cannot be used here: set LIBTORCH to one that can, or VITRAIL_TORCH_INDEX to another package index, and run this again."
  rm -rf "$root/.libtorch.old"
  [ ! -e "$place" ] || mv "$place" "$root/.libtorch.old"
  mv "$stage" "$place"
  rm -rf "$root/.libtorch.old" "$downloads"
  "$root/scripts/check-libtorch.sh" "$place"
}

mkdir -p "$root/.build"
lock
good "$place" || bring
