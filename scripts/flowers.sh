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
name=flowers
# Far above chance (20 %) and above what the colours alone tell (38 %).
required=75
source scripts/tutorial.sh
claim "$raw" "$split" "$shards" "$run"

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
train --config recipes/flowers-vit-tiny.yaml --out "$run" \
  --set "training.epochs=$epochs" --set "schedule.warmup_epochs=$warmup" --set 'data.augmentation.transforms=[]' \
  --set model.position_dropout=0 --set model.projection_dropout=0
evaluate "$split/validation"
say "predicting one held-out image of each class"
predict "$split"/validation/*
full=yes
[ -z "${FLOWERS_COUNT:-}${FLOWERS_EPOCHS:-}" ] || full=
conclude "$full"
