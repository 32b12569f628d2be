#!/usr/bin/env bash
# Runs a command with KESS_FULL_CLIP_DIR naming random checkpoints of the real
# CLIP ViT-B/32 and B/16 shapes and transformers' embeddings of 64 images and
# strings, made once in DIR by the environment of the transformers server.
#
#   with_full_clip.sh DIR COMMAND...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
dir=$(cd "$1" && pwd)
shift
script=$here/../EncodersTests/Golden/full_shapes.py
out=$dir/full-clip
stamp=$(sha256sum "$script" | cut -c1-16)
if [ "$(cat "$out/.complete" 2>/dev/null || true)" != "$stamp" ]; then
  echo "making random CLIP checkpoints of the real shapes ..." >&2
  rm -rf "$out"
  mkdir -p "$out"
  "$dir/venv-transformers/bin/python" -B "$script" "$out"
  printf %s "$stamp" >"$out/.complete"
fi
export KESS_FULL_CLIP_DIR=$out
"$@"
