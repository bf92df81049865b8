#!/usr/bin/env bash
# Kills a run again and again (SIGKILL) and shows that it ends with the same bits as one that nobody kills.
#
# The moments are random by a seed: a number of steps after each start, and some milliseconds more. Every second kill
# waits for a save: the process is halted once the folder of an unfinished checkpoint is there, and killed if that is
# still so. A kill counts as one in a save if it left such a folder behind. After each kill the run goes on with
# `--resume auto`. At the end all files of the last checkpoint are compared byte for byte, and so are the losses of all
# steps. Fails where they differ, or where fewer than a quarter of the kills hit a save.
#
# usage: scripts/kill-test.sh [N] [DATA]
#   N     kills, 20 if left out
#   DATA  a folder with train/ and validation/; the embedded digits if left out
# environment: VITRAIL=path of the tool   SEED=number   KEEP=1 keeps the folder of the runs
set -euo pipefail
kills=${1:-20}
data=${2:+$(cd "$2" && pwd)}
vitrail=${VITRAIL:-$(dirname "$0")/../.build/release/vitrail}
RANDOM=${SEED:-1}
steps_between=4

die() {
  echo "kill-test: $*" >&2
  exit 1
}
[[ $kills =~ ^[1-9][0-9]*$ ]] || die "usage: scripts/kill-test.sh [N] [DATA]"
[ -x "$vitrail" ] || die "there is no $vitrail: run make build, or set VITRAIL."

work=$(mktemp -d)
pid=
cleanup() {
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
  if [ -n "${KEEP:-}" ]; then echo "kill-test: kept in $work"; else rm -rf "$work"; fi
}
trap cleanup EXIT

if [ -z "$data" ]; then
  "$vitrail" data sample digits --out "$work/raw" >"$work/log" 2>&1 || die "no data: $(cat "$work/log")"
  "$vitrail" data split "$work/raw" --out "$work/data" --ratio 4:1 --seed 0 >"$work/log" 2>&1 || die "$(cat "$work/log")"
  data=$work/data
fi

# Enough steps that the run cannot end before its last kill, a save after each, and weights that take a while to save.
cat >"$work/recipe.yaml" <<YAML
device: cpu
threads: 1
matmul_backend: native
seed: 7
data: {path: "$data", batch_size: 16, workers: 2, augmentation: {minimum_scale: 0.6}}
model: {image_size: 16, patch_size: 4, embed_dim: 128, depth: 4, num_heads: 4, projection_dropout: 0.1, stochastic_depth: 0.1}
training: {epochs: 1000, max_steps: $((kills * (steps_between + 12) + 10)), lr: 1e-3, clip_norm: 1, ema: {decay: 0.99}}
checkpoint: {every_steps: 1, keep: 2}
YAML

start() { # start OUT ARGUMENT...
  local out=$1
  shift
  "$vitrail" train --config "$work/recipe.yaml" --out "$out" --quiet "$@" >>"$work/log" 2>&1 &
  pid=$!
}

# The steps that are saved; without a new process, so that looking costs next to nothing.
saved_steps() {
  local names=("$out"/checkpoints/step-*)
  local name=${names[-1]##*/step-}
  name=${name%%.*}
  [ "$name" = '*' ] && name=0
  steps=$((10#$name))
}

in_save() { compgen -G "$out/checkpoints/.step-[1-9]*.partial" >/dev/null; }
alive() { kill -0 "$pid" 2>/dev/null; }
halted() { # the state of the process, from its own line in /proc, or from ps
  local state
  alive || return 0
  if [ -r "/proc/$pid/stat" ]; then
    read -r _ _ state _ <"/proc/$pid/stat" || return 0
  else
    state=$(ps -o state= -p "$pid") || return 0
  fi
  [[ $state == [TZX]* ]]
}

: >"$work/log"
start "$work/whole"
wait "$pid" || die "the run that nobody kills failed: $(cat "$work/log")"

out=$work/killed
hits=0
for ((number = 1; number <= kills; number++)); do
  saved_steps
  target=$((steps + RANDOM % (steps_between + 1)))
  delay=$(printf '0.%03d' $((RANDOM % 60)))
  start "$out" --resume auto
  # The random moment: so many steps after the start, and some milliseconds.
  while alive; do
    saved_steps
    [ "$steps" -lt "$target" ] || break
    sleep 0.002
  done
  sleep "$delay"
  if [ $((number % 2)) = 1 ]; then
    # Anywhere in the save: a pause that was longer than it is halved for the next.
    longest=64
    while alive; do
      in_save || continue
      sleep "$(printf '0.%03d' $((RANDOM % (longest + 1))))"
      longest=$((longest / 2))
      kill -STOP "$pid" 2>/dev/null || break
      while ! halted; do :; done
      ! in_save || break
      kill -CONT "$pid" 2>/dev/null || break
    done
  fi
  alive || die "the run ended before kill $number: $(tail -n 3 "$work/log")"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  pid=
  where="between saves"
  if in_save; then
    hits=$((hits + 1))
    written=("$out"/checkpoints/.step-[1-9]*.partial/*)
    [ -e "${written[0]}" ] || written=()
    where="in a save, ${#written[@]} of 5 files begun"
  fi
  saved_steps
  echo "kill-test: kill $number of $kills after step $steps, $where"
done

start "$out" --resume auto
wait "$pid" || die "the resumed run failed: $(tail -n 3 "$work/log")"
pid=

for file in model ema optimizer; do
  cmp "$work/whole/checkpoints/last/$file.safetensors" "$out/checkpoints/last/$file.safetensors" ||
    die "$file.safetensors differs after $kills kills."
done
losses() { sed -n 's/^{"event":"step".*"step":\([0-9]*\),.*"loss":\([^,]*\),.*/\1 \2/p' "$1/metrics.jsonl"; }
[ "$(losses "$work/whole" | wc -l)" -gt "$kills" ] || die "the run wrote no losses."
cmp <(losses "$work/whole") <(losses "$out") || die "the losses of the steps differ after $kills kills."
[ $((4 * hits)) -ge "$kills" ] || die "only $hits of $kills kills hit a save."
echo "kill-test: $kills kills, $hits of them in a save: the same bits in model, ema and optimizer, the same losses"
