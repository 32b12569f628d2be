#!/usr/bin/env bash
# Time and memory of two builds on the same videos, in turns: snippet features and selection.
#
#   real_speed.sh OLD NEW VIDEO...     OLD and NEW: folders of binaries
#
#   ROUNDS  how often each (5); the medians and their ratio are printed
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/median.sh"
source "$here/peak.sh"
ROUNDS=${ROUNDS:-5}
[[ $# -ge 3 ]] || { sed -n '2,6p' "$0" >&2; exit 64; }
old=$1 new=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

videos=("$@")

# once BUILD STEP: appends the seconds and the peak MiB of one run to files of its name.
once() {
  local options=(select "${videos[@]}" --scorer builtin --frames 4)
  [[ $2 == features ]] && options=(features "${videos[@]}" --visual builtin --jobs 1)
  rm -rf "$work/out"
  peak_of "${!1}/kess" "${options[@]}" --out "$work/out" >/dev/null 2>&1
  echo "$seconds" >>"$work/$1.$2.seconds"
  echo "$mebibytes" >>"$work/$1.$2.mebibytes"
}

for step in features select; do
  for ((round = 0; round < ROUNDS; round++)); do
    once old "$step"
    once new "$step"
  done
  before=$(median <"$work/old.$step.seconds") after=$(median <"$work/new.$step.seconds")
  echo "$step, old: $before s, $(median <"$work/old.$step.mebibytes") MiB (medians of $ROUNDS)"
  echo "$step, new: $after s, $(median <"$work/new.$step.mebibytes") MiB"
  awk -v a="$before" -v b="$after" -v step="$step" \
    'BEGIN { printf "%s: new takes %.2f times as long as old\n", step, b / a }'
done
