#!/usr/bin/env bash
# Sampling one frame a second of 30 minutes of 320x240 H.264, decode only: ours, PyAV
# and the ffmpeg tool, in one run. Needs ffmpeg with libx264, and a Python with PyAV.
#   BIN     folder of the bench binary    (.build/release)
#   PYTHON  interpreter with PyAV         (python3)
#   CLIPS   folder that keeps the clips   (a temporary one, deleted afterwards)
#   REPEATS rounds; medians count         (3)
#   GOPS    key frame intervals           ("250 30")
#   ROWS    file that gets the rows of run.sh's table    (none)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/median.sh"
BIN=${BIN:-.build/release}
PYTHON=${PYTHON:-python3}
REPEATS=${REPEATS:-3}
if [[ -z ${CLIPS:-} ]]; then
  CLIPS=$(mktemp -d)
  trap 'rm -rf "$CLIPS"' EXIT
fi
mkdir -p "$CLIPS"

# Three minutes of moving test picture with sensor noise, ten times: x264's defaults.
clip() {
  local file=$CLIPS/gop$1.mp4
  if [[ ! -s $file ]]; then
    ffmpeg -v error -y -f lavfi -i testsrc2=size=320x240:rate=25:duration=180 \
      -vf noise=alls=8:allf=t -c:v libx264 -pix_fmt yuv420p -g "$1" "$CLIPS/part.mp4"
    ffmpeg -v error -y -stream_loop 9 -i "$CLIPS/part.mp4" -c copy "$CLIPS/made.mp4"
    mv "$CLIPS/made.mp4" "$file"
    rm "$CLIPS/part.mp4"
  fi
  echo "$file"
}

seconds() { # the wall time of a command whose output is thrown away
  local start end
  start=$(date +%s.%N)
  "$@" >/dev/null </dev/null
  end=$(date +%s.%N)
  awk -v a="$start" -v b="$end" 'BEGIN { printf "%.3f", b - a }'
}

echo "CPU: $(lscpu | sed -n 's/^Model name: *//p'), $(nproc) cores"
echo "$(ffmpeg -version | head -1)"
for gop in ${GOPS:-250 30}; do
  file=$(clip "$gop")
  declare -A commands=(
    [ours]="$BIN/bench decode $file --rate 1 --repeats 1"
    [pyav]="$PYTHON $here/decode_pyav.py $file 1"
    [ffmpeg fps=1]="ffmpeg -v error -i $file -an -vf fps=1 -f null -"
    [ffmpeg select]="ffmpeg -v error -i $file -an -vf select=not(mod(n\\,25)) -vsync passthrough -f null -"
  )
  declare -A taken=()
  # In turns, so that a change of the machine's pace meets all of them. Ours and
  # PyAV time themselves (no interpreter start); ffmpeg is timed from outside.
  for ((round = 0; round < REPEATS; round++)); do
    for name in ours pyav "ffmpeg fps=1" "ffmpeg select"; do
      case $name in
        ours) t=$(${commands[$name]} | tee "$CLIPS/ours.txt" | sed -E 's/.*least ([0-9.]+) s.*/\1/') ;;
        pyav) t=$(${commands[$name]} | tee "$CLIPS/pyav.txt" | sed -E 's/ s:.*//') ;;
        *) t=$(seconds ${commands[$name]}) ;;
      esac
      taken[$name]+="$t "
    done
  done
  ours=$(median <<<"${taken[ours]}")
  pyav=$(median <<<"${taken[pyav]}")
  tool=$(printf '%s\n' ${taken["ffmpeg fps=1"]} ${taken["ffmpeg select"]} | sort -n | head -1)
  target=$([[ $gop -ge 100 ]] && echo '>= 1.3x' || echo '>= 3x')
  row() { awk -v w="$1" -v o="$ours" -v p="$2" -v t="$3" \
    'BEGIN { printf "%s\t%.3f s\t%.3f s\t%.2fx\t%s\n", w, o, p, p / o, t }' >>"${ROWS:-/dev/null}"; }
  row "1 fps of 30 min, GOP $gop, against PyAV" "$pyav" "$target"
  row "  the same against ffmpeg, its fastest" "$tool" '>= 1x'
  echo
  echo "GOP $gop, 30 min, 1 frame a second, median of $REPEATS:"
  for name in ours pyav "ffmpeg fps=1" "ffmpeg select"; do
    t=$(median <<<"${taken[$name]}")
    awk -v n="$name" -v t="$t" -v o="$ours" -v c="${commands[$name]}" \
      'BEGIN { printf "  %-14s %8.3f s  %5.2f x ours   %s\n", n, t, t / o, c }'
  done
  sed 's/^/  ours: /' "$CLIPS/ours.txt"
  sed 's/^/  pyav: /' "$CLIPS/pyav.txt"
done
