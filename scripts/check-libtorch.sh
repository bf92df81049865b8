#!/usr/bin/env bash
# Checks that a folder holds a libtorch that Vitrail can use: its version header says 2.11 to 2.13, a small program
# compiles and links against it, the libraries load, and one matrix product is right. The answer is remembered under
# .build/ for as long as the libraries do not change.
#
# usage: scripts/check-libtorch.sh DIR
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd -P)
libtorch=${1:?usage: scripts/check-libtorch.sh DIR}

die() {
  echo "libtorch: $*" >&2
  exit 1
}

[ -d "$libtorch" ] || die "there is no folder $libtorch."
libtorch=$(cd "$libtorch" && pwd -P)
library="$libtorch/lib/libtorch_cpu.so"
[ -f "$library" ] || library="$libtorch/lib/libtorch_cpu.dylib"
[ -f "$library" ] || die "$libtorch/lib holds no libtorch_cpu.so."

header="$libtorch/include/torch/headeronly/version.h"
[ -f "$header" ] || header="$libtorch/include/torch/csrc/api/include/torch/version.h"
[ -f "$header" ] || die "$libtorch/include holds no torch/version.h: its headers are missing or too old."
part() { sed -n "s/^#define TORCH_VERSION_$1 \([0-9]*\).*/\1/p" "$header" | head -n 1; }
major=$(part MAJOR)
minor=$(part MINOR)
version="${major:-unknown}.${minor:-0}.$(part PATCH)"
if [ "${major:-0}" != 2 ] || [ "${minor:-0}" -lt 11 ] || [ "${minor:-0}" -gt 13 ]; then
  die "$libtorch is version $version, and versions 2.11 to 2.13 are supported."
fi

stamp="$root/.build/libtorch-checked"
identity="$libtorch $version $(ls -lnL "$library" "$libtorch/lib/"libc10.* | cksum)"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$identity" ]; then exit 0; fi

# The compiler that comes with Swift is the one that will compile the package.
compiler=
if swift=$(command -v swift); then compiler="$(dirname "$(readlink -f "$swift")")/clang++"; fi
[ -x "$compiler" ] || compiler=$(command -v clang++ || command -v c++) || die "no C++ compiler was found beside swift or on PATH."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/probe.cpp" <<'CPP'
#include <ATen/ATen.h>

int main() {
  const at::Tensor a = at::arange(6, at::kDouble).reshape({2, 3});
  const at::Tensor product = a.matmul(a.t());
  return product[0][0].item<double>() == 5 && product[0][1].item<double>() == 14 && product[1][1].item<double>() == 50 ? 0 : 3;
}
CPP
# A CUDA build that was chosen must load as well; without a GPU it does so all the same.
cuda=()
[ ! -f "$libtorch/cuda-enabled" ] || cuda=(-Wl,--no-as-needed -ltorch_cuda -lc10_cuda)
"$compiler" -std=c++20 -O0 -isystem "$libtorch/include" -isystem "$libtorch/include/torch/csrc/api/include" \
  "$work/probe.cpp" -o "$work/probe" -L"$libtorch/lib" -ltorch_cpu -lc10 ${cuda[@]+"${cuda[@]}"} -Wl,-rpath,"$libtorch/lib" \
  -Wl,--allow-shlib-undefined >"$work/log" 2>&1 ||
  die "a small program does not compile and link against $libtorch ($(grep -m 1 -iE 'error|undefined' "$work/log" || tail -n 1 "$work/log"))."

status=0
"$work/probe" >"$work/log" 2>&1 || status=$?
case $status in
  0) ;;
  3) die "$libtorch computes a wrong matrix product." ;;
  *) die "$libtorch does not load and run here ($(tail -n 1 "$work/log" | sed 's/^[^ ]*: error while loading shared libraries: //'))." ;;
esac
mkdir -p "$root/.build"
printf '%s\n' "$identity" >"$stamp"
