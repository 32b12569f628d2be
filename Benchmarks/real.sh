#!/usr/bin/env bash
# The whole chain on built-in defaults over real surveillance clips: what `make real` runs.
#
#   real.sh CLIPS        the folder with fight/ and noFight/
#
#   BIN       folder of the binaries                     (.build/release)
#   REAL_DIR  folder of the joined videos and results    (real)
#   SHUFFLES  which fifths are tested on                 ("1 2 3 4 5")
#   SEEDS     seeds of a training                        (3)
#   PYTHON    one with scikit-learn recomputes AUC and AP; without it that is left out
#
# Every step is kept: the same command goes on where an earlier one ended. A step that the
# program does again is quick, for its results are kept too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/peak.sh"
BIN=${BIN:-.build/release}
REAL_DIR=${REAL_DIR:-real}
SHUFFLES=${SHUFFLES:-1 2 3 4 5}
SEEDS=${SEEDS:-3}
PYTHON=${PYTHON:-python3}
clips=${1:-}
if [[ -z $clips ]]; then
  cat >&2 <<'TEXT'
make real CLIPS=DIR: DIR holds short surveillance clips, fight/fi*.mp4 and noFight/nofi*.mp4.
The public "Surveillance Camera Fight Dataset" (MIT licence) has 300 of them:
  git clone https://github.com/sayibet/fight-detection-surv-dataset
  make real CLIPS=fight-detection-surv-dataset
TEXT
  exit 64
fi
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# measured NAME COMMAND...: its seconds and peak memory in MiB go to times.tsv, if it succeeds.
measured() {
  peak_of "${@:2}"
  printf '%s\t%.1f\t%d\n' "$1" "$seconds" "$mebibytes" >>"$folder/times.tsv"
}

# step NAME COMMAND...: once; its output is kept under the name.
step() {
  local name=$1
  shift
  [[ -e $folder/$name ]] && return
  echo "\$ $(basename "$1") ${*:2}"
  measured "${name%.*}" "$@" >"$folder/$name.part"
  mv "$folder/$name.part" "$folder/$name"
}

for shuffle in $SHUFFLES; do
  folder=$REAL_DIR/shuffle$shuffle
  mkdir -p "$folder"
  say "shuffle $shuffle: fifth $shuffle of the clips is tested on"
  if [[ ! -e $folder/data/videos.csv ]]; then
    "$BIN/kess-demo-data" real "$clips" --out "$folder/data" --shuffle "$shuffle"
  fi
  common=(--dataset "$folder/data/videos.csv" --workspace "$folder/workspace")
  step selection.json "$BIN/kess" evaluate "${common[@]}" --scorer builtin --frames 4,8 --json
  step describe-train.txt "$BIN/describe" "${common[@]}" --describer builtin --scorer builtin
  step describe-test.txt "$BIN/describe" "${common[@]}" --describer builtin --scorer builtin --split test
  step embed.txt "$BIN/embed" --workspace "$folder/workspace" --encoder builtin
  step quality.json "$BIN/embed" quality --workspace "$folder/workspace" --json
  step features.txt "$BIN/kess" features "${common[@]}" --visual builtin
  step train.txt "$BIN/train-dbm" --workspace "$folder/workspace" --visual builtin \
    --seeds "$SEEDS" --presets default,no-dbm,no-prior,no-prior+no-dbm
  step detect.json "$BIN/detect" "${common[@]}" --split test --evaluate --json
  if "$PYTHON" -c 'import sklearn' 2>/dev/null; then
    "$PYTHON" "$here/real_check.py" "$folder/data/videos.csv" "$folder/workspace" >"$folder/check.txt"
    tail -n 1 "$folder/check.txt"
  fi
done

if command -v "$PYTHON" >/dev/null; then
  say "Selection: is kess behind any other strategy?"
  "$PYTHON" "$here/real_selection.py" "$REAL_DIR" | tee "$REAL_DIR/selection.txt"
fi

say "The table"
"$BIN/kess-demo-data" real-table "$REAL_DIR" | tee "$REAL_DIR/table.md"
