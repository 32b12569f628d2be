"""Random CLIP ViT-B/16 weights in Hugging Face's layout, with the tests' tokenizer.

  python select_weights.py FOLDER    (torch, transformers 5, safetensors)

Speed does not depend on what the weights are. Picks do: these make every layer
change what passes through it, so that the relevance curve follows the picture, but
they know nothing of what a picture shows. What is there and complete is kept.
"""

import os
import pathlib
import shutil
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
GOLDEN = pathlib.Path(__file__).parent.parent / "Tests/EncodersTests/Golden"
sys.path.insert(0, str(GOLDEN))

import torch
from transformers import AutoTokenizer, CLIPConfig, CLIPModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from make_goldens import spread


def main(folder):
    if (folder / "complete").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(GOLDEN / "clip" / name, folder / name)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    eos = tokenizer.eos_token_id
    config = CLIPConfig(
        text_config=dict(eos_token_id=eos, pad_token_id=eos, bos_token_id=tokenizer.bos_token_id),
        vision_config=dict(patch_size=16))
    model = CLIPModel(config)
    spread(model, seed=16)
    model.save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    (folder / "complete").touch()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
