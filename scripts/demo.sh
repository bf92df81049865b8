#!/usr/bin/env bash
# The main job from end to end on real data: writes the embedded digits out as an image folder, splits them, trains
# recipes/digits.yaml, evaluates the best checkpoint and predicts three held-out images. Fails when the top-1 accuracy
# of a full run is below 97 %. Run it as often as you like: it replaces what an earlier demo made, and nothing else.
#
# usage: scripts/demo.sh VITRAIL
# environment: DEMO_EPOCHS=N   a shorter run, for which no accuracy is demanded
set -euo pipefail
cd "$(dirname "$0")/.."
vitrail=${1:?usage: scripts/demo.sh VITRAIL}
raw=data/digits-raw
data=data/digits
run=runs/digits
name=demo
required=97
source scripts/tutorial.sh
claim "$raw" "$data" "$run"

say "writing the embedded digits as an image folder into $raw"
"$vitrail" data sample digits --out "$raw"
say "splitting them 4:1 into $data"
"$vitrail" data split "$raw" --out "$data" --ratio 4:1 --seed 0

settings=()
[ -z "${DEMO_EPOCHS:-}" ] || settings=(--set "training.epochs=$DEMO_EPOCHS" --set schedule.warmup_epochs=0)
say "training recipes/digits.yaml"
train --config recipes/digits.yaml ${settings[@]+"${settings[@]}"}
evaluate "$data/validation"
say "predicting three held-out images"
predict "$data/validation/"{2,5,8}
full=yes
[ -z "${DEMO_EPOCHS:-}" ] || full=
conclude "$full"
