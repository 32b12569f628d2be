#!/usr/bin/env bash
# CLIP ViT-B/16 images a second in f32, 16 bits and 8 bits: ours, PyTorch and
# onnxruntime in one run, on the same random weights and pictures.
#   BIN      folder of the bench binary                  (.build/release)
#   PYTHON   interpreter of requirements-peers.txt        (python3)
#   DATA     folder that keeps weights and pictures       (a temporary one)
#   THREADS  of every side                               (all cores)
#   REPEATS  rounds, in turns; medians count              (3)
#   ROWS     file that gets the rows of run.sh's table    (none)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:-.build/release}
PYTHON=${PYTHON:-python3}
if [[ -z ${DATA:-} ]]; then
  DATA=$(mktemp -d)
  trap 'rm -rf "$DATA"' EXIT
fi
"$PYTHON" "$here/select_weights.py" "$DATA/weights"
"$PYTHON" "$here/clip_bench.py" "$BIN/bench" "$DATA" "${REPEATS:-3}" "${ROWS:-/dev/null}"
