#!/usr/bin/env bash
# The benchmarks of the data path, one JSON object per line: the loader from a folder and from TFRecord shards, on one
# core and on all, plain and with RandAugment; then the packing of shards (pack.sh). Each is alternated with the public
# tools that its user would otherwise run, as far as they are there: torchvision, DALI, a C program on libjpeg-turbo, a
# Python writer. Called by run.sh, or alone.
#
# usage: scripts/bench/data.sh VITRAIL
# environment: PYTHON=python3   BENCH_SECONDS=10   BENCH_ROUNDS=3   BENCH_THREADS (default: all)
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/bench/compare.sh
photos="$work/flowers"

has() { PYTHONPATH=scripts/bench "$python" -c "import $1" 2>/dev/null; }

write_photos flowers-complete "$photos"
if [ ! -f "$work/shards-complete" ]; then
  note "packing them"
  rm -rf "$work/split" "$work/shards"
  "$vitrail" data split "$photos" --out "$work/split" --ratio 19:1 --hard-link --quiet >&2
  "$vitrail" data pack "$work/split" --out "$work/shards" --shards 4,1 --quiet >&2
  : >"$work/shards-complete"
fi

# What every measurement is started with: nothing, or the tool that keeps it on one core.
pin=()

# load DATA WORKERS [ARGUMENT...]: our loader.
load() {
  "${pin[@]}" "$vitrail" bench --mode loader --model vit_tiny_patch16_224 --num-classes 5 --batch-size 32 --data "$1" \
    --workers "$2" --seconds "$seconds" --format json "${@:3}" 2>"$work/log" | value images_per_second
}
# torchvision WORKERS [ARGUMENT...]: its loader over the folder.
torchvision() {
  "${pin[@]}" "$python" scripts/bench/peer_loader.py --data "$photos" --workers "$1" --seconds "$seconds" "${@:2}" |
    value images_per_second
}

has any_torchvision,torchvision && torch_peer=1 || torch_peer=
has nvidia.dali && dali_peer=1 || dali_peer=
cc -O3 -march=native scripts/bench/peer_jpeg.c -ljpeg -lm -o "$work/peer_jpeg" 2>"$work/log" && c_peer=1 || c_peer=
case="500x375 JPEG to 224x224"

ours() { load "$photos" "$threads"; }
theirs() { torchvision "$threads"; }
compare "loader, folder, $case, against torchvision" images_per_second 0 ours "${torch_peer:+theirs}"

all=$threads
threads=1
pin=(taskset -c 0)
ours() { load "$photos" 1; }
theirs() { torchvision 1; }
compare "loader, folder, $case, one core, against torchvision" images_per_second 0 ours "${torch_peer:+theirs}"

ours() { load "$photos" 1 --transforms '[RandAugment]'; }
theirs() { torchvision 1 --rand-augment; }
compare "loader, folder, $case, RandAugment, one core, against torchvision" images_per_second 0 ours \
  "${torch_peer:+theirs}"

ours() { load "$work/shards" 1; }
theirs() {
  "${pin[@]}" "$python" scripts/bench/peer_dali.py --data "$work/shards" --threads 1 --seconds "$seconds" |
    value images_per_second
}
compare "loader, TFRecord, $case, one core, against DALI" images_per_second 0 ours "${dali_peer:+theirs}"

find "$photos" -name '*.jpg' | sort | head -n 1500 >"$work/files"
theirs() { xargs "${pin[@]}" "$work/peer_jpeg" "$seconds" <"$work/files" | value images_per_second; }
compare "loader, TFRecord, $case, one core, against C with libjpeg-turbo" images_per_second 0 ours "${c_peer:+theirs}"
threads=$all
pin=()

scripts/bench/pack.sh "$vitrail"
