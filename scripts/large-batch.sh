#!/usr/bin/env bash
# The large-batch recipe at reduced size: draws photos as JPEG files, splits them, trains
# recipes/imagenet-vit-base-patch16-32k-lamb.yaml on two ranks with accumulated batches, and evaluates the best
# checkpoint. Fails when a step has other than 512 images, and a full run when its loss falls by less than a tenth
# (mixed images keep it high) or when less than 50 % of the held-out images are right.
#
# What stays of the recipe: LAMB with its rate, weight decay, variant and clipping, a linear schedule with a sixth of it
# as warm-up, mixup, RandAugment, crops, dropout. What is smaller, all of it below: the data, the model, the batch, the
# length; and bfloat16 in place of float16, which most processors only emulate.
#
# Run it as often as you like: it replaces what an earlier one made, and nothing else.
#
# usage: scripts/large-batch.sh VITRAIL
# environment: LARGE_BATCH_EPOCHS=N   another length than 30, for which neither is demanded
set -euo pipefail
cd "$(dirname "$0")/.."
vitrail=${1:?usage: scripts/large-batch.sh VITRAIL}
epochs=${LARGE_BATCH_EPOCHS:-30}
raw=data/large-batch-raw
split=data/large-batch
run=runs/large-batch
name=large-batch
# Far above chance (20 %) and above what the colours alone tell (38 %).
required=50
source scripts/tutorial.sh
claim "$raw" "$split" "$run"

say "drawing 3200 small photos of five kinds of flowers into $raw"
"$vitrail" data sample flowers --out "$raw" --count 3200 --size 96x72
say "splitting them 4:1 into $split"
"$vitrail" data split "$raw" --out "$split" --ratio 4:1 --seed 0

settings=(
  data.path="$split"
  data.workers=1
  precision=bfloat16
  # vit_base has 768 dims, 12 blocks, 12 heads and 196 patches; this has 36 patches.
  model.name=vit_tiny_patch16_224 model.image_size=48 model.patch_size=8
  model.embed_dim=96 model.depth=4 model.num_heads=3
  # 2 ranks x 64 x 4 = 512 images a step in place of 4 x 256 x 32.
  data.batch_size=64 training.accumulation=4
  # A tenth of the recipe's 300 and 50.
  training.epochs="$epochs" schedule.warmup_epochs="$(awk -v n="$epochs" 'BEGIN { print n / 6 }')"
)
say "training recipes/imagenet-vit-base-patch16-32k-lamb.yaml at this size for $epochs epochs on two ranks"
ranks=2
train --config recipes/imagenet-vit-base-patch16-32k-lamb.yaml --out "$run" --threads 1 "${settings[@]/#/--set=}"
evaluate "$split/validation"

grep -q '"step_size" *: *512\b' "$run/checkpoints/last/state.json" ||
  die "a step did not have 512 images: look at $run."
losses=$(sed -n 's/^{"event":"epoch".*"train_loss":\([0-9.]*\),.*/\1/p' "$run/metrics.jsonl" | sed -n '1p;$p' | xargs)
say "loss of the first epoch and of the last: $losses"
full=
if [ -z "${LARGE_BATCH_EPOCHS:-}" ]; then
  full=yes
  awk '{ exit !($2 < 0.9 * $1) }' <<<"$losses" ||
    die "the loss did not fall by a tenth: something is wrong with this build."
fi
conclude "$full"
