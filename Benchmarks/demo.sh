#!/usr/bin/env bash
# The main job on built-in defaults, offline: what `make demo` runs after set-up.
# BIN, DEMO_DIR and CLIP come from the Makefile.
set -euo pipefail
BIN=${BIN:-.build/release}
DEMO_DIR=${DEMO_DIR:-demo}
start=$SECONDS
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { echo "\$ $*"; "$BIN/$@"; }

say "1/7  Key frames of a real clip"
run kess select "$CLIP" --frames 6 --scorer builtin --out "$DEMO_DIR/key-frames"

say "2/7  A rendered, labelled data set (synthetic; see $DEMO_DIR/data/README.txt)"
run kess demo-data --out "$DEMO_DIR/data" --seed 7

workspace=$DEMO_DIR/workspace
common=(--dataset demo --root "$DEMO_DIR/data" --workspace "$workspace")

say "3/7  One description per training video, and of the held-out ones for the report"
run describe "${common[@]}" --describer builtin --scorer builtin
run describe "${common[@]}" --describer builtin --scorer builtin --split test

say "4/7  Description features"
run embed --workspace "$workspace" --encoder builtin

say "5/7  Training: three seeds, with and without the Description Boosted Module"
run train-dbm --workspace "$workspace" --visual builtin --seeds 3 --presets default,no-dbm

say "6/7  Held-out videos: scores, AUC, report"
run detect "${common[@]}" --split test --evaluate

say "7/7  Summary"
run detect summary --workspace "$workspace"
echo "the job took $((SECONDS - start)) s"

cat <<TEXT

Next, with your own models:
  # CLIP weights: a folder, or a hub id in your Hugging Face cache
  $BIN/kess select YOUR_VIDEO.mp4 --query "two people fighting" --clip-model openai/clip-vit-base-patch16
  # a Qwen2.5-VL server of yours (vLLM, SGLang, llama.cpp, ...)
  $BIN/describe --dataset demo --root $DEMO_DIR/data --workspace $workspace --endpoint http://127.0.0.1:8000/v1
  # your own videos, with the detector just trained
  $BIN/detect YOUR_VIDEO.mp4 --workspace $workspace
TEXT
