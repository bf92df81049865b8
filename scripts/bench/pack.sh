#!/usr/bin/env bash
# Packing and reading TFRecord shards, one JSON object per line. `vitrail data pack` next to a Python writer with
# google-crc32c (peer_pack.py), in turn, both waiting for the disk; once into memory (/dev/shm), where the writers
# themselves are compared, once onto the disk, next to a plain copy of the same bytes. Times are those of whole processes
# less their start (vitrail --version, an import in Python), and processor seconds besides. Then the loader over the shards
# next to the loader over the folder. A ratio above 1: Vitrail, or the shards, are ahead.
#
# usage: scripts/bench/pack.sh VITRAIL
# environment: PYTHON=python3 (with google-crc32c)   BENCH_ROUNDS=5   BENCH_SECONDS=10   BENCH_THREADS (default: all)
set -euo pipefail
cd "$(dirname "$0")/../.."
default_rounds=5
source scripts/bench/compare.sh
photos=$work/pack-flowers

# measure NAME COMMAND...: adds the wall seconds and the processor seconds of a command to two files.
measure() {
  local name=$1
  shift
  sync
  local TIMEFORMAT='%R %U %S'
  { time "$@" >/dev/null 2>"$work/log"; } 2>"$work/time" || { tail -n 5 "$work/log" >&2; exit 1; }
  awk '{ print $1 }' "$work/time" >>"$work/pack-$name.wall"
  awk '{ print $2 + $3 }' "$work/time" >>"$work/pack-$name.cpu"
}

write_photos pack-complete "$photos/train"
# Five names for each photo, so that the start of a process counts for little.
if [ ! -d "$work/pack-many" ]; then
  for copy in 0 1 2 3 4; do
    for class in "$photos"/train/*; do
      mkdir -p "$work/pack-many/train/${class##*/}"
      for file in "$class"/*; do ln "$file" "$work/pack-many/train/${class##*/}/$copy-${file##*/}"; done
    done
  done
fi
images=$(find "$work/pack-many" -type f | wc -l)
megabytes=$(find "$work/pack-many" -type f -printf '%s\n' | awk '{ s += $1 } END { print s / 1e6 }')
find "$photos" -type f -exec cat {} + >/dev/null

for where in memory disk; do
  out=$work/pack-out
  [ "$where" = disk ] || out=$(mktemp -d /dev/shm/vitrail-bench-XXXXXX)
  rm -f "$work"/pack-*.wall "$work"/pack-*.cpu
  for ((round = 0; round < rounds; round++)); do
    measure start "$vitrail" --version
    measure ours "$vitrail" data pack "$work/pack-many" --out "$out/ours" --workers "$threads" --quiet
    rm -rf "$out/ours"
    measure one "$vitrail" data pack "$work/pack-many" --out "$out/ours" --workers 1 --quiet
    rm -rf "$out/ours"
    measure python "$python" -c 'import google_crc32c, json, pathlib'
    mkdir -p "$out"
    measure peer "$python" scripts/bench/peer_pack.py --data "$work/pack-many" --out "$out/peer" --fsync
    measure copy dd if="$out/peer" of="$out/copy" bs=4M conv=fsync
    rm -f "$out/peer" "$out/peer.idx" "$out/copy"
  done
  rm -rf "$out"
  for kind in wall cpu; do
    for name in start ours one python peer copy; do eval "${kind}_$name=$(median <"$work/pack-$name.$kind")"; done
  done
  awk -v images="$images" -v mb="$megabytes" -v threads="$threads" -v rounds="$rounds" -v where="$where" \
    -v start="$wall_start" -v ours="$wall_ours" -v one="$wall_one" -v python="$wall_python" -v peer="$wall_peer" \
    -v copy="$wall_copy" -v cpu_ours="$cpu_one" -v cpu_start="$cpu_start" -v cpu_peer="$cpu_peer" \
    -v cpu_python="$cpu_python" 'BEGIN {
      ours -= start; one -= start; peer -= python; cpu_ours -= cpu_start; cpu_peer -= cpu_python
      printf "{\"case\": \"data pack into %s\", \"unit\": \"MB/s\", \"images\": %d, \"megabytes\": %.0f, ", where, images, mb
      printf "\"threads\": %d, \"rounds\": %d, \"vitrail\": %.0f, \"vitrail_one_thread\": %.0f, ", threads, rounds, mb / ours, mb / one
      printf "\"peer\": %.0f, \"copy\": %.0f, \"ratio\": %.2f, ", mb / peer, mb / copy, peer / ours
      printf "\"ratio_one_thread\": %.2f, \"processor_seconds\": %.3f, ", peer / one, cpu_ours
      printf "\"peer_processor_seconds\": %.3f, \"ratio_processor_seconds\": %.2f}\n", cpu_peer, cpu_peer / cpu_ours }'
done

"$vitrail" data pack "$photos" --out "$work/pack-out" --quiet >/dev/null
for name in shards folder; do : >"$work/loader-$name"; done
for ((round = 0; round < rounds; round++)); do
  for name in shards folder; do
    data=$photos
    [ "$name" = folder ] || data=$work/pack-out
    "$vitrail" bench --mode loader --data "$data" --workers 1 --batch-size 32 --seconds "$seconds" --quiet --format json |
      value images_per_second >>"$work/loader-$name"
  done
done
awk -v shards="$(median <"$work/loader-shards")" -v folder="$(median <"$work/loader-folder")" -v rounds="$rounds" 'BEGIN {
  printf "{\"case\": \"loader, 1 worker, shards next to files\", \"unit\": \"images_per_second\", \"rounds\": %d, ", rounds
  printf "\"vitrail\": %.1f, \"peer\": %.1f, \"ratio\": %.3f}\n", shards, folder, shards / folder }'
