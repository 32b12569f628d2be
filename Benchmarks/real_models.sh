#!/usr/bin/env bash
# The detectors and their ablations over the joined videos that `make real` left in REAL_DIR,
# whose features, descriptions and text features they take.
#
#   real_models.sh       trains, scores, and prints a table of AUC and AP
#
#   BIN       folder of the binaries                     (.build/release)
#   REAL_DIR  what `make real` made                      (real)
#   OUT_DIR   where the workspaces' copies go            (real-models)
#   SHUFFLES  which fifths are tested on                 ("1 2 3 4 5")
#   SEEDS     seeds of a training                        (3)
#   PYTHON    one with NumPy makes the table
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BIN=${BIN:-.build/release}
REAL_DIR=${REAL_DIR:-real}
OUT_DIR=${OUT_DIR:-real-models}
SHUFFLES=${SHUFFLES:-1 2 3 4 5}
SEEDS=${SEEDS:-3}
PYTHON=${PYTHON:-python3}

# models MODEL NAME PRESETS [OPTION...]: one training and its scores a shuffle.
models() {
  local model=$1 name=$2 presets=$3 shuffle
  for shuffle in $SHUFFLES; do
    local source=$REAL_DIR/shuffle$shuffle folder=$OUT_DIR/$name/shuffle$shuffle
    [[ -e $folder/detect.json ]] && continue
    echo "$name, shuffle $shuffle"
    mkdir -p "$folder"
    if [[ ! -e $folder/workspace ]]; then
      cp -r "$source/workspace" "$folder/workspace.part"
      rm -rf "$folder/workspace.part/runs" "$folder/workspace.part/calibration"
      mv "$folder/workspace.part" "$folder/workspace"
    fi
    "$BIN/train-dbm" --dataset "$source/data/videos.csv" --workspace "$folder/workspace" \
      --visual builtin --model "$model" --seeds "$SEEDS" --presets "$presets" "${@:4}" \
      >"$folder/train.txt"
    "$BIN/detect" --dataset "$source/data/videos.csv" --workspace "$folder/workspace" \
      --split test --evaluate --json >"$folder/detect.part"
    mv "$folder/detect.part" "$folder/detect.json"
  done
}

# As they are trained by default, with the features' own score to start from.
models dbvad dbvad default,no-dbm
models vadclip vadclip default
# Without it, which shows what is learned. Nothing is calibrated.
ablations=no-prior
for name in no-dbm no-sfp baseline no-temporal gcn ptc multi-scale identity masked; do
  ablations+=,no-prior+$name
done
models dbvad dbvad-no-prior "$ablations" --folds 0
models vadclip vadclip-no-prior no-prior,no-prior+no-alignment --folds 0

"$PYTHON" "$here/real_models.py" "$OUT_DIR" | tee "$OUT_DIR/table.md"
