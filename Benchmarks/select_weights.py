"""Random CLIP ViT-B/16 weights in Hugging Face's layout, with CLIP's own vocabulary.

  python select_weights.py FOLDER [plain]    (torch, transformers 5, safetensors, open_clip_torch)

The vocabulary comes inside open_clip's package: with another one a sentence has another
length, and a text encoder another speed.

Speed does not depend on what the weights are. Picks do, and random ones know nothing of
what a picture shows. These make every layer change much of what passes through it, so that
a curve also follows what a new key frame of the stream changes; plain ones are transformers'
own initialisation, whose curves are calm where nothing happens. What is there and complete
is kept.
"""

import gzip
import importlib.util
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
GOLDEN = pathlib.Path(__file__).parent.parent / "Tests/EncodersTests/Golden"
sys.path.insert(0, str(GOLDEN))

import torch
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from make_goldens import spread


def tokenizer():
    package = pathlib.Path(importlib.util.find_spec("open_clip").origin).parent
    with gzip.open(package / "bpe_simple_vocab_16e6.txt.gz", "rt", encoding="utf-8") as file:
        # After the first line come the merges, of which CLIP knows so many (openai/CLIP,
        # simple_tokenizer.py): with 256 bytes, each also as a word's end, and two marks
        # they are the 49,408 words.
        merges = file.read().split("\n")[1:49152 - 256 - 2 + 1]
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + n) for n in range(len(others))]
    words = letters + [letter + "</w>" for letter in letters] + [merge.replace(" ", "") for merge in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: n for n, word in enumerate(words)}, merges=[tuple(m.split()) for m in merges],
                         model_max_length=77)


def main(folder, plain):
    # Named after what is in it: earlier ones had the tests' vocabulary.
    done = folder / "complete-49408-words"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    words = tokenizer()
    words.save_pretrained(folder)
    eos = words.eos_token_id
    config = CLIPConfig(
        text_config=dict(eos_token_id=eos, pad_token_id=eos, bos_token_id=words.bos_token_id),
        vision_config=dict(patch_size=16))
    torch.manual_seed(16)
    model = CLIPModel(config)
    if not plain:
        spread(model, seed=16)
    model.save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    done.touch()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), plain=sys.argv[2:] == ["plain"])
