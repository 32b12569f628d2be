#!/usr/bin/env bash
# How long a run over a finished data set takes, and how much memory: 2,000 videos that
# were described before, then the same command again, five times.
# Usage: Benchmarks/resume.sh prepare|measure FOLDER [videos]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(dirname "$here")/.build/release
step=${1:?prepare or measure}
folder=${2:?a folder}
count=${3:-2000}
mkdir -p "$folder"
cd "$folder"
if [ "$step" = prepare ]; then
  "$bin/kess" demo-data --out clips --clips 4 --seed 1 >/dev/null 2>&1 || { echo 'make demo-data first' >&2; exit 1; }
  clip=$(find clips -name '*.mp4' -size -600k | head -n 1)
  mkdir -p videos
  for ((i = 0; i < count; i++)); do
    # The same pictures with other bytes behind them: another fingerprint, no other work.
    { cat "$clip"; printf '\0\0\0\020free%08d' "$i"; } >"$(printf 'videos/v%05d.mp4' "$i")"
  done
fi
exec "${PYTHON:-python3}" "$here/resume.py" "$bin/describe" "$step"
