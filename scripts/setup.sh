#!/usr/bin/env bash
# Brings everything that a build needs: checks Swift and git, installs the system packages that are missing, and puts
# libtorch in place (LIBTORCH, else .libtorch/, else the pinned wheel). Run it as often as you like: what is there is
# left alone, and a second run needs no network.
#
# usage: scripts/setup.sh [--cuda] [--dist] [--data] [--launchers] [--quiet]
#   --cuda    bring the CUDA build of libtorch with every library that a GPU needs, and link with it
#   --dist    bring the tools that make and check the archive of `make dist`, too
#   --data    leave libtorch out, which the data half does not need
#   --launchers  bring the launchers that `make launchers` tries: SLURM, Open MPI, MPICH and sshd, whose daemons Debian
#             starts, so this is for machines that only test; and torchrun (200 MB, into .build/torchrun)
#   --quiet   say nothing unless something is done or wrong
# environment:
#   LIBTORCH              a folder with libtorch's include/ and lib/ (2.11 to 2.13); nothing is downloaded then
#   VITRAIL_TORCH_INDEX   the package index that pip takes torch from, if not its default
#   VITRAIL_TORCH_VERSION another version than the pinned one, 2.11.0 to 2.13.0
#   VITRAIL_TORCH_SHA256  the SHA-256 of its wheel, where scripts/libtorch.sha256 does not list it
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd -P)
cuda=0
dist=0
data=0
launchers=0
quiet=0
for argument in "$@"; do
  case $argument in
    --cuda) cuda=1 ;;
    --dist) dist=1 ;;
    --data) data=1 ;;
    --launchers) launchers=1 ;;
    --quiet) quiet=1 ;;
    -h | --help)
      sed -n '2,17s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *)
      echo "setup: unknown option $argument: use --cuda, --dist, --data, --launchers, --quiet or --help." >&2
      exit 2
      ;;
  esac
done

die() {
  echo "setup: $*" >&2
  exit 1
}
note() { [ "$quiet" = 1 ] || echo "setup: $*"; }

check_swift() {
  command -v swift >/dev/null 2>&1 ||
    die "Swift 6.2 or newer is needed and no swift is on PATH: install it from https://www.swift.org/install/linux and run this again."
  local text version major minor
  text=$(swift --version 2>&1) ||
    die "swift is on PATH but does not run (${text##*$'\n'}): install the libraries that https://www.swift.org/install/linux lists for this system."
  version=$(printf '%s\n' "$text" | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [ -n "$version" ] || die "swift --version does not tell a version: install Swift 6.2 or newer from https://www.swift.org/install/linux."
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    die "Swift $version is too old, 6.2 or newer is needed: install a newer one from https://www.swift.org/install/linux and put it first on PATH."
  fi
  note "Swift $version"
}

check_git() {
  command -v git >/dev/null 2>&1 ||
    die "git is needed to fetch the Swift packages and is not on PATH: install it (apt-get install git) and run this again."
}

# The packages of the image codecs, the checksum and gzip, and the C++ headers that a bare system lacks.
missing_packages() {
  local package
  local -a packages=(libjpeg-dev:libjpeg libspng-dev:spng libwebp-dev:libwebp libisal-dev:libisal zlib1g-dev:zlib pkg-config:)
  # libtorch has Gloo inside and leaves its headers out.
  [ "$data" = 1 ] || packages+=(libgloo-dev:)
  [ "$dist" = 0 ] || packages+=(patchelf: binutils:)
  [ "$launchers" = 0 ] || packages+=(openmpi-bin: mpich: slurmctld: slurmd: slurm-client: munge: openssh-server: openssh-client:)
  for package in "${packages[@]}"; do
    if command -v dpkg-query >/dev/null 2>&1; then
      # ${db:Status-Abbrev} is dpkg's own field, not a shell variable.
      # shellcheck disable=SC2016
      dpkg-query -W -f '${db:Status-Abbrev}\n' "${package%%:*}" 2>/dev/null | grep -q '^ii' || echo "${package%%:*}"
    elif [ -n "${package#*:}" ]; then
      pkg-config --exists "${package#*:}" 2>/dev/null || echo "${package%%:*}"
    fi
  done
  if command -v clang++ >/dev/null 2>&1; then
    echo '#include <vector>' | clang++ -x c++ -fsyntax-only - 2>/dev/null || echo g++
  fi
}

install_packages() {
  local missing command
  missing=$(missing_packages | tr '\n' ' ')
  missing=${missing% }
  if [ -z "$missing" ]; then
    note "system packages are there"
    return
  fi
  command="apt-get install -y --no-install-recommends $missing"
  command -v apt-get >/dev/null 2>&1 ||
    die "these system packages are missing, under Debian's names, and there is no apt-get to bring them: $missing; install them with this system's package manager and run this again."
  local -a as_root
  if [ "$(id -u)" = 0 ]; then
    as_root=(env)
  elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=(sudo env)
  else
    die "system packages are missing and this user may not install them; run this and try again: sudo $command"
  fi
  echo "setup: installing $missing"
  local log="$root/.build/setup-apt.log"
  mkdir -p "$root/.build"
  # A fresh system has no package lists, an old one stale ones: then the first try fails.
  # shellcheck disable=SC2086
  if ! "${as_root[@]}" DEBIAN_FRONTEND=noninteractive $command >"$log" 2>&1; then
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 &&
      "${as_root[@]}" DEBIAN_FRONTEND=noninteractive $command >>"$log" 2>&1 ||
      die "apt-get could not install $missing (its messages are in ${log#"$root"/}): check the network and the package sources, then run this again."
  fi
}

find_libtorch() {
  if [ -n "${LIBTORCH:-}" ]; then
    [ "$cuda" = 0 ] ||
      die "--cuda brings its own libtorch while LIBTORCH is set to $LIBTORCH: unset LIBTORCH, or leave --cuda out and set VITRAIL_CUDA=1 to link with that one's CUDA part."
    "$root/scripts/check-libtorch.sh" "$LIBTORCH" ||
      die "LIBTORCH is $LIBTORCH, which cannot be used: point it at a folder with include/ and lib/ of libtorch 2.11 to 2.13, or unset it and run this again to bring one."
    note "libtorch is $LIBTORCH"
    return
  fi
  local -a options=()
  [ "$cuda" = 0 ] || options+=(--cuda)
  [ "$quiet" = 0 ] || options+=(--quiet)
  "$root/scripts/fetch-libtorch.sh" ${options[@]+"${options[@]}"} || exit 1
  note "libtorch is .libtorch"
}

# The CPU wheel, wherever pip finds it: the other brings gigabytes of CUDA. Without it `make launchers` tries the rest.
bring_torchrun() {
  local place=$root/.build/torchrun log=$root/.build/setup-torchrun.log
  if "$place/bin/torchrun" --help >/dev/null 2>&1; then
    note "torchrun is .build/torchrun"
    return
  fi
  echo "setup: installing torchrun"
  mkdir -p "$root/.build"
  local index=${VITRAIL_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
  local -a install=("$place/bin/pip" install --no-cache-dir "torch==${VITRAIL_TORCH_VERSION:-2.13.0}+cpu")
  python3 -m venv "$place" >"$log" 2>&1 &&
    { "${install[@]}" >>"$log" 2>&1 || "${install[@]}" --extra-index-url "$index" >>"$log" 2>&1; } ||
    echo "setup: torchrun is left out: pip finds no CPU wheel of torch (see ${log#"$root"/}; VITRAIL_TORCH_INDEX names an index)"
}

check_swift
check_git
install_packages
[ "$data" = 1 ] || find_libtorch
[ "$launchers" = 0 ] || bring_torchrun
