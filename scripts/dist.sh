#!/usr/bin/env bash
# Makes a relocatable archive: bin/vitrail with the Swift runtime inside, lib/ with every library it needs but the C
# library's own, licenses/, recipes/, README. Unpacked anywhere it runs without Swift or Python.
#
# usage: scripts/dist.sh dist/vitrail-VERSION-ARCH-linux.tar.gz
set -euo pipefail
cd "$(dirname "$0")/.."
archive=${1:?usage: scripts/dist.sh dist/vitrail-VERSION-ARCH-linux.tar.gz}
name=$(basename "$archive" .tar.gz)
libtorch=${LIBTORCH:-$PWD/.libtorch}
stage="dist/$name"

die() {
  echo "dist: $*" >&2
  exit 1
}

[ "$(uname -s)" = Linux ] || die "the archive is made on Linux."
[ "${VITRAIL_CUDA:-0}" != 1 ] && [ ! -f "$libtorch/cuda-enabled" ] ||
  die "the archive holds the CPU build, and this libtorch links with CUDA: set LIBTORCH to a CPU build, or remove .libtorch and run scripts/setup.sh."

# A scratch path of its own: the static runtime changes how every module is compiled.
swift build -c release --static-swift-stdlib -Xlinker -s --product vitrail --scratch-path .build/dist
binary="$(swift build -c release --static-swift-stdlib --scratch-path .build/dist --show-bin-path)/vitrail"

rm -rf "$stage"
mkdir -p "$stage/bin" "$stage/lib" "$stage/licenses/vitrail"
cp "$binary" "$stage/bin/vitrail"
cp -r recipes "$stage/recipes"
cp LICENSE "$stage/licenses/vitrail/"
cp NOTICE "$stage/licenses/vitrail/"

# Copies the licence of the system package that a library belongs to.
package_licence() {
  local library=$1 package path
  for path in "$library" "$(readlink -f "$library")" "/usr$library" "${library#/usr}"; do
    package=$(dpkg -S "$path" 2>/dev/null | head -n 1 | cut -d: -f1) || true
    if [ -n "$package" ] && [ -f "/usr/share/doc/$package/copyright" ]; then
      mkdir -p "$stage/licenses/$package"
      cp "/usr/share/doc/$package/copyright" "$stage/licenses/$package/"
      return
    fi
  done
  die "no licence was found for $library: make the archive on Debian or Ubuntu, where each package brings its own."
}

# All that the loader would load, but for the parts of the C library (scripts/check-elf.sh names them).
while read -r needed path; do
  if scripts/check-elf.sh --allowed "$needed"; then continue; fi
  [ -f "$path" ] || die "$needed is needed and was not found."
  cp -L "$path" "$stage/lib/$needed"
  case $(readlink -f "$path") in
    "$(readlink -f "$libtorch")"/*) ;;
    *) package_licence "$path" ;;
  esac
done < <(ldd "$binary" | sed -n 's/^[[:space:]]*\([^ ]*\) => \([^ ]*\).*/\1 \2/p')
chmod 755 "$stage"/bin/* "$stage"/lib/*

[ "$(patchelf --print-rpath "$stage/bin/vitrail")" = '$ORIGIN/../lib' ] || patchelf --set-rpath '$ORIGIN/../lib' "$stage/bin/vitrail"
for library in "$stage"/lib/*; do
  [ "$(patchelf --print-rpath "$library")" = '$ORIGIN' ] || patchelf --set-rpath '$ORIGIN' "$library"
done

# libtorch's licences lie beside it when setup.sh brought it, and in its dist-info when it is a Python's.
found=
for folder in "$libtorch"/licenses "$libtorch"/../torch-*.dist-info; do
  [ -d "$folder" ] || continue
  cp -r "$folder/." "$stage/licenses/"
  found=1
  break
done
[ -n "$found" ] || die "$libtorch has no licences beside it, and an archive must hold them: unset LIBTORCH and run scripts/setup.sh."
mkdir -p "$stage/licenses/swift"
cp "$(dirname "$(readlink -f "$(command -v swift)")")/../share/swift/LICENSE.txt" "$stage/licenses/swift/"
for checkout in .build/dist/checkouts/*; do
  case $(basename "$checkout") in swift-docc-*) continue ;; esac
  mkdir -p "$stage/licenses/$(basename "$checkout")"
  cp "$checkout"/LICENSE* "$stage/licenses/$(basename "$checkout")/"
  for notice in "$checkout"/NOTICE*; do
    [ ! -f "$notice" ] || cp "$notice" "$stage/licenses/$(basename "$checkout")/"
  done
done

glibc=$(scripts/check-elf.sh "$stage" | sed -n 's/^elf: least glibc: //p')
[ -n "$glibc" ] || die "the archive does not pass scripts/check-elf.sh."
cat >"$stage/README" <<TEXT
Vitrail $(cat VERSION) for Linux on $(uname -m)

Unpack anywhere and run bin/vitrail; nothing else is needed but the C library, glibc $glibc or newer. The Swift
runtime is inside the binary, and lib/ holds libtorch and every other library it loads.

  bin/vitrail doctor                                 what is here and what is missing
  bin/vitrail data sample digits --out digits-raw    a real small data set
  bin/vitrail train --data digits-raw --model vit_tiny_patch16_224 --out run
  bin/vitrail --help

licenses/ holds the licences of all parts. libgomp, libgcc_s and libstdc++ are GCC's, under the GPL with the runtime
library exception.
TEXT
mkdir -p dist
tar --sort=name --owner=0 --group=0 --numeric-owner -C dist -czf "$archive.part" "$name"
mv "$archive.part" "$archive"
rm -rf "$stage"
echo "dist: $archive ($(du -h "$archive" | cut -f1)), for glibc $glibc or newer"
