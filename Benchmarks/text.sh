#!/usr/bin/env bash
# Text encoders and the cache of their vectors, ours and the peers', in turns.
#
#   DATA    keeps the texts, MiniLM and the cache of a million vectors (2.3 GB)
#   TEXTS   how many descriptions                                    (10000)
#   ROUNDS  how often, in turns; the median of each side counts          (1)
#   ONLY    some of: minilm-f32 minilm-16 clip-f32 clip-16 cache       (all)
#   BATCHES the peers' batch sizes; the best counts               (8 32 128)
#   CPU     1 compares one thread of each side by its processor seconds: what a machine
#           that others use still tells
#   MINILM  the folder of make minilm        (.tools/all-MiniLM-L6-v2)
#   CLIP    a folder with CLIP weights       (made: random ViT-B/16)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/median.sh"
BIN=${BIN:-.build/release} DATA=${DATA:?} ROWS=${ROWS:-/dev/null} PYTHON=${PYTHON:-python3}
TEXTS=${TEXTS:-10000} ROUNDS=${ROUNDS:-1} MINILM=${MINILM:-.tools/all-MiniLM-L6-v2}
BATCHES=${BATCHES:-8 32 128} ONLY=${ONLY:-minilm-f32 minilm-16 clip-f32 clip-16 cache}
mkdir -p "$DATA"
texts=$DATA/texts-$TEXTS.txt
[[ -f $texts ]] || "$PYTHON" "$here/text_corpus.py" "$texts" "$TEXTS"
CLIP=${CLIP:-$DATA/vit-b-16}

clock=()
if [[ ${CPU:-0} = 1 ]]; then
  export CPU
  clock=(--threads 1 --processor-time)
fi
rate() { sed -nE 's/.*: ([0-9.]+) texts\/s.*/\1/p' <<<"$1" | head -1; }
best() { sed -nE 's/^best ([0-9.]+)$/\1/p' <<<"$1"; }
wanted() { [[ " $ONLY " == *" $1 "* ]]; }
compare() { # NAME FOLDER TYPE KIND:TARGET...: one row for each kind of peer
  local name=$1 folder=$2 type=$3 ours='' kind output
  local -A bests=()
  shift 3
  for ((round = 0; round < ROUNDS; round++)); do
    output=$("$BIN/bench" text --model "$folder" --texts "$texts" --arithmetic "$type" --repeats 1 "${clock[@]}")
    echo "$output"
    ours+="$(rate "$output")"$'\n'
    for kind in "${@%%:*}"; do
      output=$("$PYTHON" "$here/text_peer.py" "$kind" "$folder" "$texts" "${type/f16/bf16}" $BATCHES)
      echo "$output"
      bests[$kind]+="$(best "$output")"$'\n'
    done
  done
  for kind in "$@"; do
    awk -v n="$name / ${kind%%:*}" -v a="$(median <<<"$ours")" -v b="$(median <<<"${bests[${kind%%:*}]}")" -v t="${kind#*:}" \
      'BEGIN { printf "%s\t%.1f texts/s\t%.1f texts/s\t%.2f\t%s\n", n, a, b, a / b, t }' | tee -a "$ROWS"
  done
}
half=bf16
features=" $("$PYTHON" "$here/cpu_features.py") "
[[ $features = *' avx512_fp16 '* && $features != *' amx_bf16 '* ]] && half=f16
has_half() { [[ $features = *' avx512_bf16 '* || $features = *' avx512_fp16 '* ]]; }
if [[ -f $MINILM/model.safetensors ]]; then
  wanted minilm-f32 && compare 'MiniLM texts, f32' "$MINILM" f32 'minilm:>= 1.5' 'sentence:-'
  wanted minilm-16 && has_half && \
    compare "MiniLM texts, 16 bit ($half)" "$MINILM" $half 'sentence:>= 1'
elif wanted minilm-f32 || wanted minilm-16; then
  echo "no $MINILM: make minilm" >&2
fi
if wanted clip-f32 || wanted clip-16; then "$PYTHON" "$here/select_weights.py" "$CLIP"; fi
wanted clip-f32 && compare 'CLIP ViT-B/16 texts, f32' "$CLIP" f32 'clip:>= 1.5' 'clip-sorted:-'
wanted clip-16 && has_half && \
  compare "CLIP ViT-B/16 texts, 16 bit ($half)" "$CLIP" $half 'clip-sorted:>= 1'
wanted cache || exit 0

files=$DATA/text-files
rm -rf "$files"
cache=$("$BIN/bench" text-cache --workspace "$DATA/text-cache" --files "$files")
loads=$("$PYTHON" "$here/text_reads.py" "$files")
printf '%s\n%s\n' "$cache" "$loads"
printf 'opening a cache of 1,000,000 x 512\t%s ms\t-\t-\t< 10 ms\n' \
  "$(sed -nE 's/.*opened in median ([0-9.]+) ms.*/\1/p' <<<"$cache")" >>"$ROWS"
awk -v a="$(sed -nE 's/.*, ([0-9.]+) us each.*/\1/p' <<<"$cache")" -v b="$(best "$loads")" \
  'BEGIN { printf "one random read of a vector, np.load of one file\t%.2f us\t%.2f us\t%.1f\t>= 10\n", a, b, b / a }' >>"$ROWS"
