#!/usr/bin/env bash
# Starts ranks by the launchers of this world that are installed here, and checks that each rank finds its place: mpirun
# of Open MPI and of MPICH, srun, sbatch and salloc of a SLURM that this script starts in a scratch folder, torchrun, and
# `vitrail launch` over a real sshd on loopback. A launcher that is not here is one line that says so. Under each, two
# ranks then train for some steps, and end with the same bytes; under torchrun also where one of them is killed.
#
# usage: scripts/launchers.sh [PROGRAM [ARGUMENT]...]
#   PROGRAM   what prints a rank's place; `vitrail doctor --place` of the release build if left out. Only one that can
#             `launch` can train.
# environment:
#   TORCHRUN  the path of a torchrun, if not that on PATH or of scripts/setup.sh --launchers
#   KEEP=1    keeps the scratch folder
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -gt 0 ]; then
  place=("$@")
else
  place=("$PWD/.build/release/vitrail" doctor --place)
fi
place[0]=$(command -v "${place[0]}") || {
  echo "launchers: there is no ${1:-.build/release/vitrail}: run make build." >&2
  exit 1
}
work=$(mktemp -d)
chmod 755 "$work"
failures=0
daemons=()

stop_daemons() {
  local pid
  for pid in ${daemons[@]+"${daemons[@]}"}; do kill "$pid" 2>/dev/null || true; done
  daemons=()
}
cleanup() {
  stop_daemons
  if [ -n "${KEEP:-}" ]; then echo "launchers: kept in $work"; else rm -rf "$work"; fi
}
trap cleanup EXIT

skip() { echo "launchers: skipped: $*"; }
fail() {
  echo "launchers: $*" >&2
  failures=$((failures + 1))
}

# run NAME COMMAND...: its output, without the variables of any launcher around this script.
run() {
  local name=$1
  shift
  env -u RANK -u WORLD_SIZE -u LOCAL_RANK -u LOCAL_WORLD_SIZE -u MASTER_ADDR -u MASTER_PORT \
    timeout 60 "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null
}

# expect NAME LINE...: the output, sorted, and without prefixes of ranks, has these lines; each is a regular expression.
expect() {
  local name=$1 number=0 line status=0
  shift
  sed -E 's/^\[rank [0-9]+\] //' "$work/$name.out" | sort >"$work/$name.lines"
  [ "$(wc -l <"$work/$name.lines")" = $# ] || status=1
  for line in "$@"; do
    number=$((number + 1))
    sed -n "${number}p" "$work/$name.lines" | grep -qE "^$line\$" || status=1
  done
  if [ "$status" = 0 ]; then
    echo "launchers: $name: $(sed -n '$p' "$work/$name.lines")"
  else
    fail "$name: these lines were expected, as regular expressions, and others came:"
    printf '  %s\n' "$@" >&2
    sed 's/^/  | /' "$work/$name.lines" "$work/$name.err" >&2
  fi
}

# trained OUT: the run has the bytes of the first one.
trained() {
  local name=$1 file
  for file in model optimizer; do
    cmp -s "$work/trained/checkpoints/last/$file.safetensors" "$work/$name/checkpoints/last/$file.safetensors" || return 1
  done
}

# trains NAME LAUNCHER...: two ranks train under it, and end with the bytes of the first training.
trains() {
  [ ${#launch[@]} -gt 0 ] || return 0
  local name=$1
  shift
  rm -rf "$work/out"
  if run "$name" "$@" "${place[0]}" train --config "$work/recipe.yaml" --out "$work/out" && trained out; then
    echo "launchers: $name: trains, to the bytes of vitrail launch"
  else
    fail "$name: does not train to the bytes of vitrail launch: $(tail -n 3 "$work/$name.err")"
  fi
}

# The images and settings of all trainings, and the first of them.
first_training() {
  [ ${#launch[@]} -gt 0 ] || return 0
  "${place[0]}" data sample digits --out "$work/digits" >"$work/data.out" 2>&1 || {
    fail "there are no images: $(tail -n 1 "$work/data.out")"
    return
  }
  cat >"$work/recipe.yaml" <<YAML
device: cpu
threads: 1
matmul_backend: native
data: {path: "$work/digits", batch_size: 16, workers: 1}
model: {image_size: 16, patch_size: 4, embed_dim: 64, depth: 2, num_heads: 4, projection_dropout: 0.1}
training: {epochs: 1000, max_steps: 30}
checkpoint: {every_steps: 1, keep: 2}
parallel: {timeout: 30}
YAML
  run "a first training" "${launch[@]}" --nproc-per-node 2 -- "${place[0]}" train --config "$work/recipe.yaml" \
    --out "$work/trained" || fail "vitrail launch does not train: $(tail -n 3 "$work/a first training.err")"
}

open_mpi() {
  command -v mpirun.openmpi >/dev/null || { skip "there is no mpirun.openmpi (scripts/setup.sh --launchers)"; return; }
  local -a root=()
  [ "$(id -u)" != 0 ] || root=(--allow-run-as-root)
  run "Open MPI" mpirun.openmpi ${root[@]+"${root[@]}"} --oversubscribe -n 2 "${place[@]}" || fail "Open MPI: mpirun failed: $(tail -n 1 "$work/Open MPI.err")"
  expect "Open MPI" "rank 0 of 2, local rank 0, master 127.0.0.1:[0-9]+, from Open MPI" "rank 1 of 2, local rank 1, master 127.0.0.1:[0-9]+, from Open MPI"
  trains "Open MPI" mpirun.openmpi ${root[@]+"${root[@]}"} --oversubscribe -n 2
}

mpich() {
  command -v mpirun.mpich >/dev/null || { skip "there is no mpirun.mpich (scripts/setup.sh --launchers)"; return; }
  run MPICH mpirun.mpich -n 2 "${place[@]}" || fail "MPICH: mpirun failed: $(tail -n 1 "$work/MPICH.err")"
  expect MPICH "rank 0 of 2, local rank 0, master 127.0.0.1:29500, from MPICH" "rank 1 of 2, local rank 1, master 127.0.0.1:29500, from MPICH"
  trains MPICH mpirun.mpich -n 2
}

# Two launchers that know nothing of each other: the variables of both must be refused, whatever the order.
contradiction() {
  local status=0
  env RANK=0 WORLD_SIZE=3 PMI_RANK=1 PMI_SIZE=2 MPI_LOCALRANKID=1 MPI_LOCALNRANKS=2 "${place[@]}" \
    >"$work/both.out" 2>"$work/both.err" || status=$?
  [ "$status" = 2 ] && grep -q 'RANK=0, WORLD_SIZE=3, PMI_RANK=1, PMI_SIZE=2 contradict each other' "$work/both.err" ||
    fail "variables that contradict each other were not refused: status $status, $(cat "$work/both.err")"
}

# wait_for WHAT COMMAND...: until it succeeds, ten seconds at most.
wait_for() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 100; tries++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  fail "$what"
  return 1
}

slurm_is_idle() { sinfo -h -o %T | grep -q idle; }

slurm() {
  local tool host
  for tool in munged slurmctld slurmd srun; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || { skip "SLURM: there is no $tool (scripts/setup.sh --launchers)"; return; }
  done
  [ "$(id -u)" = 0 ] || { skip "SLURM: its daemons need root"; return; }
  local PATH=$PATH:/usr/sbin:/sbin folder=$work/slurm
  host=$(hostname -s)
  mkdir -p "$folder/state" "$folder/spool"
  head -c 1024 /dev/urandom >"$folder/munge.key"
  chmod 400 "$folder/munge.key"
  # --force, because the folder's parent, /tmp, may be written by all.
  munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/munge.seed" --num-threads=2 2>"$folder/munged.err" || {
    fail "SLURM: munged did not start: $(tail -n 1 "$folder/munged.err")"
    return
  }
  daemons+=("$(cat "$folder/munged.pid")")
  cat >"$folder/slurm.conf" <<CONF
ClusterName=launchers
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$((20000 + RANDOM % 5000))
SlurmdPort=$((25000 + RANDOM % 5000))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
PlugStackConfig=/dev/null
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=10 State=UP OverSubscribe=YES
CONF
  export SLURM_CONF=$folder/slurm.conf
  slurmctld -f "$SLURM_CONF" && slurmd -f "$SLURM_CONF" || { fail "SLURM: its daemons did not start"; return; }
  wait_for "SLURM: slurmctld has no pid file" test -s "$folder/slurmctld.pid" || return 0
  daemons=("$(cat "$folder/slurmctld.pid")" "${daemons[@]}")
  wait_for "SLURM: slurmd has no pid file" test -s "$folder/slurmd.pid" || return 0
  daemons=("$(cat "$folder/slurmd.pid")" "${daemons[@]}")
  wait_for "SLURM: the node does not become idle: $(tail -n 1 "$folder/slurmctld.log")" slurm_is_idle || return 0

  local address="master $host:[0-9]+, from SLURM"
  run srun srun -n 2 "${place[@]}" || fail "srun failed: $(tail -n 1 "$work/srun.err")"
  expect srun "rank 0 of 2, local rank 0, $address" "rank 1 of 2, local rank 1, $address"
  trains srun srun -n 2
  run "srun --mpi=pmi2" srun --mpi=pmi2 -n 2 "${place[@]}" || fail "srun --mpi=pmi2 failed: $(tail -n 1 "$work/srun --mpi=pmi2.err")"
  expect "srun --mpi=pmi2" "rank 0 of 2, local rank 0, $address" "rank 1 of 2, local rank 1, $address"
  # The shell of salloc and the script of sbatch are no ranks; what srun starts in them is.
  run salloc salloc -n 2 "${place[@]}" || fail "salloc failed: $(tail -n 1 "$work/salloc.err")"
  expect salloc "(a process )?alone"
  { echo '#!/bin/sh'; printf '%q ' "${place[@]}"; echo; printf '%q ' srun "${place[@]}"; echo; } >"$folder/job.sh"
  run sbatch sbatch -W -n 2 -o "$folder/job.out" "$folder/job.sh" || fail "sbatch failed: $(tail -n 1 "$work/sbatch.err")"
  cp "$folder/job.out" "$work/sbatch.out"
  expect sbatch "(a process )?alone" "rank 0 of 2, local rank 0, $address" "rank 1 of 2, local rank 1, $address"
  # A launcher for each host: the inner one counts.
  if [ ${#launch[@]} -gt 0 ]; then
    run "vitrail launch in srun" srun -n 1 "${launch[@]}" --nproc-per-node 2 -- "${place[@]}" || fail "vitrail launch in srun failed: $(tail -n 1 "$work/vitrail launch in srun.err")"
    expect "vitrail launch in srun" "rank 0 of 2, local rank 0, master 127.0.0.1:[0-9]+, from torchrun" "rank 1 of 2, local rank 1, master 127.0.0.1:[0-9]+, from torchrun"
  fi
  stop_daemons
  unset SLURM_CONF
}

torchrun_() {
  local torchrun=${TORCHRUN:-$(command -v torchrun || echo .build/torchrun/bin/torchrun)}
  "$torchrun" --help >/dev/null 2>&1 || { skip "there is no torchrun that runs (scripts/setup.sh --launchers, or set TORCHRUN to one)"; return; }
  run torchrun "$torchrun" --nproc-per-node 2 --master-port "$((20000 + RANDOM % 10000))" --no-python "${place[@]}" || fail "torchrun failed: $(tail -n 1 "$work/torchrun.err")"
  expect torchrun "rank 0 of 2, local rank 0, master [^ ]+:[0-9]+, from torchrun" "rank 1 of 2, local rank 1, master [^ ]+:[0-9]+, from torchrun"
  trains torchrun "$torchrun" --nproc-per-node 2 --no-python
  [ ${#launch[@]} -gt 0 ] || return 0
  # A rank that is killed: torchrun starts both again, and they go on where they were.
  cat >"$work/once.sh" <<'SH'
#!/bin/sh
# Becomes the command; the first start of rank $1 is killed at step 10.
victim=$1 out=$2
shift 2
if [ "$RANK.$TORCHELASTIC_RESTART_COUNT" = "$victim.0" ]; then
  pid=$$
  (until ls -d "$out"/checkpoints/step-*1[0-9] >/dev/null 2>&1; do sleep 0.02; done; kill -KILL "$pid") &
fi
exec "$@"
SH
  chmod 755 "$work/once.sh"
  local victim before=$failures
  for victim in 0 1; do
    rm -rf "$work/out"
    run "torchrun with a kill" "$torchrun" --max-restarts 1 --nproc-per-node 2 --no-python "$work/once.sh" "$victim" \
      "$work/out" "${place[0]}" train --config "$work/recipe.yaml" --out "$work/out" && trained out &&
      grep -q "local_rank: $victim" "$work/torchrun with a kill.err" ||
      fail "torchrun: rank $victim was killed, and the run did not go on to the same bytes: $(tail -n 3 "$work/torchrun with a kill.err")"
  done
  [ "$failures" != "$before" ] || echo "launchers: torchrun: rank 0 or 1 is killed, the run goes on to the same bytes"
}

# A real sshd with keys of its own, on loopback; the launcher's other host is 127.0.0.2.
over_ssh() {
  local sshd
  sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || { skip "ssh: there is no sshd (scripts/setup.sh --launchers)"; return; }
  [ ${#launch[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || { skip "ssh: sshd needs root"; return; }
  local folder=$work/ssh port=$((21000 + RANDOM % 8000))
  mkdir -p "$folder" /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f "$folder/host"
  ssh-keygen -q -t ed25519 -N '' -f "$folder/user"
  cat >"$folder/sshd_config" <<CONF
Port $port
ListenAddress 127.0.0.2
HostKey $folder/host
AuthorizedKeysFile $folder/user.pub
PidFile $folder/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
CONF
  "$sshd" -f "$folder/sshd_config" -E "$folder/sshd.log" || { fail "ssh: sshd did not start"; return; }
  wait_for "ssh: sshd has no pid file" test -s "$folder/sshd.pid" || return 0
  daemons+=("$(cat "$folder/sshd.pid")")
  printf '127.0.0.1 slots=1\n127.0.0.2 slots=1\n' >"$folder/hosts"
  export VITRAIL_SSH="ssh -p $port -i $folder/user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
  run "vitrail launch over ssh" "${launch[@]}" --hostfile "$folder/hosts" -- "${place[@]}" || fail "vitrail launch over ssh failed: $(tail -n 1 "$work/vitrail launch over ssh.err")"
  expect "vitrail launch over ssh" "rank 0 of 2, local rank 0, master 127.0.0.1:[0-9]+, from torchrun" "rank 1 of 2, local rank 0, master 127.0.0.1:[0-9]+, from torchrun"
  trains "vitrail launch over ssh" "${launch[@]}" --hostfile "$folder/hosts" --
  # A connection that dies takes the ranks at its other end with it.
  local mark="launchers-$$" pid tries
  env MARK="$mark" "${launch[@]}" --hostfile "$folder/hosts" --stop-timeout 1 -- sh -c "echo up; : $mark; sleep 300; :" >"$work/cut.out" 2>&1 </dev/null &
  pid=$!
  for ((tries = 0; tries < 100; tries++)); do
    [ "$(grep -c up "$work/cut.out")" != 2 ] || break
    sleep 0.1
  done
  [ "$(grep -c up "$work/cut.out")" = 2 ] || fail "ssh: the ranks did not start: $(cat "$work/cut.out")"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 100; tries++)); do
    if ! grep -lsz "$mark" /proc/[0-9]*/environ >/dev/null && ! pgrep -f "$mark" >/dev/null; then break; fi
    sleep 0.1
  done
  if pgrep -f "$mark" >/dev/null; then fail "ssh: ranks outlive their launcher"; else echo "launchers: no rank outlives a launcher that is killed, here or behind ssh"; fi
  unset VITRAIL_SSH
  stop_daemons
}

# The launcher itself, if the program has one.
launch=()
if "${place[0]}" launch --help >/dev/null 2>&1; then launch=("${place[0]}" launch); fi

contradiction
first_training
open_mpi
mpich
slurm
torchrun_
over_ssh
[ "$failures" = 0 ] || exit 1
