#!/usr/bin/env bash
# Every benchmark in one run, and one table of what was measured.
#
#   run.sh ours            our side alone: what needs no Python
#   run.sh peers VENV      side by side; VENV is made on the first run (about 1.5 GB)
#
#   BIN       folder of the binaries                       (.build/release)
#   DATA      folder that keeps clips and weights          (a temporary one)
#   REPEATS   rounds; medians count                        (3)
#   ONLY      some of "core decode clip select picks memory text" (all)
#   RESULTS=1 also writes Benchmarks/results/<date>-<cpu>.md
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
side=${1:-}
[[ $side = ours || ($side = peers && -n ${2:-}) ]] || { sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 64; }
export BIN=${BIN:-.build/release} REPEATS=${REPEATS:-3}
ONLY=${ONLY:-core decode clip select picks memory text}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DATA=${DATA:-$work/data}
mkdir -p "$DATA"
export CLIPS=$DATA/decode ROWS=$work/rows
: >"$ROWS"

wanted() { [[ " $ONLY " == *" $1 "* ]]; }
flags() { "${PYTHON:-python3}" "$here/cpu_features.py"; }

make_environment() { # as Tests/Servers/serve.sh makes its own
  local stamp
  # This file names packages too.
  stamp=$(cat "$here/requirements-peers.txt" "$here/run.sh" | sha256sum)
  [[ $(cat "$1/.complete" 2>/dev/null || true) = "$stamp" ]] && return
  echo "installing into $1 ..." >&2
  "${PYTHON:-python3}" -m venv "$1"
  pip() { "$1/bin/python" -m pip --disable-pip-version-check "${@:2}"; }
  pip "$1" install -q "torch==2.13.0+cpu" 2>/dev/null || pip "$1" install -q "torch==2.13.0"
  pip "$1" install -q -r "$here/requirements-peers.txt"
  # For CLIP's vocabulary alone.
  pip "$1" install -q --no-deps "open_clip_torch==3.3.0"
  # Its wheels are tied to versions of torch and FFmpeg; without it one row is missing.
  pip "$1" install -q --no-deps "torchcodec==0.17.0" && "$1/bin/python" -c 'import torchcodec' 2>/dev/null \
    || echo "torchcodec does not load here: left out" >&2
  printf %s "$stamp" >"$1/.complete"
}

if [[ $side = peers ]]; then
  make_environment "$2"
  PYTHON=$(cd "$2" && pwd)/bin/python
  export PYTHON
fi

report=$work/report
{
  echo "CPU: $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1), $(nproc) cores; $(flags)"
  echo "commit: $(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown), $(date -u +%F)"
  if [[ $side = peers ]]; then "$PYTHON" "$here/gemm_peak.py"; fi
  if wanted core; then
    told=$("$BIN/bench" select-core --candidates 100000 --frames 64)
    echo "$told"
    printf 'selection alone, N = 100,000, k = 64\t%s s\t-\t-\t< 0.1 s\n' \
      "$(sed -E 's/.*median ([0-9.]+) s.*/\1/' <<<"$told")" >>"$ROWS"
  fi
  if [[ $side = ours ]]; then
    if wanted clip && compgen -G "$DATA/weights/complete-*" >/dev/null; then
      "$BIN/bench" clip --model "$DATA/weights"
    elif wanted clip; then
      echo "clip: left out, the weights are made by bench-peers (DATA=FOLDER names where)"
    fi
  else
    if wanted clip && [[ -f $here/clip.sh ]]; then DATA=$DATA bash "$here/clip.sh"; fi
    if wanted decode && [[ -f $here/decode.sh ]]; then bash "$here/decode.sh"; fi
    if wanted select; then "$PYTHON" "$here/select_bench.py" speed "$BIN/kess" "$DATA"; fi
    if wanted picks; then "$PYTHON" "$here/select_bench.py" skipping "$BIN/kess" "$DATA"; fi
    if wanted memory; then "$PYTHON" "$here/select_bench.py" memory "$BIN/kess" "$DATA"; fi
    if wanted text; then DATA=$DATA bash "$here/text.sh"; fi
  fi
} 2>&1 | tee "$report"

table() {
  echo '| what | ours | peer | ratio | target |'
  echo '|---|---|---|---|---|'
  awk -F '\t' '{ printf "| %s | %s | %s | %s | %s |\n", $1, $2, $3, $4, $5 }' "$ROWS"
}
echo
table
if [[ ${RESULTS:-} = 1 ]]; then
  cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1 | tr -cs 'A-Za-z0-9' '-' | sed 's/-*$//')
  mkdir -p "$here/results"
  file=$here/results/$(date -u +%F)-$cpu.md
  { echo "# $(date -u +%F)"; echo; table; echo; echo '```'; grep -v $'\t' "$report"; echo '```'; } >"$file"
  echo "written: Benchmarks/results/$(basename "$file")"
fi
