"""Texts a second of transformers' CLIP or of sentence-transformers.

  python text_peer.py clip|sentence MODEL TEXTS f32|bf16 [BATCH ...]

The best of the batch sizes counts. With CPU=1 in the environment one thread works, and
its processor seconds count. Texts are sorted by length first, as
sentence-transformers does by itself, so that little is computed for padding.
"""

import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

import torch

clock = time.perf_counter
if os.environ.get("CPU") == "1":
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    torch.set_num_threads(1)
    clock = time.process_time
KIND, MODEL, TEXTS, TYPE = sys.argv[1:5]
DTYPE = {"f32": torch.float32, "bf16": torch.bfloat16}[TYPE]


def clip(texts):
    from transformers import AutoTokenizer, CLIPModel
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = CLIPModel.from_pretrained(MODEL, dtype=DTYPE).eval()

    def encode(batch_size):
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        rows = [None] * len(texts)
        for start in range(0, len(order), batch_size):
            some = order[start:start + batch_size]
            batch = tokenizer([texts[i] for i in some], padding=True, truncation=True, max_length=77,
                              return_tensors="pt")
            out = model.get_text_features(**batch)
            out = out.pooler_output if hasattr(out, "pooler_output") else out
            for i, row in zip(some, out):
                rows[i] = row
        return torch.stack(rows)
    return encode


def sentence(texts):
    from sentence_transformers import SentenceTransformer
    model = SentenceTransformer(MODEL, device="cpu", model_kwargs={"dtype": DTYPE})
    return lambda batch_size: model.encode(texts, batch_size=batch_size, show_progress_bar=False,
                                           convert_to_tensor=True)


def main():
    texts = open(TEXTS).read().split("\n")[:-1]
    encode = {"clip": clip, "sentence": sentence}[KIND]
    best = 0
    with torch.inference_mode():
        run = encode(texts)
        encode(texts[:64])(32)
        for size in map(int, sys.argv[5:] or ["8", "32", "128"]):
            start = clock()
            run(size)
            rate = len(texts) / (clock() - start)
            print(f"peer {KIND} {TYPE} batch {size} threads {torch.get_num_threads()}: {rate:.1f} texts/s")
            best = max(best, rate)
    print(f"best {best:.1f}")


if __name__ == "__main__":
    main()
