"""Makes minilm-embeddings.safetensors: what sentence-transformers makes of the plain
strings and of sixteen long texts with the real weights of all-MiniLM-L6-v2.

  python make_minilm.py MINILM    (sentence-transformers 6; MINILM: the folder of `make minilm`)

Long text number i is the strings i to i + 4 (i + 1), joined by ". ": of up to 600
tokens, cut at 256.
"""

import hashlib
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import sentence_transformers
import torch
import transformers
from safetensors.torch import save_file

from strings import PLAIN


def main():
    folder = pathlib.Path(sys.argv[1])
    model = sentence_transformers.SentenceTransformer(str(folder), device="cpu")
    texts = PLAIN + [". ".join(PLAIN[i:i + 4 * (i + 1)]) for i in range(16)]
    rows = torch.tensor(model.encode(texts, batch_size=8))
    versions = {m.__name__: m.__version__ for m in (torch, transformers, sentence_transformers)}
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    save_file({"embeddings": rows.contiguous()}, HERE / "minilm-embeddings.safetensors",
              metadata=dict(versions, weights_sha256=weights))
    print(tuple(rows.shape), "tokens", [len(model.tokenizer(t)["input_ids"]) for t in texts[-16:]])


if __name__ == "__main__":
    main()
