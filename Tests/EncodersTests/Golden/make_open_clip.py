"""Makes the files in open-clip/: tiny open_clip models with random weights, and
the embeddings that open_clip itself gives for the pictures and strings beside.

  python make_open_clip.py          (torch, open_clip_torch, safetensors, after make_goldens.py)

The tokenizer is that of clip/: open_clip's own has 49,408 tokens, too many for a
small file. The versions are the metadata of embeddings.safetensors. Weights are
scaled as in make_goldens.py, so that every layer changes what passes through.
"""

import json
import pathlib
import shutil
import sys
import warnings

import numpy as np
import open_clip
import safetensors
import torch
import torchvision
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from open_clip.transform import image_transform
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from strings import PLAIN

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
OUT = HERE / "open-clip"
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
tokenizer = AutoTokenizer.from_pretrained(HERE / "clip")


def spread(model, seed):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            noise = torch.randn(p.shape, generator=g)
            if "ln_" in name:
                p.copy_(noise * 0.2 + (1.0 if name.endswith("weight") else 0.0))
            elif name.endswith("bias"):
                p.copy_(noise * 0.1)
            elif "positional_embedding" in name or "class_embedding" in name:
                p.copy_(noise * 0.3)
            elif "token_embedding" in name:
                p.copy_(noise)
            elif p.ndim > 0:
                gain = 2.0 if "in_proj" in name else 1.4
                fan = p.shape[0] if name in ("text_projection", "visual.proj") else p[0].numel()
                p.copy_(noise * gain / np.sqrt(fan))
    return model.eval()


def build(vision, text, quick_gelu, state=None):
    model = CLIP(24, CLIPVisionCfg(**vision), CLIPTextCfg(**text), quick_gelu=quick_gelu)
    if state is not None:
        model.load_state_dict({k: v.float() for k, v in state.items()})
    return model.eval()


def embeddings(model, size):
    transform = image_transform(size, is_train=False, mean=MEAN, std=STD)
    names = json.load(open(HERE / "goldens.json"))["images"]
    pixels = torch.stack([transform(Image.open(HERE / "images" / n).convert("RGB")) for n in names])
    tokens = torch.zeros(len(PLAIN), 77, dtype=torch.long)
    for row, ids in enumerate(tokenizer(PLAIN, truncation=True, max_length=77)["input_ids"]):
        tokens[row, :len(ids)] = torch.tensor(ids)
    with torch.no_grad():
        return model.encode_image(pixels).contiguous(), model.encode_text(tokens).contiguous()


shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
golden = {}


def record(name, model, size):
    golden[f"{name}_images"], golden[f"{name}_texts"] = embeddings(model, size)
    for key in (f"{name}_images", f"{name}_texts"):
        rows = torch.nn.functional.normalize(golden[key], dim=-1)
        print(key, tuple(rows.shape), "mean cosine", float((rows @ rows.T).mean()))


vision = dict(image_size=32, layers=2, width=32, head_width=16, patch_size=8, mlp_ratio=1.5)
text = dict(context_length=77, vocab_size=len(tokenizer), width=32, heads=4, layers=1, mlp_ratio=1.5)
config = {"model_cfg": {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text},
          "preprocess_cfg": {"mean": MEAN, "std": STD}}
(OUT / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n")
state = spread(build(vision, text, False), seed=5).state_dict()
torch.save(state, OUT / "open_clip_pytorch_model.bin")
record("f32_gelu", build(vision, text, False, state), 32)
record("f32_quick_gelu", build(vision, text, True, state), 32)
for name, dtype in [("f16", torch.float16), ("bf16", torch.bfloat16)]:
    rounded = {k: v.to(dtype).contiguous() for k, v in state.items()}
    save_file(rounded, OUT / f"{name}.safetensors")
    record(f"{name}_gelu", build(vision, text, False, rounded), 32)

# As OpenAI publishes its models: a TorchScript archive of half-precision weights,
# no configuration, heads of 64, QuickGELU.
vision = dict(image_size=32, layers=1, width=64, head_width=64, patch_size=4, mlp_ratio=0.25)
text = dict(context_length=77, vocab_size=len(tokenizer), width=64, heads=1, layers=1, mlp_ratio=0.25)
model = spread(build(vision, text, True), seed=6)
rounded = {k: v.half() for k, v in model.state_dict().items()}
record("openai", build(vision, text, True, rounded), 32)
traced = torch.jit.trace(model, (torch.zeros(1, 3, 32, 32), torch.ones(1, 77, dtype=torch.long)))
torch.jit.save(traced.half(), OUT / "openai.pt")

save_file(golden, OUT / "embeddings.safetensors", metadata={
    "torch": torch.__version__, "open_clip": open_clip.__version__,
    "torchvision": torchvision.__version__, "safetensors": safetensors.__version__})
for path in sorted(OUT.iterdir()):
    print(path.stat().st_size, path.name)
