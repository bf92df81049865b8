#!/usr/bin/env bash
# The benchmarks, one JSON object per line: training, inference, the time from start to the first prediction, and (in
# data.sh) the data path. Where a Python with torch, timm and torchvision is there, each case is alternated with what its
# user would run, after a check that both compute the same logits, and the line holds the ratio of the medians (above 1:
# Vitrail is ahead). The lines are kept in .build/bench.jsonl, too.
#
# usage: scripts/bench/run.sh VITRAIL
# environment: PYTHON=python3   BENCH_SECONDS=10 (of each measurement)   BENCH_ROUNDS=3   BENCH_THREADS (default: all)
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/bench/compare.sh
photos="$work/flowers"
model=vit_tiny_patch16_224
: >.build/bench.jsonl

peers=
if PYTHONPATH=scripts/bench "$python" -c 'import any_torchvision, torch, timm, torchvision, safetensors' 2>/dev/null; then
  peers=1
  note "comparing with $(PYTHONPATH=scripts/bench "$python" -c 'import any_torchvision, torch, timm, torchvision; print("torch", torch.__version__, "timm", timm.__version__, "torchvision", torchvision.__version__)')"
else
  note "no torch, timm, torchvision and safetensors in $python: measuring Vitrail alone (PYTHON=... names another)"
fi

write_photos flowers-complete "$photos"
image=$(find "$photos" -type f | sort | sed -n 1p)

# A checkpoint of an untrained model, for the time to the first prediction; with timm there, both sides load the same
# file, and their logits must agree before anything is measured.
weights="$work/weights.safetensors"
if [ -n "$peers" ]; then
  theirs=$("$python" scripts/bench/peer_predict.py --model $model --image "$image" --save "$weights")
  ours=$("$vitrail" predict --checkpoint "$weights" --model $model --logits --format json "$image")
  # Preprocessing agrees within a grey level and not to the bit, so the logits do to about a percent.
  "$python" - "$theirs" "$ours" <<'PY' || die "the logits of $model differ from timm's."
import json, sys
theirs = json.loads(sys.argv[1])["logits"]
ours = json.loads(sys.argv[2])[0]["logits"]
difference = max(abs(a - b) for a, b in zip(ours, theirs)) / max(abs(b) for b in theirs)
print(f"bench: logits differ from timm's by {difference:.1e} of the largest", file=sys.stderr)
sys.exit(len(ours) != len(theirs) or difference > 0.02)
PY
fi

for precision in float32 bf16; do
  for case in "train $model 32" "infer $model 32" "train vit_base_patch16_224 8" "infer vit_base_patch16_224 8"; do
    read -r mode name batch <<<"$case"
    settings=(--mode "$mode" --model "$name" --num-classes 5 --batch-size "$batch" --precision "$precision" --threads "$threads" --seconds "$seconds")
    ours() { "$vitrail" bench "${settings[@]}" --format json 2>"$work/log" | value images_per_second; }
    theirs() { "$python" scripts/bench/peer_timm.py "${settings[@]}" | value images_per_second; }
    compare "$mode $name batch $batch $precision" images_per_second 0 ours "${peers:+theirs}"
  done
  settings=(--mode latency --model $model --num-classes 5 --batch-size 1 --precision "$precision" --threads "$threads" --seconds "$seconds")
  ours() { "$vitrail" bench "${settings[@]}" --format json 2>"$work/log" | value milliseconds; }
  theirs() { "$python" scripts/bench/peer_timm.py "${settings[@]}" | value milliseconds; }
  compare "latency $model $precision" milliseconds 1 ours "${peers:+theirs}"
done

if [ -n "$peers" ]; then
  ours() { wall "$vitrail" predict --checkpoint "$weights" --model $model "$image"; }
  theirs() { wall "$python" scripts/bench/peer_predict.py --model $model --weights "$weights" --image "$image"; }
  compare "start to first prediction, $model" seconds 1 ours theirs
else
  ours() { wall "$vitrail" bench --mode infer --model $model --num-classes 5 --batch-size 1 --precision float32 --seconds 0 --warmup 0; }
  compare "start to first inference, $model" seconds 1 ours ""
fi

scripts/bench/data.sh "$vitrail"
