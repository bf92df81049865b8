# shellcheck shell=bash
# The cases of ranks-test.sh, which reads this file, in which there is no room for a checkpoint.
# shellcheck disable=SC2154

case_disk() {
  mounted=$work/small
  mkdir "$mounted"
  if ! mount -t tmpfs -o size=8m tmpfs "$mounted" 2>/dev/null; then
    mounted=
    echo "ranks-test: disk: skipped, since only root may mount a small file system"
    return
  fi
  ranks 2 "$mounted/run"
  says 0 1 'No space left on device|disk is full|no space'
  says 1 1 'rank 0 ended: .*([Nn]o space|full)'
  umount "$mounted"
  mounted=
}

# The disk is full for rank 1 alone, which writes its part of a checkpoint: over its own view of the run lies a small
# file system.
case_shard() {
  zero=1
  local run=$work/shard before
  whole 2
  ranks 2 "$run"
  wait_for_step "$run" 10 "${pids[0]}"
  kill -TERM "${pids[1]}"
  ended 1
  ended 0
  saved_steps "$run"
  before=$saved
  cp -rL "$run/checkpoints/last" "$work/before"
  cat >"$work/full.sh" <<'SH'
#!/bin/bash
# Becomes the command after the first two arguments; at the first start of rank 1 the run's folder has no room in it.
view=$1 run=$2
shift 2
if [ "${RANK:-1}.${VITRAIL_RESTART_COUNT:-0}" = 1.0 ]; then
  # shellcheck disable=SC2016
  exec unshare -m bash -c 'mount -t tmpfs -o size=64k tmpfs "$0" && mkdir "$0/up" "$0/work" &&
    mount -t overlay -o "lowerdir=$1,upperdir=$0/up,workdir=$0/work" overlay "$1" && shift && exec "$@"' \
    "$view" "$run" "$@"
fi
exec "$@"
SH
  chmod 755 "$work/full.sh"
  local full=("$work/full.sh" "$work/view" "$run")
  mkdir "$work/view"
  if ! "${full[@]}" true 2>/dev/null; then
    zero=0
    echo "ranks-test: shard: skipped, since only root may lay a small file system over a folder"
    return
  fi
  free_port
  rank 0 2 "$run" --resume auto
  enter=("${full[@]}")
  rank 1 2 "$run" --resume auto
  enter=()
  says 1 1 'optimizer-00002-of-00002.safetensors: No space left on device'
  says 0 1 'rank 1 ended: .*optimizer-00002-of-00002.safetensors: No space left on device'
  saved_steps "$run"
  [ "$saved" = "$before" ] && diff -r "$work/before" "$run/checkpoints/last" ||
    die "$case: the checkpoint before is not whole."
  local left
  left=$(find "$run" -name '*.partial')
  [ -z "$left" ] || die "$case: something half written is left: $left"
  # The same under the launcher, where there is room again at the second start.
  "$vitrail" launch --nproc-per-node 2 --max-restarts 1 -- "${full[@]}" "${train[@]}" --out "$run" \
    --set parallel.zero=1 --resume auto >"$work/log" 2>&1 || die "$case: the run failed: $(tail -n 5 "$work/log")"
  grep -q 'No space left on device' "$work/log" || die "$case: nobody says that the disk is full: $(cat "$work/log")"
  same "$whole" "$run"
  zero=0
  echo "ranks-test: shard: a full disk on one rank of two ends both; with room the run goes on to the same bits"
}
