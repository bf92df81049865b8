# What the benchmark scripts share; sourced by them, from the repository's root, with their arguments.

vitrail=${1:?usage: scripts/bench/${0##*/} VITRAIL}
python=${PYTHON:-python3}
seconds=${BENCH_SECONDS:-10}
rounds=${BENCH_ROUNDS:-${default_rounds:-3}}
threads=${BENCH_THREADS:-$(nproc)}
work=.build/bench
mkdir -p "$work"

die() {
  echo "bench: $*" >&2
  exit 1
}
note() { echo "bench: $*" >&2; }

median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
value() { grep -oE "\"$1\" *: *[0-9.eE+-]+" | sed -n 1p | sed 's/.*: *//'; }

# write_photos MARK FOLDER: 2000 photos of flowers, unless the mark says that they are there.
write_photos() {
  [ ! -f "$work/$1" ] || return 0
  note "writing 2000 photos of 500x375"
  rm -rf "$2"
  "$vitrail" data sample flowers --out "$2" --count 2000 --size 500x375 --seed 0 --quiet >&2
  : >"$work/$1"
}

# wall COMMAND...: the seconds that it takes, from start to end.
wall() {
  local start end
  start=$(date +%s%N)
  "$@" >/dev/null 2>"$work/log" || { tail -n 5 "$work/log" >&2; return 1; }
  end=$(date +%s%N)
  awk -v a="$start" -v b="$end" 'BEGIN { print (b - a) / 1e9 }'
}

# compare NAME UNIT LOWER_IS_BETTER OURS PEER: alternates the two functions and prints the line.
compare() {
  local name=$1 unit=$2 lower=$3 ours=$4 peer=$5 round line
  : >"$work/ours"
  : >"$work/peer"
  for ((round = 0; round < rounds; round++)); do
    "$ours" >>"$work/ours" || die "$name failed."
    [ -z "$peer" ] || "$peer" >>"$work/peer" || die "$name failed on the other side."
  done
  line=$(awk -v name="$name" -v unit="$unit" -v lower="$lower" -v ours="$(median <"$work/ours")" \
    -v peer="$(median <"$work/peer")" -v threads="$threads" -v rounds="$rounds" 'BEGIN {
      printf "{\"case\": \"%s\", \"unit\": \"%s\", \"threads\": %d, \"rounds\": %d, \"vitrail\": %.6g", name, unit, threads, rounds, ours
      if (peer != "") printf ", \"peer\": %.6g, \"ratio\": %.3f", peer, lower ? peer / ours : ours / peer
      print "}" }')
  echo "$line" | tee -a .build/bench.jsonl
}
