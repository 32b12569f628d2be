"""Texts a second of transformers or of sentence-transformers.

  python text_peer.py clip|clip-sorted|minilm|sentence MODEL TEXTS f32|bf16 [BATCH ...]

clip and minilm are transformers as its documentation has it: batches in the order of the
texts, padded to the longest of each. clip-sorted has the texts sorted by length first, as
sentence-transformers (sentence) does by itself, so that little is computed for padding.
The best of the batch sizes counts; of many texts the first 512 tell which it is. With CPU=1
in the environment one thread works, and its processor seconds count.
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
PILOT = 512
DTYPE = {"f32": torch.float32, "bf16": torch.bfloat16}[TYPE]


def batches(texts, size, is_sorted):
    """Indices of the texts of each batch."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i])) if is_sorted else list(range(len(texts)))
    return [order[start:start + size] for start in range(0, len(order), size)]


def run_in_batches(texts, tokenizer, length, is_sorted, vectors):
    def encode(size):
        rows = [None] * len(texts)
        for some in batches(texts, size, is_sorted):
            batch = tokenizer([texts[i] for i in some], padding=True, truncation=True, max_length=length,
                              return_tensors="pt")
            for i, row in zip(some, vectors(batch)):
                rows[i] = row
        return torch.stack(rows)
    return encode


def clip(texts, is_sorted=False):
    from transformers import AutoTokenizer, CLIPModel
    model = CLIPModel.from_pretrained(MODEL, dtype=DTYPE).eval()

    def vectors(batch):
        out = model.get_text_features(**batch)
        return out.pooler_output if hasattr(out, "pooler_output") else out
    return run_in_batches(texts, AutoTokenizer.from_pretrained(MODEL), 77, is_sorted, vectors)


def minilm(texts):
    from transformers import AutoModel, AutoTokenizer
    model = AutoModel.from_pretrained(MODEL, dtype=DTYPE).eval()

    def vectors(batch):
        # As the model's card has it: the mean over the tokens, of length one.
        out = model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).to(out.dtype)
        return torch.nn.functional.normalize((out * mask).sum(1) / mask.sum(1), dim=1)
    return run_in_batches(texts, AutoTokenizer.from_pretrained(MODEL), 256, False, vectors)


def sentence(texts):
    from sentence_transformers import SentenceTransformer
    model = SentenceTransformer(MODEL, device="cpu", model_kwargs={"dtype": DTYPE})
    return lambda batch_size: model.encode(texts, batch_size=batch_size, show_progress_bar=False,
                                           convert_to_tensor=True)


def main():
    texts = open(TEXTS).read().split("\n")[:-1]
    encode = {"clip": clip, "clip-sorted": lambda texts: clip(texts, is_sorted=True), "minilm": minilm,
              "sentence": sentence}[KIND]
    sizes = [int(size) for size in sys.argv[5:]] or [8, 32, 128]
    with torch.inference_mode():
        run = encode(texts)
        encode(texts[:64])(32)
        if len(sizes) > 1 and len(texts) > 4 * PILOT:
            pilot = encode(texts[:PILOT])
            sizes = [max(sizes, key=lambda size: rate(pilot, PILOT, size))]
        best = max(rate(run, len(texts), size) for size in sizes)
    print(f"best {best:.1f}")


def rate(run, count, size):
    start = clock()
    run(size)
    rate = count / (clock() - start)
    print(f"peer {KIND} {TYPE}, {count} texts, batch {size} threads {torch.get_num_threads()}: {rate:.1f} texts/s")
    return rate


if __name__ == "__main__":
    main()
