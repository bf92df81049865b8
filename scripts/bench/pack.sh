#!/usr/bin/env bash
# Packing and reading TFRecord shards, one JSON object per line: `vitrail data pack` next to a Python writer with
# google-crc32c (peer_pack.py), in turn, both waiting for the disk; the floor (copying the same bytes to the disk, and the
# rate of the CRC); and the loader over the shards next to the loader over the folder. A ratio above 1: Vitrail, or the
# shards, are ahead.
#
# usage: scripts/bench/pack.sh VITRAIL
# environment: PYTHON=python3 (with google-crc32c)   BENCH_ROUNDS=5   BENCH_SECONDS=10   BENCH_THREADS (default: all)
set -euo pipefail
cd "$(dirname "$0")/../.."
vitrail=${1:?usage: scripts/bench/pack.sh VITRAIL}
python=${PYTHON:-python3}
rounds=${BENCH_ROUNDS:-5}
seconds=${BENCH_SECONDS:-10}
threads=${BENCH_THREADS:-$(nproc)}
work=.build/bench
photos=$work/pack-flowers
mkdir -p "$work"

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
value() { grep -oE "\"$1\" *: *[0-9.eE+-]+" | sed -n 1p | sed 's/.*: *//'; }
since() { awk -v a="$1" -v b="$(date +%s%N)" 'BEGIN { print (b - a) / 1e9 }'; }

if [ ! -f "$work/pack-complete" ]; then
  echo "bench: writing 2000 photos of 500x375" >&2
  rm -rf "$photos"
  "$vitrail" data sample flowers --out "$photos/train" --count 2000 --size 500x375 --seed 0 --quiet >&2
  : >"$work/pack-complete"
fi
find "$photos" -type f -exec cat {} + >/dev/null
megabytes=$(find "$photos" -type f -printf '%s\n' | awk '{ s += $1 } END { print s / 1e6 }')

for name in ours one peer floor; do : >"$work/pack-$name"; done
for ((round = 0; round < rounds; round++)); do
  for count in "$threads" 1; do
    rm -rf "$work/pack-out"
    sync
    start=$(date +%s%N)
    "$vitrail" data pack "$photos" --out "$work/pack-out" --workers "$count" --quiet >/dev/null
    since "$start" >>"$work/pack-$([ "$count" = 1 ] && echo one || echo ours)"
  done
  rm -f "$work/pack-peer.tfrecord" "$work/pack-floor.bin"
  sync
  start=$(date +%s%N)
  "$python" scripts/bench/peer_pack.py --data "$photos" --out "$work/pack-peer.tfrecord" --fsync | value seconds >>"$work/pack-peer"
  sync
  start=$(date +%s%N)
  dd if="$work/pack-peer.tfrecord" of="$work/pack-floor.bin" bs=4M conv=fsync status=none
  since "$start" >>"$work/pack-floor"
done
# One thread: it is both.
[ -s "$work/pack-ours" ] || cp "$work/pack-one" "$work/pack-ours"
awk -v mb="$megabytes" -v ours="$(median <"$work/pack-ours")" -v one="$(median <"$work/pack-one")" \
  -v peer="$(median <"$work/pack-peer")" -v floor="$(median <"$work/pack-floor")" -v threads="$threads" \
  -v rounds="$rounds" 'BEGIN {
    printf "{\"case\": \"data pack\", \"unit\": \"MB/s\", \"megabytes\": %.0f, \"threads\": %d, \"rounds\": %d, ", mb, threads, rounds
    printf "\"vitrail\": %.1f, \"vitrail_one_thread\": %.1f, \"peer\": %.1f, ", mb / ours, mb / one, mb / peer
    printf "\"ratio\": %.3f, \"ratio_one_thread\": %.3f, \"copy_to_disk\": %.1f}\n", peer / ours, peer / one, mb / floor }'

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
