"""Fills a folder for the Swift suite CLIPFullShapeTests: random checkpoints of
the real ViT-B/32 and ViT-B/16 shapes, 64 pictures, 64 strings, and what
transformers makes of them.

  python full_shapes.py FOLDER    (torch, transformers 5, safetensors, Pillow)

Then KESS_FULL_CLIP_DIR=FOLDER enables the suite. About 1.2 GB. What is there
and complete is kept. The picture reference is the Pillow image processor.
"""

import json
import os
import pathlib
import shutil
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import numpy as np
import PIL
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoTokenizer, CLIPConfig, CLIPModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from make_goldens import clip_features, spread
from pictures import picture
from strings import PLAIN

MODELS = {"vit-b-32": 32, "vit-b-16": 16}
FORMAT = 1


def write_inputs(folder):
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    sizes = np.random.default_rng(5)
    names = []
    for index in range(64):
        width, height = int(sizes.integers(200, 420)), int(sizes.integers(180, 360))
        name = f"{index:02d}.{'png' if index % 2 else 'jpg'}"
        picture(index, width, height, seed=23).save(images / name)
        names.append(name)
    return names, PLAIN[:64]


def write_model(folder, patch, names, texts, base):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(HERE / "clip" / name, folder / name)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    eos = tokenizer.eos_token_id
    ids = dict(eos_token_id=eos, pad_token_id=eos, bos_token_id=tokenizer.bos_token_id)
    config = CLIPConfig(text_config=ids, vision_config=dict(patch_size=patch))
    with torch.device("meta"):
        model = CLIPModel(config)
    model = model.to_empty(device="cpu")
    for tower in (model.text_model, model.vision_model):
        ids_buffer = tower.embeddings.position_ids
        ids_buffer.copy_(torch.arange(ids_buffer.shape[-1]).expand(ids_buffer.shape))
    with torch.no_grad():
        model.logit_scale.fill_(2.6592)
    spread(model, seed=patch)
    model.save_pretrained(folder)
    processor = CLIPImageProcessorPil()
    processor.save_pretrained(folder)

    images = [Image.open(base / "images" / n).convert("RGB") for n in names]
    start = time.time()
    parts = [clip_features(model, tokenizer, processor, images[i:i + 16], texts[i:i + 16]) for i in range(0, 64, 16)]
    seconds = time.time() - start
    golden = {"image_embeddings": torch.cat([p[0] for p in parts]),
              "text_embeddings": torch.cat([p[1] for p in parts])}
    cosines = {}
    for key, rows in golden.items():
        unit = torch.nn.functional.normalize(rows, dim=-1)
        cosines[key] = float(((unit @ unit.T).sum() - 64) / (64 * 63))
    print(f"{folder.name}: reference of 64 pictures and strings in {seconds:.1f} s, mean cosine {cosines}")
    save_file(golden, folder / "reference.safetensors")


def main(base):
    done = base / "inputs.json"
    if done.exists() and json.loads(done.read_text()).get("format") == FORMAT:
        print(f"{base}: complete")
        return
    torch.manual_seed(0)
    names, texts = write_inputs(base)
    for name, patch in MODELS.items():
        write_model(base / name, patch, names, texts, base)
    versions = {m.__name__: m.__version__ for m in (torch, transformers, PIL, np)}
    record = dict(format=FORMAT, models=list(MODELS), images=names, texts=texts, versions=versions)
    done.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
