# What the benchmark scripts share; sourced. Needs: work (a folder), rounds, threads.

die() {
  echo "bench: $*" >&2
  exit 1
}
note() { echo "bench: $*" >&2; }

median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
value() { grep -oE "\"$1\" *: *[0-9.eE+-]+" | sed -n 1p | sed 's/.*: *//'; }

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
