"""Makes hostile-tokens.json: what three tokenizers make of a thousand hostile
strings, forty of them of about 100 kB.

  python make_hostile_tokens.py MINILM    (transformers 5; MINILM: the folder of `make minilm`)

The tiny tokenizers of clip/ and bert/ are beside this script; MiniLM's vocabulary is
the real one. Token ids are kept as their count and a SHA-256 of them joined by
commas. A long string is kept as its parts and how often they are repeated.
"""

import hashlib
import json
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import tokenizers
import transformers
from transformers import AutoTokenizer

from strings import SPECIALS, hostile

UNITS = ["a", "ab", "the ", "fire and smoke. ", "日本語", "火 ", "e\u0301", "\u0301", "😀", "👨‍👩‍👧‍👦", "!", "?! ", " ", "\t\n",
         "\x00", "\x07x", "\u200b", "\ufffd", "<|endoftext|>", "<|STARTOFTEXT|>", "[SEP]", "[mask] ", "##a", "한국어 ",
         "don't ", "'s", "İ", "ß ", "क्षि ", "ไทย", "שָׁלוֹם ", "1234567890", "٣", "½", "\U0001e5f1", "\u3000", "…—", "𝔘"]


def main():
    strings = [dict(text=s) for s in hostile(960, seed=23)]
    for unit in UNITS:
        strings.append(dict(text=unit, times=100_000 // len(unit.encode())))
    strings.append(dict(text=" ".join(SPECIALS), times=12))
    strings.append(dict(text="".join(SPECIALS), times=12))
    loaded = {name: AutoTokenizer.from_pretrained(folder) for name, folder in
              [("clip", HERE / "clip"), ("bert", HERE / "bert"), ("minilm", sys.argv[1])]}
    for entry in strings:
        text = entry["text"] * entry.get("times", 1)
        for name, tokenizer in loaded.items():
            ids = tokenizer(text, verbose=False)["input_ids"]
            entry[name] = dict(count=len(ids), hash=hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:24])
    record = dict(versions={m.__name__: m.__version__ for m in (transformers, tokenizers)}, strings=strings)
    with open(HERE / "hostile-tokens.json", "w") as file:
        json.dump(record, file, separators=(",", ":"))
    print(len(strings), "strings")


if __name__ == "__main__":
    main()
