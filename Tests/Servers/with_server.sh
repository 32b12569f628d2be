#!/usr/bin/env bash
# Runs a command while a real server with tiny random weights is up.
#
#   with_server.sh transformers|vllm|infinity DIR PORT COMMAND...
#
# The command sees KESS_QWEN_SERVER (and KESS_QWEN_MODEL) or, for infinity,
# KESS_CLIP_SERVER and KESS_CLIP_SERVER_WEIGHTS. DIR keeps the environments and
# the weights between runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 4 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
backend=$1; mkdir -p "$2"; dir=$(cd "$2" && pwd); port=$3
shift 3

if [ "$backend" = infinity ]; then
  start=("$here/serve_clip.sh" "$dir" "$port" infinity)
else
  start=("$here/serve.sh" "$dir" "$port" "$backend")
fi
"$here/serve.sh" "$dir" "$port" stop >/dev/null 2>&1 || true
ready=$("${start[@]}")
echo "$ready"
trap '"$here/serve.sh" "$dir" "$port" stop >/dev/null' EXIT
base=$(sed -n 's/.* base=\([^ ]*\).*/\1/p' <<<" $ready")
model=$(sed -n 's/.* model=\([^ ]*\).*/\1/p' <<<" $ready")
if [ "$backend" = infinity ]; then
  export KESS_CLIP_SERVER=$base KESS_CLIP_SERVER_MODEL=$model
  KESS_CLIP_SERVER_WEIGHTS=$(echo "$dir"/hf-infinity/hub/models--local--tiny-clip/snapshots/*)
  export KESS_CLIP_SERVER_WEIGHTS
else
  export KESS_QWEN_SERVER=$base KESS_QWEN_MODEL=$model
fi
export KESS_TEST_PYTHON=${KESS_TEST_PYTHON:-$dir/venv-$backend/bin/python}
"$@"
