#!/usr/bin/env bash
# A training step at the size of UCF-Crime beside PyTorch, in turns: 128 videos of 256 snippets.
#
#   train.sh PYTHON        a Python with torch
#
#   BIN      folder of the binaries                          (.build/release)
#   MODELS   of dbvad vadclip-ucf vadclip-xd mgte-ucf mgte-xd clipfusion-ucf clipfusion-xd
#                                                            (dbvad vadclip-ucf)
#   BATCH    videos a step                                   (128)
#   ROUNDS   how often each program runs; medians count      (3)
#   FORMS    PyTorch's twins: default, tuned                 ("default tuned")
#   BF16     1 adds a line of ours in bfloat16               (1 where the processor has it)
#   UCA      UCA's annotations (JSON): DBVAD with lengths drawn from its videos' durations too
#
# Each program runs two steps, of which the second counts: the first takes the memory.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${1:?the Python to take}
BIN=${BIN:-.build/release}
MODELS=${MODELS:-dbvad vadclip-ucf}
BATCH=${BATCH:-128}
ROUNDS=${ROUNDS:-3}
FORMS=${FORMS:-default tuned}
BF16=${BF16:-$(grep -qw avx512_bf16 /proc/cpuinfo && echo 1 || echo 0)}
threads=$(nproc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "CPU: $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1), $threads threads; $("$python" "$here/cpu_features.py")"
"$BIN/bench" products --threads "$threads" | tee "$work/products"
peak=$(sed -n "s/.*f32 library's harmonic mean \([0-9]*\).*/\1/p" "$work/products")

# Seconds and peak MiB of a run's last step, in a file of the name.
ours() { # NAME MODEL PRESET OPTION...
  "$BIN/bench" train --model "$2" --preset "$3" --batch "$BATCH" --threads "$threads" --steps 2 "${@:4}" |
    sed -n 's/.* step 1: \([0-9.]*\) s .*peak \([0-9]*\) MB.*/\1 \2/p' >>"$work/$1"
}
twin() { # NAME MODEL FORM OPTION...
  "$python" "$here/train_twins.py" --model "$2" --form "$3" --batch "$BATCH" --threads "$threads" \
    --steps 2 "${@:4}" | tail -n 1 |
    "$python" -c 'import json, sys
step = json.load(sys.stdin)
print(step["seconds"], round(step["peak_rss_mb"]))' >>"$work/$1"
}
median() { sort -n "$work/$1" | awk -v column="$2" '{ v[NR] = $column } END { print v[int((NR + 1) / 2)] }'; }

# compare TITLE TERAFLOP MODEL OPTION...: the twins and ours in turns.
compare() {
  local title=$1 work_done=$2 model=$3 round form
  local family=${model%%-*} preset=""
  [[ $model = *-* ]] && preset=${model#*-}
  rm -f "$work"/ours "$work"/bf16 "$work"/default "$work"/tuned
  for ((round = 0; round < ROUNDS; round++)); do
    ours ours "$family" "$preset" "${@:4}"
    [[ $BF16 != 1 ]] || ours bf16 "$family" "$preset" --precision bf16 "${@:4}"
    for form in $FORMS; do twin "$form" "$model" "$form" "${@:4}"; done
  done
  local seconds bound
  seconds=$(median ours 1)
  bound=$(awk -v w="$work_done" -v p="$peak" 'BEGIN { printf "%.2f", w * 1000 / p }')
  printf '\n%s: ours %.2f s, %d MiB' "$title" "$seconds" "$(median ours 2)"
  [[ $work_done != - ]] && printf '; products alone take %s s at %s GFLOP/s: %.2f times' "$bound" "$peak" \
    "$(awk -v a="$seconds" -v b="$bound" 'BEGIN { print a / b }')"
  for form in $FORMS; do
    printf '; PyTorch %s %.2f s (%.2f times ours), %d MiB' "$form" "$(median "$form" 1)" \
      "$(awk -v a="$(median "$form" 1)" -v b="$seconds" 'BEGIN { print a / b }')" "$(median "$form" 2)"
  done
  printf '\n'
  [[ $BF16 != 1 ]] || printf '%s: ours in bf16 %.2f s, %d MiB: %.2f times as fast as in f32\n' \
    "$title" "$(median bf16 1)" "$(median bf16 2)" \
    "$(awk -v a="$seconds" -v b="$(median bf16 1)" 'BEGIN { print a / b }')"
}

for model in $MODELS; do
  case $model in
    dbvad) work_done=0.98 ;;
    vadclip-ucf | mgte-ucf) work_done=1.95 ;;
    *) work_done=- ;;
  esac
  [[ $BATCH = 128 ]] || work_done=-
  compare "$model, full length, batch $BATCH" "$work_done" "$model"
done

if [[ -n ${UCA:-} ]]; then
  "$python" - "$UCA" >"$work/lengths" <<'PYTHON'
import json, random, sys
videos = json.load(open(sys.argv[1]))
lengths = [min(256, max(1, int(v["duration"] * 30 // 16))) for v in videos.values()]
random.Random(0).shuffle(lengths)
print("\n".join(map(str, lengths)))
PYTHON
  fill=$(head -n "$BATCH" "$work/lengths" | awk -v n="$BATCH" '{ s += $1 } END { printf "%.0f", 100 * s / n / 256 }')
  compare "dbvad, lengths of UCA's videos ($fill% full)" - dbvad --lengths "$work/lengths"
fi

echo
echo "Ours by batch, threads and length:"
for ((count = 1; count <= threads; count *= 2)); do
  for size in 32 64 128; do
    "$BIN/bench" train --batch "$size" --threads "$count" --steps 2 |
      sed -n "s/.* step 1: \([0-9.]*\) s .*user \([0-9.]*\).*/dbvad, $count threads, batch $size: \1 s, \2 processor s/p"
  done
done
for length in 64 128 256; do
  awk -v n="$length" 'BEGIN { for (i = 0; i < 128; i++) print n }' >"$work/same"
  "$BIN/bench" train --threads "$threads" --steps 2 --lengths "$work/same" |
    sed -n "s/.* step 1: \([0-9.]*\) s .*/dbvad, $threads threads, 128 videos of $length snippets: \1 s/p"
done
