# What the scripts share that go from images to predictions; sourced by them, from the repository's root, with `name` (of
# the script), `vitrail` (the command), `run` (its run directory) and `required` (the lowest top-1 accuracy of a full run).

die() {
  echo "$name: $*" >&2
  exit 1
}
say() { echo "$name: $*"; }

# claim FOLDER...: removes what an earlier run of this script made, and nothing else; marks what this one makes.
claim() {
  local folder
  claimed=("$@")
  mark=.made-by-$name
  for folder in "${claimed[@]}"; do
    [ -e "$folder" ] || continue
    [ -f "$folder/$mark" ] || die "$folder exists and was not made by this script: move it away and run this again."
  done
  rm -rf "${claimed[@]}"
  # Whatever way it ends, the next one must know its own.
  trap 'for folder in "${claimed[@]}"; do [ ! -d "$folder" ] || : >"$folder/$mark"; done' EXIT
}

# train ARGUMENT...: trains, on as many ranks as `ranks` says where it is set, and says how long that took.
train() {
  local started=$SECONDS
  "$vitrail" ${ranks:+launch --nproc-per-node "$ranks" --} train "$@"
  say "trained in $((SECONDS - started)) s"
}

# evaluate FOLDER: scores the best checkpoint, and leaves its top-1 accuracy in `accuracy`.
evaluate() {
  say "evaluating the best checkpoint on $1"
  "$vitrail" evaluate --checkpoint "$run" --data "$1"
  accuracy=$("$vitrail" evaluate --checkpoint "$run" --data "$1" --format json --quiet |
    grep -oE '"top1" *: *[0-9.]+' | sed -n 1p | grep -oE '[0-9.]+$')
  [ -n "$accuracy" ] || die "the evaluation told no top-1 accuracy."
}

# predict FOLDER...: the first image of each.
predict() {
  local folder image images=()
  for folder in "$@"; do
    for image in "$folder"/*; do
      images+=("$image")
      break
    done
  done
  "$vitrail" predict --checkpoint "$run" "${images[@]}"
}

# conclude IS_FULL: what there is now; fails where IS_FULL is not empty and the accuracy is too low.
conclude() {
  echo
  say "top-1 accuracy of the best checkpoint: $(printf '%.2f' "$accuracy") %"
  say "checkpoints:  $run/checkpoints/best, $run/checkpoints/last"
  say "metrics:      $run/metrics.jsonl"
  say "event files:  tensorboard --logdir $run/events"
  [ -n "$1" ] || return 0
  awk -v got="$accuracy" -v need="$required" 'BEGIN { exit !(got >= need) }' ||
    die "$accuracy % is below the $required % that this recipe reaches: something is wrong with this build."
}
