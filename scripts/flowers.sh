#!/usr/bin/env bash
# The flowers tutorial from end to end: draws the photos' stand-ins, splits and scans them, packs them into TFRecord
# shards, trains recipes/flowers-vit-tiny.yaml on the shards at reduced length (and without what pays in a long run only:
# RandAugment and dropout), evaluates the best checkpoint and predicts one held-out image of each class. Run it as often
# as you like: it replaces what an earlier one made, and nothing else.
#
# usage: scripts/flowers.sh VITRAIL
# environment: FLOWERS_COUNT=N    images in all (3670)
#              FLOWERS_EPOCHS=N   passes over the training images (8; the recipe has 200)
set -euo pipefail
cd "$(dirname "$0")/.."
vitrail=${1:?usage: scripts/flowers.sh VITRAIL}
count=${FLOWERS_COUNT:-3670}
epochs=${FLOWERS_EPOCHS:-8}
raw=data/flowers-raw
split=data/flowers-split
shards=data/flowers
run=runs/flowers
mark=.made-by-flowers
# Far above chance (20 %) and above what the colours alone tell (38 %).
required=75

die() {
  echo "flowers: $*" >&2
  exit 1
}
say() { echo "flowers: $*"; }

for folder in "$raw" "$split" "$shards" "$run"; do
  [ -e "$folder" ] || continue
  [ -f "$folder/$mark" ] || die "$folder exists and was not made by this script: move it away and run this again."
done
rm -rf "$raw" "$split" "$shards" "$run"
# Whatever way it ends, the next one must know its own.
trap 'for folder in "$raw" "$split" "$shards" "$run"; do [ ! -d "$folder" ] || : >"$folder/$mark"; done' EXIT

say "drawing $count photos of five kinds of flowers into $raw"
"$vitrail" data sample flowers --out "$raw" --count "$count"
say "splitting them 4:1 into $split"
"$vitrail" data split "$raw" --out "$split" --ratio 4:1 --seed 0
say "scanning them"
"$vitrail" data scan "$split"
say "packing them into TFRecord shards in $shards"
"$vitrail" data pack "$split" --out "$shards"

warmup=1
[ "$epochs" -gt 1 ] || warmup=0
say "training recipes/flowers-vit-tiny.yaml for $epochs epochs"
started=$SECONDS
"$vitrail" train --config recipes/flowers-vit-tiny.yaml --out "$run" \
  --set "training.epochs=$epochs" --set "schedule.warmup_epochs=$warmup" --set 'data.augmentation.transforms=[]' \
  --set model.position_dropout=0 --set model.projection_dropout=0
say "trained in $((SECONDS - started)) s"

say "evaluating the best checkpoint on the photos of $split/validation"
"$vitrail" evaluate --checkpoint "$run" --data "$split/validation"
accuracy=$("$vitrail" evaluate --checkpoint "$run" --data "$split/validation" --format json --quiet |
  grep -oE '"top1" *: *[0-9.]+' | sed -n 1p | grep -oE '[0-9.]+$')
[ -n "$accuracy" ] || die "the evaluation told no top-1 accuracy."

images=()
for class in "$split"/validation/*/; do
  for image in "$class"*; do
    images+=("$image")
    break
  done
done
say "predicting one held-out image of each class"
"$vitrail" predict --checkpoint "$run" "${images[@]}"

echo
say "top-1 accuracy of the best checkpoint: $(printf '%.2f' "$accuracy") %"
say "checkpoints:  $run/checkpoints/best, $run/checkpoints/last"
say "event files:  tensorboard --logdir $run/events"
if [ -z "${FLOWERS_COUNT:-}${FLOWERS_EPOCHS:-}" ]; then
  awk -v got="$accuracy" -v need="$required" 'BEGIN { exit !(got >= need) }' ||
    die "$accuracy % is below the $required % that this recipe reaches: something is wrong with this build."
fi
