#!/usr/bin/env bash
# How long a run over a finished data set takes, and how much memory: 2,000 videos that
# were described by the built-in describer, then the same command again, five times.
# Usage: Benchmarks/resume.sh [videos]
set -euo pipefail
count=${1:-2000}
bin=$(cd "$(dirname "$0")/.." && pwd)/.build/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$bin/kess" demo-data --out clips --clips 4 --seed 1 >/dev/null
clip=$(find clips -name '*.mp4' | head -n 1)
mkdir videos
for ((i = 0; i < count; i++)); do
  file=$(printf 'videos/v%05d.mp4' "$i")
  # The same pictures with other bytes behind them: another fingerprint, no other work.
  { cat "$clip"; printf '\0\0\0\020free%08d' "$i"; } >"$file"
done
run() {
  "$bin/describe" --dataset videos --describer builtin --scorer builtin --frames 2 --strategy uniform "$@"
}
echo "describing $count videos"
run >/dev/null 2>&1
for round in 1 2 3 4 5; do
  /usr/bin/env python3 - "$bin/describe" <<'PY'
import resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(
    [sys.argv[1], "--dataset", "videos", "--describer", "builtin", "--scorer", "builtin",
     "--frames", "2", "--strategy", "uniform"], capture_output=True, text=True, check=True)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"{seconds:.2f} s, {peak:.0f} MiB at most: {done.stdout.splitlines()[0]}")
PY
done
