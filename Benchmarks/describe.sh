#!/usr/bin/env bash
# describe against a real server: wall time beside a bare replay of the same bodies by
# libcurl's multi interface (curl --parallel) and beside a simple Python client.
#
#   taskset -c 0 with_server.sh vllm DIR PORT env CORES=1 ROUNDS=3 bash Benchmarks/describe.sh
#
# A server on a card leaves its machine's cores to the client. One on the same cores does
# not: there each millisecond of a client is one that the server lacks, and the time says
# which client is idler. So the server gets cores of its own (taskset before
# with_server.sh) and the clients get others (CORES).
#
#   BIN          folder of the binaries                     (.build/release)
#   VIDEOS       how many videos, 8 frames each             (200)
#   CONCURRENCY  one line of the table for each; none only makes DATA (1 4 16)
#   MEMORY       empty leaves the memory out                (1)
#   PEER         empty leaves the Python client out         (1)
#   ROUNDS       how often each is timed, in turns; the median counts   (1)
#   CORES        the cores that clients may use (taskset's list; anywhere, with the lowest
#                priority)
#   DATA         folder that keeps clips and requests       (a temporary one)
#   PYTHON       a Python with the openai package           (KESS_TEST_PYTHON)
# KESS_QWEN_SERVER and KESS_QWEN_MODEL come from with_server.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/median.sh"
[ -n "${KESS_QWEN_SERVER:-}" ] || { sed -n '2,22s/^# \{0,1\}//p' "$0"; exit 64; }
BIN=${BIN:-.build/release}; PYTHON=${PYTHON:-${KESS_TEST_PYTHON:-python3}}
VIDEOS=${VIDEOS:-200}
scratch=$(mktemp -d)
work=${DATA:-$scratch}
mkdir -p "$work"
recorder=
trap '[ -z "$recorder" ] || kill "$recorder"; rm -rf "$scratch"' EXIT

# Where they share the server's cores its threads, which wait in spinning loops, come first.
client=(nice -n 19)
[ -z "${CORES:-}" ] || client=(taskset -c "$CORES")

run() { # ENDPOINT MORE...: the run alone, its ledger anew, its selections kept
  rm -f "$work"/workspace/ledger.sqlite* "$work"/workspace/descriptions.jsonl
  "${client[@]}" "$BIN/describe" run --dataset "$work/videos" --workspace "$work/workspace" --split all \
    --describer openai --scorer builtin --frames 8 --no-preflight --script any \
    --endpoint "$@" 2>>"$work/log" || [ $? -eq 2 ]
}

if [ ! -d "$work/bodies" ]; then
  [ -d "$work/data" ] || "$BIN/kess" demo-data --out "$work/data" --clips "$VIDEOS" --seed 7 >/dev/null 2>&1
  rm -rf "$work/videos"; mkdir "$work/videos"
  find "$work/data" -name '*.mp4' | sort | head -n "$VIDEOS" | while read -r clip; do
    ln -s "$clip" "$work/videos/$(basename "$clip")"
  done
  # Random weights give answers that no client keeps: their videos are left out, else
  # ours would ask again and be compared with a replay that asks once.
  run "$KESS_QWEN_SERVER" --concurrency 4 --jobs 6 >/dev/null
  "$BIN/describe" failed --workspace "$work/workspace" --json | "$PYTHON" -c '
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
for item in json.load(sys.stdin):
    (folder / (item["videoID"] + ".mp4")).unlink(missing_ok=True)' "$work/videos"
  "$PYTHON" "$here/describe_record.py" 18299 "$KESS_QWEN_MODEL" "$work/bodies.new" & recorder=$!
  for _ in $(seq 50); do curl -sf http://127.0.0.1:18299/v1/models >/dev/null && break; sleep 0.1; done
  run http://127.0.0.1:18299/v1 --concurrency 1 --jobs 2 >/dev/null
  kill "$recorder"; recorder=
  mv "$work/bodies.new" "$work/bodies"
fi
[ "${CONCURRENCY:-}" != none ] || exit 0
count=$(find "$work/bodies" -name '*.json' | wc -l)
bytes=$(du -cb "$work"/bodies/*.json | tail -1 | cut -f1)
echo "$count requests of 8 frames, $((bytes / count / 1024)) KiB each, $KESS_QWEN_MODEL at $KESS_QWEN_SERVER"

config=$work/curl.config
rm -f "$config"
for body in "$work"/bodies/*.json; do
  [ ! -s "$config" ] || echo next
  printf 'silent\nurl = "%s/chat/completions"\nheader = "Content-Type: application/json"\nheader = "Expect:"\ndata-binary = "@%s"\noutput = /dev/null\n' \
    "$KESS_QWEN_SERVER" "$body"
done >"$config"

seconds() { local started=$EPOCHREALTIME; "$@" >>"$work/out" 2>&1; echo "$EPOCHREALTIME $started" | awk '{printf "%.2f", $1 - $2}'; }
peak() { /usr/bin/env "$PYTHON" -c '
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@"; }

replay() { "${client[@]}" curl -sS --parallel --parallel-immediate --parallel-max "$1" -K "$config"; }
ours() { run "$KESS_QWEN_SERVER" --concurrency "$1" --jobs $(($1 + 2)); }
peer() {
  "${client[@]}" "$PYTHON" "$here/describe_openai.py" "$KESS_QWEN_SERVER" "$KESS_QWEN_MODEL" \
    "$work/bodies" "$work/python.jsonl" "$1" >"$work/python.json"
  "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["seconds"])' "$work/python.json"
}

# The server's caches are filled before anything is timed.
replay 4 >/dev/null 2>&1
[ -z "${PEER-1}" ] || peer 4 >/dev/null
printf '%-12s %10s %10s %8s %10s\n' concurrency 'curl, s' 'describe, s' ratio 'python, s'
for width in ${CONCURRENCY:-1 4 16}; do
  bare_all='' ours_all='' python_all=''
  for _ in $(seq "${ROUNDS:-1}"); do
    bare_all+="$(seconds replay "$width") "
    ours_all+="$(seconds ours "$width") "
    [ -z "${PEER-1}" ] || python_all+="$(peer "$width") "
  done
  bare=$(median <<<"$bare_all")
  ours=$(median <<<"$ours_all")
  python=
  [ -z "$python_all" ] || python=$(median <<<"$python_all")
  printf '%-12s %10s %10s %8s %10s\n' "$width" "$bare" "$ours" \
    "$(echo "$ours $bare" | awk '{printf "%.3f", $1 / $2}')" "${python:--}"
  echo "  rounds: curl ${bare_all% }, describe ${ours_all% }${python_all:+, python ${python_all% }}"
done
tail -n 2 "$work/out"; [ -z "${PEER-1}" ] || cat "$work/python.json"
[ -n "${MEMORY-1}" ] || exit 0
for share in 4 1; do
  limit=$((count / share))
  rm -f "$work"/workspace/ledger.sqlite*
  mib=$(peak "$BIN/describe" run --dataset "$work/videos" --workspace "$work/workspace" \
    --split all --describer openai --scorer builtin --frames 8 --no-preflight --script any \
    --endpoint "$KESS_QWEN_SERVER" --concurrency 16 --jobs 18 --limit "$limit")
  echo "peak memory of describe, $limit videos at concurrency 16: $mib MiB"
done
