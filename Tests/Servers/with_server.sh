#!/usr/bin/env bash
# Runs a command while a real server with tiny random weights is up.
#
#   with_server.sh transformers|vllm|infinity|clip-vllm DIR PORT COMMAND...
#
# The command sees KESS_QWEN_SERVER (and KESS_QWEN_MODEL) or, for infinity and
# clip-vllm, KESS_CLIP_SERVER, KESS_CLIP_SERVER_BACKEND and
# KESS_CLIP_SERVER_WEIGHTS. DIR keeps the environments and the weights between runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 4 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
backend=$1; mkdir -p "$2"; dir=$(cd "$2" && pwd); port=$3
shift 3

engine=${backend#clip-}
case $backend in
  infinity|clip-vllm) start=("$here/serve_clip.sh" "$dir" "$port" "$engine");;
  *) start=("$here/serve.sh" "$dir" "$port" "$backend");;
esac
"$here/serve.sh" "$dir" "$port" stop >/dev/null 2>&1 || true
ready=$("${start[@]}")
echo "$ready"
trap '"$here/serve.sh" "$dir" "$port" stop >/dev/null' EXIT
base=$(sed -n 's/.* base=\([^ ]*\).*/\1/p' <<<" $ready")
model=$(sed -n 's/.* model=\([^ ]*\).*/\1/p' <<<" $ready")
if [ "${start[0]##*/}" = serve_clip.sh ]; then
  export KESS_CLIP_SERVER=$base KESS_CLIP_SERVER_BACKEND=$engine
  KESS_CLIP_SERVER_WEIGHTS=$(echo "$dir"/hf-"$engine"/hub/models--local--tiny-clip/snapshots/*)
  export KESS_CLIP_SERVER_WEIGHTS
else
  export KESS_QWEN_SERVER=$base KESS_QWEN_MODEL=$model
fi
export KESS_TEST_PYTHON=${KESS_TEST_PYTHON:-$dir/venv-$engine/bin/python}
"$@"
