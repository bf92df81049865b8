#!/usr/bin/env bash
# What SGD, AdamW and LAMB reach on the digits after equally many epochs, at a batch of 64 and at one of 512: the model,
# warm-up and all other settings of recipes/digits-512-lamb.yaml. Each optimizer and batch gets the same number of
# rates, a factor of 2 apart; seed 0 chooses, by the accuracy and then the loss after the last epoch, and seeds 1 to 3
# are reported. Fails where the best rate is the lowest or the highest.
# 60 runs of 17 s on one idle core. Finished runs are kept in .build/bench/optimizers and not made again; a killed run
# starts anew.
#
# usage: scripts/bench/large-batch-optimizers.sh VITRAIL
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/bench/compare.sh
results=$work/optimizers
data=$work/digits
rates=7
seeds="1 2 3"
mkdir -p "$results"

lamb='{type: lamb, variant: modern, weight_decay: 0.05}'
adamw='{type: adamw, weight_decay: 0.05}'
# What decays by SGD is added to the gradient; 5e-4 is what `--compat tencent` has.
sgd='{type: sgd, momentum: 0.9, nesterov: true, weight_decay: 5.0e-4}'
# The lowest rate of each optimizer and batch, so that the best is inside.
cases="sgd 64 0.0125
sgd 512 0.025
adamw 64 0.0005
adamw 512 0.001
lamb 64 0.00125
lamb 512 0.005"

if [ ! -f "$results/data-complete" ]; then
  rm -rf "$data" "$work/digits-raw"
  "$vitrail" data sample digits --out "$work/digits-raw" --quiet >/dev/null
  "$vitrail" data split "$work/digits-raw" --out "$data" --ratio 4:1 --seed 0 --quiet >/dev/null
  : >"$results/data-complete"
fi

# reach OPTIMIZER BATCH RATE SEED: "ACCURACY LOSS" of the validation images after the last epoch; trains where no
# earlier call did. A run whose loss is not finite has the accuracy 0.
reach() {
  local name=$1-$2-$3-$4
  local record=$results/$name.jsonl run=$results/$name
  if [ ! -f "$record" ]; then
    note "$1, batch $2, rate $3, seed $4"
    rm -rf "$run"
    "$vitrail" train --config recipes/digits-512-lamb.yaml --out "$run" --threads 1 --quiet --set data.workers=1 \
      --set data.path="$data" --set optimizer="${!1}" --set training.lr="$3" --set seed="$4" \
      --set training.accumulation=$(($2 / 64)) </dev/null >/dev/null 2>"$work/log" ||
      grep -q 'gave a loss of' "$work/log" || die "$name failed: $(tail -n 1 "$work/log")"
    mv "$run/metrics.jsonl" "$record"
    rm -rf "$run"
  fi
  if ! grep -q '"status":"completed"' "$record"; then
    echo "0 1e9"
    return
  fi
  grep '"event":"epoch"' "$record" | tail -n 1 >"$work/last-epoch"
  echo "$(value val_top1 <"$work/last-epoch") $(value val_loss <"$work/last-epoch")"
}

echo "| optimizer | batch | best rate | top-1, mean | lowest and highest | loss, mean | top-1 of each rate, seed 0 |"
echo "|---|---|---|---|---|---|---|"
edges=
while read -r optimizer batch lowest; do
  : >"$work/tried"
  for ((i = 0; i < rates; i++)); do
    rate=$(awk -v low="$lowest" -v i="$i" 'BEGIN { print low * 2 ^ i }')
    reached=$(reach "$optimizer" "$batch" "$rate" 0)
    echo "$i $rate $reached" >>"$work/tried"
  done
  read -r place rate _ < <(sort -k3,3gr -k4,4g "$work/tried")
  [ "$place" -gt 0 ] && [ "$place" -lt $((rates - 1)) ] || edges+=" $optimizer $batch: $rate;"
  : >"$work/reached"
  for seed in $seeds; do
    reached=$(reach "$optimizer" "$batch" "$rate" "$seed")
    echo "$reached" >>"$work/reached"
  done
  tried=$(awk '{ printf "%s%s: %.1f", (NR > 1 ? ", " : ""), $2, $3 }' "$work/tried")
  sort -g "$work/reached" | awk -v head="| $optimizer | $batch | $rate" -v tried="$tried" '
    { sum += $1; loss += $2; if (NR == 1) low = $1; high = $1 }
    END { printf "%s | %.1f | %.1f to %.1f | %.2f | %s |\n", head, sum / NR, low, high, loss / NR, tried }'
done <<<"$cases"
[ -z "$edges" ] || die "the best rate lies at the edge of its grid, so widen it:$edges"
