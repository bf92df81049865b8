#!/usr/bin/env bash
# Checks the binaries of an unpacked archive with readelf: every library that one of them needs is in lib/ or belongs
# to the C library, the run path of bin/* is exactly $ORIGIN/../lib and that of lib/* exactly $ORIGIN, and nothing has
# the older RPATH. Prints the least glibc that all of them run on.
#
# usage: scripts/check-elf.sh DIR
#        scripts/check-elf.sh --allowed NAME   exits with 0 when NAME is a part of the C library
set -euo pipefail

# The C library, the mathematics library and the loader; libdl, libpthread, librt and libutil are the C library's own,
# too: since glibc 2.34 they are empty shells that old binaries name.
allowed() {
  case $1 in
    libc.so.6 | libm.so.6 | ld-linux*.so.* | ld64.so.* | libdl.so.2 | libpthread.so.0 | librt.so.1 | libutil.so.1) return 0 ;;
    linux-vdso.so.1) return 0 ;;
  esac
  return 1
}

if [ "${1:-}" = --allowed ]; then
  allowed "${2:?usage: scripts/check-elf.sh --allowed NAME}" && exit 0
  exit 1
fi
tree=${1:?usage: scripts/check-elf.sh DIR}
status=0
fault() {
  echo "elf: $*" >&2
  status=1
}

[ -x "$tree/bin/vitrail" ] || fault "$tree/bin/vitrail is missing"
count=0
glibc=$(
  for file in "$tree"/bin/* "$tree"/lib/*; do
    readelf --version-info --wide "$file" 2>/dev/null | grep -oE 'GLIBC_[0-9.]+' || true
  done | sort -u -V | tail -n 1
)
for file in "$tree"/bin/* "$tree"/lib/*; do
  [ -f "$file" ] || continue
  count=$((count + 1))
  dynamic=$(readelf -dW "$file")
  case $file in
    "$tree"/bin/*) wanted='$ORIGIN/../lib' ;;
    *) wanted='$ORIGIN' ;;
  esac
  runpath=$(sed -n 's/.*(RUNPATH).*\[\(.*\)\].*/\1/p' <<<"$dynamic")
  [ "$runpath" = "$wanted" ] || fault "${file#"$tree"/} has the run path \"$runpath\", and \"$wanted\" is right"
  ! grep -q '(RPATH)' <<<"$dynamic" || fault "${file#"$tree"/} has an RPATH"
  while read -r needed; do
    [ -n "$needed" ] || continue
    allowed "$needed" || [ -f "$tree/lib/$needed" ] || fault "${file#"$tree"/} needs $needed, which is not in lib/"
  done < <(sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' <<<"$dynamic")
done
[ "$status" = 0 ] || exit 1
echo "elf: $count files need nothing but each other and libc, libm, ld-linux (with glibc's libdl, libpthread, librt)"
echo "elf: least glibc: ${glibc#GLIBC_}"
