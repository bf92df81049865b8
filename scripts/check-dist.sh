#!/usr/bin/env bash
# Checks an archive of `make dist`: unpacks it elsewhere, checks its libraries (scripts/check-elf.sh), runs it there, and
# runs the whole job, one epoch long, in a bare root that holds the archive, the C library's files and nothing else: no
# shell, no Swift, no Python, no network.
#
# usage: scripts/check-dist.sh ARCHIVE
set -euo pipefail
cd "$(dirname "$0")/.."
archive=${1:?usage: scripts/check-dist.sh ARCHIVE}

die() {
  echo "check-dist: $*" >&2
  exit 1
}

[ -f "$archive" ] || die "there is no $archive: run make dist."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/opt" "$work/root/tmp" "$work/root/proc" "$work/root/dev"
tar -xzf "$archive" -C "$work/root/opt"
tree=$(echo "$work"/root/opt/*)
inside="/opt/$(basename "$tree")"
scripts/check-elf.sh "$tree"

version=$(env -i "$tree/bin/vitrail" --version)
[[ "$version" == *"$(cat VERSION)"* ]] || die "vitrail --version says \"$version\", and VERSION holds $(cat VERSION)."
(cd "$work" && env -i PATH=/nowhere "$tree/bin/vitrail" doctor) >"$work/doctor" 2>&1 || die "vitrail doctor fails when unpacked elsewhere: $(tail -n 1 "$work/doctor")"
! grep -qE "$PWD|\.libtorch" "$work/doctor" || die "the unpacked archive still uses the build's own files: $(grep -m 1 -E "$PWD|\.libtorch" "$work/doctor")"

# The bare root: the loader where the binary looks for it, and the parts of the C library.
loader=$(readelf -lW "$tree/bin/vitrail" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
mkdir -p "$work/root$(dirname "$loader")"
cp -L "$loader" "$work/root$loader"
while read -r name path; do
  scripts/check-elf.sh --allowed "$name" && [ -f "$path" ] || continue
  mkdir -p "$work/root$(dirname "$path")"
  cp -L "$path" "$work/root$path"
done < <(ldd "$tree/bin/vitrail" | sed -n 's/^[[:space:]]*\([^ ]*\) => \([^ ]*\).*/\1 \2/p')

# What every running system has besides files: /proc, and two devices (libtorch seeds itself from /dev/urandom).
: >"$work/root/dev/null"
: >"$work/root/dev/urandom"
prepare="mount -t proc proc $work/root/proc; for d in null urandom; do mount --bind /dev/\$d $work/root/dev/\$d; done"
if unshare --mount --net --fork true 2>/dev/null; then
  enter=(unshare --mount --net --fork)
elif unshare --user --map-root-user --mount --net --pid --fork true 2>/dev/null; then
  enter=(unshare --user --map-root-user --mount --net --pid --fork)
else
  echo "check-dist: skipped the run in a bare root: it needs root or user namespaces"
  exit 0
fi

# bare ARGUMENT...: vitrail in the bare root.
bare() {
  "${enter[@]}" bash -c "$prepare; exec env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot \"\$0\" \"\$@\"" "$work/root" "$inside/bin/vitrail" "$@" \
    >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    die "vitrail $1 fails in a bare root."
  }
}
bare --version
bare doctor
bare data sample digits --out /tmp/raw
bare data split /tmp/raw --out /tmp/digits --ratio 4:1 --seed 0
bare train --config "$inside/recipes/digits.yaml" --set data.path=/tmp/digits --set out=/tmp/run \
  --set training.epochs=1 --set schedule.warmup_epochs=0
[ -s "$work/root/tmp/run/metrics.jsonl" ] || die "the training in a bare root wrote no metrics."
bare evaluate --checkpoint /tmp/run --data /tmp/digits/validation
bare predict --checkpoint /tmp/run /tmp/digits/validation/3
[ -s "$work/log" ] || die "the prediction in a bare root said nothing."
echo "check-dist: sampled, split, trained, evaluated and predicted in a bare root with $(find "$work/root" -path "$tree" -prune -o -type f -name '*.so*' -print | wc -l) files of the C library"
