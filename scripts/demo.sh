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
mark=.made-by-demo
required=97

die() {
  echo "demo: $*" >&2
  exit 1
}
say() { echo "demo: $*"; }

for folder in "$raw" "$data" "$run"; do
  [ -e "$folder" ] || continue
  [ -f "$folder/$mark" ] || die "$folder exists and no demo made it: move it away and run this again."
done
rm -rf "$raw" "$data" "$run"
# Whatever way the demo ends, the next one must know its own.
trap 'for folder in "$raw" "$data" "$run"; do [ ! -d "$folder" ] || : >"$folder/$mark"; done' EXIT

say "writing the embedded digits as an image folder into $raw"
"$vitrail" data sample digits --out "$raw"
say "splitting them 4:1 into $data"
"$vitrail" data split "$raw" --out "$data" --ratio 4:1 --seed 0

settings=()
[ -z "${DEMO_EPOCHS:-}" ] || settings=(--set "training.epochs=$DEMO_EPOCHS" --set schedule.warmup_epochs=0)
say "training recipes/digits.yaml"
started=$SECONDS
"$vitrail" train --config recipes/digits.yaml ${settings[@]+"${settings[@]}"}
say "trained in $((SECONDS - started)) s"

say "evaluating the best checkpoint on $data/validation"
"$vitrail" evaluate --checkpoint "$run" --data "$data/validation"
accuracy=$("$vitrail" evaluate --checkpoint "$run" --data "$data/validation" --format json --quiet |
  grep -oE '"top1" *: *[0-9.]+' | sed -n 1p | grep -oE '[0-9.]+$')
[ -n "$accuracy" ] || die "the evaluation told no top-1 accuracy."

images=()
for class in 2 5 8; do
  for image in "$data/validation/$class"/*; do
    images+=("$image")
    break
  done
done
say "predicting three held-out images"
"$vitrail" predict --checkpoint "$run" "${images[@]}"

echo
say "top-1 accuracy of the best checkpoint: $(printf '%.2f' "$accuracy") %"
say "checkpoints:  $run/checkpoints/best, $run/checkpoints/last"
say "metrics:      $(find "$run" -name 'metrics.jsonl')"
say "event files:  $(find "$run" -name 'events.out.*' | sort | tr '\n' ' ')(tensorboard --logdir $run)"
if [ -z "${DEMO_EPOCHS:-}" ]; then
  awk -v got="$accuracy" -v need="$required" 'BEGIN { exit !(got >= need) }' ||
    die "$accuracy % is below the $required % that this recipe reaches: something is wrong with this build."
fi
