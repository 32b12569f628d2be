#!/usr/bin/env bash
# Time and memory of two builds on the same videos, in turns: snippet features and selection.
#
#   real_speed.sh OLD NEW VIDEO...     OLD and NEW: folders of binaries
#
#   ROUNDS  how often each (5); the medians and their ratio are printed
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/median.sh"
ROUNDS=${ROUNDS:-5}
[[ $# -ge 3 ]] || { sed -n '2,6p' "$0" >&2; exit 64; }
old=$1 new=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# once BUILD STEP: seconds, processor seconds and peak MiB of one run.
once() {
  rm -rf "$work/out"
  case $2 in
    features) set -- "$1" features "${videos[@]}" --visual builtin --out "$work/out" --jobs 1 ;;
    select) set -- "$1" select "${videos[@]}" --scorer builtin --frames 4 --out "$work/out" ;;
  esac
  local start=$EPOCHREALTIME peak=0 now pid
  "$1/kess" "${@:2}" >/dev/null 2>&1 &
  pid=$!
  while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [[ -n $now ]]; do
    peak=$now
    sleep 0.05
  done
  wait "$pid"
  awk -v from="$start" -v to="$EPOCHREALTIME" -v kib="$peak" \
    'BEGIN { printf "%.2f %.0f\n", to - from, kib / 1024 }'
}

videos=("$@")
for step in features select; do
  for ((round = 0; round < ROUNDS; round++)); do
    once "$old" "$step" >>"$work/old.$step"
    once "$new" "$step" >>"$work/new.$step"
  done
  for build in old new; do
    seconds=$(cut -d' ' -f1 "$work/$build.$step" | median)
    peak=$(cut -d' ' -f2 "$work/$build.$step" | median)
    echo "$step, $build: $seconds s, $peak MiB (medians of $ROUNDS)"
  done
  echo "$step: new is $(awk -v a="$(cut -d' ' -f1 "$work/old.$step" | median)" \
    -v b="$(cut -d' ' -f1 "$work/new.$step" | median)" 'BEGIN { printf "%.2f", b / a }') times the old time"
done
