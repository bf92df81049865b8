#!/usr/bin/env bash
# Trains on several ranks, real processes on this machine, and makes everything go wrong that can: killed and hanging
# ranks, ports in use, hosts that never come, a full disk, ranks that differ, stop signals. What is checked each time:
# the exit codes, that each rank writes one line that names the cause and nothing else (no stack trace), that nobody
# hangs, and that what was saved goes on to the same bits.
#
# usage: scripts/ranks-test.sh [CASE]...   all cases if left out: equal kills zero hangs absent refused disk
#        shard signals
# environment: VITRAIL=path of the tool   SEED=number   KILLS=kills of each run   KEEP=1 keeps the folder
set -euo pipefail
vitrail=$(realpath "${VITRAIL:-$(dirname "$0")/../.build/release/vitrail}")
kills=${KILLS:-5}
RANDOM=${SEED:-1}
# Seconds that a rank waits for another, and those within which every rank has to be gone then: the wait itself, three
# seconds for the others to see the failure too, two for a store that does not answer, and what a busy machine adds.
wait_s=5
gone_s=20
steps=75

die() {
  echo "ranks-test: $*" >&2
  exit 1
}
[ -x "$vitrail" ] || die "there is no $vitrail: run make build, or set VITRAIL."

work=$(mktemp -d)
mounted=
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  [ -z "$mounted" ] || umount "$mounted" || true
  if [ -n "${KEEP:-}" ]; then echo "ranks-test: kept in $work"; else rm -rf "$work"; fi
}
trap cleanup EXIT

"$vitrail" data sample digits --out "$work/raw" >"$work/log" 2>&1 || die "no data: $(cat "$work/log")"
for seed in 0 1; do
  "$vitrail" data split "$work/raw" --out "$work/data-$seed" --ratio 4:1 --seed $seed >"$work/log" 2>&1 ||
    die "$(cat "$work/log")"
done

cat >"$work/recipe.yaml" <<YAML
device: cpu
threads: 1
matmul_backend: native
seed: 7
data: {path: "$work/data-0", batch_size: 16, workers: 1, augmentation: {minimum_scale: 0.6}}
model: {image_size: 16, patch_size: 4, embed_dim: 128, depth: 3, num_heads: 4, projection_dropout: 0.1, stochastic_depth: 0.1}
training: {epochs: 1000, max_steps: $steps, lr: 1e-3, clip_norm: 1, ema: {decay: 0.99}}
checkpoint: {every_steps: 1, keep: 2}
parallel: {timeout: $wait_s}
YAML
train=("$vitrail" train --config "$work/recipe.yaml" --quiet)
# The stage of ZeRO of all runs of a case.
zero=0

# --- starting and ending ranks

launch() { # launch RANKS OUT ARGUMENT...: under the launcher, until the end
  local count=$1 out=$2
  shift 2
  "$vitrail" launch --nproc-per-node "$count" -- "${train[@]}" --out "$out" --set "parallel.zero=$zero" "$@" \
    >"$out.log" 2>&1 || die "the run in $out failed: $(tail -n 3 "$out.log")"
}

free_port() {
  port=$((20000 + RANDOM % 10000))
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
}

# What comes before the command of a rank.
enter=()
rank() { # rank NUMBER RANKS OUT ARGUMENT...: one rank, by flags, in the background
  local number=$1 count=$2 out=$3
  shift 3
  "${enter[@]}" "${train[@]}" --out "$out" --set "parallel.zero=$zero" --rank "$number" --world-size "$count" \
    --master-addr 127.0.0.1 --master-port "$port" "$@" >"$work/rank-$number.out" 2>"$work/rank-$number.err" &
  pids[number]=$!
}

ranks() { # ranks COUNT OUT ARGUMENT...: all of them, at a free port
  local count=$1
  free_port
  for ((number = 0; number < count; number++)); do rank "$number" "$@"; done
}

saved_steps() { # of the run in $1
  local names=("$1"/checkpoints/step-*)
  local name=${names[-1]##*/step-}
  name=${name%%.*}
  [ "$name" = '*' ] && name=0
  saved=$((10#$name))
}

wait_for_step() { # wait_for_step OUT STEP PID
  for (( ; ; )); do
    saved_steps "$1"
    [ "$saved" -lt "$2" ] || return 0
    kill -0 "$3" 2>/dev/null || die "the run in $1 ended before step $2: $(tail -n 3 "$work"/rank-*.err)"
    sleep 0.01
  done
}

ended() { # ended NUMBER: waits until a rank has ended, and sets its code
  local patience=$((gone_s * 20))
  while kill -0 "${pids[$1]}" 2>/dev/null; do
    [ $((patience -= 1)) -gt 0 ] || die "rank $1 still runs after $gone_s s: $(cat "$work/rank-$1.err")"
    sleep 0.05
  done
  code=0
  wait "${pids[$1]}" 2>/dev/null || code=$?
  unset "pids[$1]"
}

says() { # says NUMBER CODE PATTERN: the rank ends with the code, and one line on standard error
  ended "$1"
  local text
  text=$(cat "$work/rank-$1.err")
  [ "$code" = "$2" ] || die "$case: rank $1 ended with $code, not $2: $text"
  [ "$(wc -l <"$work/rank-$1.err")" = 1 ] || die "$case: rank $1 writes not one line but this: $text"
  [[ $text =~ $3 ]] || die "$case: rank $1 does not say '$3', but: $text"
  echo "ranks-test: $case: exit code $code, $text"
}

losses() { sed -n 's/^{"event":"step".*"step":\([0-9]*\),.*"loss":\([^,]*\),.*/\1 \2/p' "$1/metrics.jsonl"; }

tensor_files() { (cd "$1/checkpoints/last" && ls -- *.safetensors); }

same() { # same ONE OTHER: the same bits and losses
  local file
  [ "$(tensor_files "$1")" = "$(tensor_files "$2")" ] || die "$case: the checkpoints have other files."
  for file in $(tensor_files "$1"); do
    cmp "$1/checkpoints/last/$file" "$2/checkpoints/last/$file" || die "$case: $file differs."
  done
  [ "$(losses "$1" | wc -l)" = $steps ] || die "$case: the run wrote no loss for each of its $steps steps."
  cmp <(losses "$1") <(losses "$2") || die "$case: the losses of the steps differ."
}

near() { # near ONE OTHER [FROM TO]: losses that differ by no more than 1e-5 of themselves
  [ "$(losses "$2" | wc -l)" = $steps ] || die "$case: the run wrote no loss for each of its $steps steps."
  paste -d ' ' <(losses "$1") <(losses "$2") | awk -v from="${3:-1}" -v to="${4:-$steps}" '
    $1 != $3 { print "the steps differ in number"; exit 1 }
    $1 < from || $1 > to { next }
    { found++; d = $2 - $4; if (d < 0) d = -d; if (d > 1e-5 * $2) { print "step", $1 ":", $2, "and", $4; exit 1 } }
    END { if (found < 1) exit 1 }' || die "$case: the losses are not near."
}

whole() { # sets whole to the run of so many ranks that nobody disturbs, made once for each stage of ZeRO
  whole=$work/whole-$1-$zero
  [ -d "$whole" ] || launch "$1" "$whole"
}

# --- the cases

. "$(dirname "$0")/ranks-test-disks.sh"

case_equal() {
  whole 2
  launch 2 "$work/again"
  same "$whole" "$work/again"
  "${train[@]}" --out "$work/alone" --set data.batch_size=32 >"$work/log" 2>&1 || die "$case: $(cat "$work/log")"
  near "$work/alone" "$whole"
  echo "ranks-test: equal: 2 ranks twice the same bits; the losses of one process of the double batch to 1e-5"
}

in_save() { compgen -G "$out/checkpoints/.step-[1-9]*.partial" >/dev/null; }

# Kills a rank of a run under the launcher, which starts all again; half of the kills once a save has begun.
kill_ranks() { # kill_ranks RANKS TURN
  local count=$1 number target victim first rank
  whole "$count"
  out=$work/killed-$1-$2-$zero
  mkdir "$out.pids"
  # Each rank tells its number; the same process becomes the tool.
  # shellcheck disable=SC2016
  "$vitrail" launch --nproc-per-node "$count" --max-restarts "$kills" -- /bin/sh -c \
    'echo $$ >"$0/$VITRAIL_RESTART_COUNT.$RANK.new" && mv "$0/$VITRAIL_RESTART_COUNT.$RANK.new" "$0/$VITRAIL_RESTART_COUNT.$RANK"; exec "$@"' \
    "$out.pids" "${train[@]}" --out "$out" --set "parallel.zero=$zero" >"$out.log" 2>&1 &
  pids[9]=$!
  for ((number = 0; number < kills; number++)); do
    for ((rank = 0; rank < count; rank++)); do
      until [ -s "$out.pids/$number.$rank" ]; do
        kill -0 "${pids[9]}" 2>/dev/null || die "$case: the launcher ended before kill $number: $(tail -n 5 "$out.log")"
        sleep 0.01
      done
    done
    read -r victim <"$out.pids/$number.$((RANDOM % count))"
    read -r first <"$out.pids/$number.0"
    saved_steps "$out"
    target=$((saved + RANDOM % 5))
    while saved_steps "$out"; [ "$saved" -lt "$target" ]; do
      kill -0 "$first" 2>/dev/null || die "$case: the run ended before kill $number: $(tail -n 5 "$out.log")"
      sleep 0.002
    done
    sleep "$(printf '0.%03d' $((RANDOM % 60)))"
    if [ $((number % 2)) = 0 ]; then
      while kill -0 "$first" 2>/dev/null; do
        in_save || continue
        kill -STOP "$first" 2>/dev/null || break
        until [[ $(ps -o state= -p "$first") == [TZX]* ]]; do :; done
        ! in_save || break
        kill -CONT "$first" 2>/dev/null || break
      done
    fi
    in_save && hits=$((hits + 1))
    kill -KILL "$victim" 2>/dev/null || die "$case: the run ended before kill $number: $(tail -n 5 "$out.log")"
    kill -CONT "$first" 2>/dev/null || true
    killed=$((killed + 1))
  done
  wait "${pids[9]}" || die "$case: the run failed after $kills kills: $(tail -n 5 "$out.log")"
  unset 'pids[9]'
  same "$whole" "$out"
}

kill_many() { # kill_many RANKS...: runs of so many ranks, one after the other
  hits=0
  killed=0
  local count turn=0
  for count in "$@"; do kill_ranks "$count" $((turn += 1)); done
  [ $((4 * hits)) -ge "$killed" ] || die "$case: only $hits of $killed kills hit a save."
  echo "ranks-test: $case: $killed of random ranks in $# runs of $* ranks, $hits in a save: the same bits and losses"
}

case_kills() { kill_many 2 2 3 3; }

# Every rank writes its part of each checkpoint; in stage 3 blocks have weights only while they compute.
case_zero() {
  zero=1
  kill_many 2
  zero=3
  kill_many 3
  zero=0
}

case_hangs() {
  local stopped
  for stopped in 0 1; do
    # With whole weights, and with shared ones.
    zero=$((3 * stopped))
    whole 2
    rm -rf "$work/hung"
    ranks 2 "$work/hung"
    wait_for_step "$work/hung" 5 "${pids[0]}"
    kill -STOP "${pids[stopped]}"
    says $((1 - stopped)) 1 "because of rank $stopped.*which died, hangs or cannot be reached"
    kill -KILL "${pids[stopped]}"
    ended $stopped 2>/dev/null
    launch 2 "$work/hung" --resume auto
    same "$whole" "$work/hung"
  done
  zero=0
  echo "ranks-test: hangs: rank 0 and rank 1 halted, the run goes on to the same bits"
}

case_absent() {
  free_port
  rank 0 2 "$work/absent"
  says 0 1 'rank 0 waited .* s at 127.0.0.1:[0-9]+: rank 1 did not come'
  rank 1 2 "$work/absent"
  says 1 1 'rank 1 waited .* s at 127.0.0.1:[0-9]+: rank 0 did not come'
  "${train[@]}" --out "$work/absent" --rank 1 --world-size 2 --master-addr no-such-host.invalid --master-port 29500 \
    >/dev/null 2>"$work/rank-1.err" &
  pids[1]=$!
  says 1 1 'the host no-such-host.invalid is not known'
  # Another program at the port: a launcher that waits for its second node.
  free_port
  "$vitrail" launch --nproc-per-node 1 --nnodes 2 --node-rank 0 --rendezvous "127.0.0.1:$port" -- true \
    >/dev/null 2>"$work/other.err" &
  pids[9]=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "${pids[9]}" 2>/dev/null || die "$case: nobody took the port: $(cat "$work/other.err")"
    sleep 0.05
  done
  rank 0 2 "$work/absent"
  says 0 1 "rank 0 cannot serve 127.0.0.1:$port: the port is in use"
  rank 1 2 "$work/absent"
  says 1 1 "rank 1 waited .* s at 127.0.0.1:$port: rank 0 did not come"
  kill "${pids[9]}"
  ended 9
  [ ! -e "$work/absent" ] || die "$case: a run that never began left its folder."
  # Rank 0, which serves the store, is lost, and nobody starts it again.
  ranks 3 "$work/lost"
  wait_for_step "$work/lost" 3 "${pids[0]}"
  kill -KILL "${pids[0]}"
  says 1 1 'because of rank 0.*which died, hangs or cannot be reached'
  says 2 1 'because of rank 0.*which died, hangs or cannot be reached'
  ended 0 2>/dev/null
}

pair() { # pair ARGUMENT...: two ranks, the second with more arguments
  free_port
  rank 0 2 "$work/pair"
  rank 1 2 "$work/pair" "$@"
}

case_refused() {
  local number
  pair --set training.lr=2e-3
  for number in 0 1; do says $number 2 'rank 1 has another config.yaml than rank 0: lr: 0.002, not lr: 0.001'; done
  pair --set "data.path=$work/data-1"
  for number in 0 1; do says $number 2 'rank 1 has another set of training images than rank 0'; done
  pair --set "data.path=$work/none"
  says 0 2 "rank 1 ended: '.*/none' is not a folder"
  says 1 2 "'.*/none' is not a folder"
  pair --threads 2
  for number in 0 1; do says $number 2 'rank 1 has another number of threads than rank 0: 2, not 1'; done
  [ ! -e "$work/pair" ] || die "$case: a run that was refused left its folder."
  local settings
  for settings in "RANK=5 WORLD_SIZE=2" "RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=no" \
    "RANK=0 WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=3"; do
    # shellcheck disable=SC2086
    env $settings "${train[@]}" --out "$work/pair" >/dev/null 2>"$work/rank-0.err" &
    pids[0]=$!
    says 0 2 "${settings%% *}|MASTER_PORT|OMPI"
  done
}

case_signals() {
  whole 2
  local stopped count
  for stopped in 0 1; do
    rm -rf "$work/stopped"
    ranks 2 "$work/stopped"
    wait_for_step "$work/stopped" $((5 + RANDOM % 20)) "${pids[0]}"
    kill -TERM "${pids[stopped]}"
    ended 1
    [ $code = 143 ] || die "$case: rank 1 ended with $code, not 143: $(cat "$work/rank-1.err")"
    says 0 143 'stopped by SIGTERM.*state saved; resume with: vitrail resume'
    [ ! -s "$work/rank-1.err" ] || die "$case: rank 1 speaks as well: $(cat "$work/rank-1.err")"
    rm -rf "$work/elastic"
    cp -r "$work/stopped" "$work/elastic"
    launch 2 "$work/stopped" --resume auto
    same "$whole" "$work/stopped"
  done
  # With other ranks the same samples make a step, so its loss is that of the run of two.
  saved_steps "$work/elastic"
  local at=$saved
  for count in 1 3; do
    rm -rf "$work/elastic-$count"
    cp -r "$work/elastic" "$work/elastic-$count"
    launch $count "$work/elastic-$count" --resume auto
    grep -q '"step_size" *: *32\b' "$work/elastic-$count/checkpoints/last/state.json" ||
      die "$case: with $count ranks a step has other samples: $(cat "$work/elastic-$count/checkpoints/last/state.json")"
    near "$whole" "$work/elastic-$count" 1 $((at + 1))
  done
  echo "ranks-test: signals: SIGTERM at either rank stops both, resumed to the same bits; with 1 and 3 ranks the same step"
}

[ $# -gt 0 ] || set -- equal kills zero hangs absent refused disk shard signals
for case in "$@"; do
  declare -F "case_$case" >/dev/null || die "there is no case '$case'."
  started=$SECONDS
  "case_$case"
  echo "ranks-test: $case took $((SECONDS - started)) s"
done
echo "ranks-test: everything passed in $SECONDS s"
