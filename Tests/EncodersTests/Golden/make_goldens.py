"""Makes the files beside it: small random CLIP and BERT checkpoints, pictures,
strings, and what transformers and tokenizers answer to them.

  python make_goldens.py          (torch, transformers 5, safetensors, Pillow)

The versions go into goldens.json. The weights are random but scaled so that
different inputs give clearly different embeddings; the default initialisation
does not. The picture reference is the Pillow backend of CLIPImageProcessor.
"""

import hashlib
import json
import os
import pathlib
import pydoc_data.topics
import shutil
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import PIL
import tokenizers
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, normalizers, pre_tokenizers, trainers
from tokenizers import Regex
from tokenizers.models import BPE
from transformers import (AutoTokenizer, BertConfig, BertModel, BertTokenizer, CLIPConfig, CLIPModel,
                          CLIPTokenizer)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from pictures import formula_picture, picture
from strings import PLAIN, hostile

HERE = pathlib.Path(__file__).parent
CORPUS = PLAIN * 3 + "\n".join(pydoc_data.topics.topics.values())[:200_000].split("\n")


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def spread(model, seed):
    """Random weights of healthy scale: every layer changes what passes through it."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            noise = torch.randn(p.shape, generator=g)
            if "norm" in name.lower():
                p.copy_(noise * 0.2 + (1.0 if name.endswith("weight") else 0.0))
            elif name.endswith("bias"):
                p.copy_(noise * 0.1)
            elif "position_embedding" in name or "class_embedding" in name or "token_type" in name:
                p.copy_(noise * 0.3)
            elif "embedding" in name and "patch" not in name:
                p.copy_(noise)
            elif p.ndim == 0:
                pass
            else:
                gain = 2.0 if any(k in name for k in ("q_proj", "k_proj", "query", "key")) else 1.4
                p.copy_(noise * gain / np.sqrt(p[0].numel()))
    return model.eval()


def clip_tokenizer(folder, merge_count=500):
    """CLIP's layout of a vocabulary: bytes, bytes at a word's end, merges, two specials."""
    trained = Tokenizer(BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    reference = CLIPTokenizer()._tokenizer
    trained.normalizer, trained.pre_tokenizer = reference.normalizer, reference.pre_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trained.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=256 + 256 + merge_count, end_of_word_suffix="</w>", continuing_subword_prefix="",
        initial_alphabet=alphabet, show_progress=False))
    merges = [tuple(m) for m in json.loads(trained.to_str())["model"]["merges"]][:merge_count]
    tokens = alphabet + [a + "</w>" for a in alphabet] + [a + b for a, b in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77)
    tokenizer.save_pretrained(folder)
    json.dump(vocab, open(folder / "vocab.json", "w"), ensure_ascii=False)
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    return AutoTokenizer.from_pretrained(folder)


def clip_features(model, tokenizer, processor, images, texts):
    with torch.no_grad():
        pixels = processor(images=images, return_tensors="pt")["pixel_values"]
        out_images = model.get_image_features(pixel_values=pixels)
        batch = tokenizer(texts, padding=True, truncation=True, max_length=77, return_tensors="pt")
        out_texts = model.get_text_features(**batch)
    pooled = [o.pooler_output if hasattr(o, "pooler_output") else o for o in (out_images, out_texts)]
    return [p.contiguous() for p in pooled]


def make_clip(record):
    folder = HERE / "clip"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tokenizer = clip_tokenizer(folder)
    eos = tokenizer.eos_token_id
    text = dict(vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                num_attention_heads=4, projection_dim=24, eos_token_id=eos, pad_token_id=eos,
                bos_token_id=tokenizer.bos_token_id)
    vision = dict(hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=3,
                  image_size=32, patch_size=8, projection_dim=24)
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)
    model = spread(CLIPModel(config), seed=1)
    model.save_pretrained(folder)
    size = dict(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor = CLIPImageProcessorPil(**size)
    processor.save_pretrained(folder)

    names = []
    shutil.rmtree(HERE / "images", ignore_errors=True)
    (HERE / "images").mkdir()
    sizes = np.random.default_rng(3)
    for index in range(64):
        image = picture(index, int(sizes.integers(48, 97)), int(sizes.integers(40, 65)))
        name = f"{index:02d}.{'png' if index % 2 else 'jpg'}"
        options = dict(optimize=True) if index % 2 else dict(quality=80 + index % 16)
        image.save(HERE / "images" / name, **options)
        names.append(name)
    images = [Image.open(HERE / "images" / n).convert("RGB") for n in names]
    record["images"] = names
    record["texts"] = PLAIN
    golden = dict(zip(["image_embeddings", "text_embeddings"],
                      clip_features(model, tokenizer, processor, images, PLAIN)))
    for key in golden:
        rows = torch.nn.functional.normalize(golden[key], dim=-1)
        print(key, tuple(rows.shape), "mean cosine", float((rows @ rows.T).mean()))

    # The same weights with the other activation and the older end-token rule.
    gelu = CLIPConfig(text_config=text | dict(hidden_act="gelu", eos_token_id=2),
                      vision_config=vision | dict(hidden_act="gelu"), projection_dim=24)
    other = CLIPModel(gelu).eval()
    other.load_state_dict(model.state_dict())
    golden["gelu_image_embeddings"], golden["gelu_text_embeddings"] = clip_features(
        other, tokenizer, processor, images[:8], PLAIN[:8] + ["x <|endoftext|> y <|startoftext|>"])
    save_file(golden, HERE / "clip-embeddings.safetensors")

    # The released models' processor, from pictures and from awkward sizes.
    full = CLIPImageProcessorPil()
    stages = dict(do_rescale=False, do_normalize=False)
    record["prepared224"] = [sha(full(images=i, **stages)["pixel_values"][0].transpose(1, 2, 0)) for i in images]
    record["formula"] = []
    for width, height in [(1, 1), (2, 1), (1, 300), (300, 1), (224, 224), (223, 225), (225, 223), (224, 500),
                          (640, 360), (1000, 37), (37, 1000), (449, 448), (1279, 721), (5, 7)]:
        image = formula_picture(width, height)
        values = full(images=image)["pixel_values"][0]
        record["formula"].append(dict(
            width=width, height=height,
            prepared=sha(full(images=image, **stages)["pixel_values"][0].transpose(1, 2, 0)),
            values=sha(values.astype("<f4"))))
    record["variants"] = []
    for options in [dict(size={"shortest_edge": 20}, crop_size={"height": 32, "width": 32}),
                    dict(size={"shortest_edge": 15}, crop_size={"height": 32, "width": 32}),
                    dict(size={"height": 32, "width": 32}, do_center_crop=False, resample=2),
                    dict(do_resize=False, crop_size={"height": 32, "width": 32}),
                    dict(do_resize=False, crop_size={"height": 61, "width": 61}),
                    dict(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, do_normalize=False),
                    dict(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, do_rescale=False)]:
        values = CLIPImageProcessorPil(**options)(images=images[5])["pixel_values"][0]
        record["variants"].append(dict(options=json.dumps(options), values=sha(values.astype("<f4")), side=values.shape[1]))

    strings = hostile(360)
    record["clipStrings"] = [dict(text=s, ids=tokenizer(s, truncation=True, max_length=77)["input_ids"],
                                  count=len(tokenizer(s)["input_ids"])) for s in strings]
    # As the released tokenizer.json has it: specials found after lower-casing.
    changed = json.load(open(folder / "tokenizer.json"))
    for token in changed["added_tokens"]:
        token["normalized"] = True
    loaded = Tokenizer.from_str(json.dumps(changed))
    record["normalizedSpecials"] = [dict(text=s, ids=loaded.encode(s).ids) for s in
                                    ["a <|STARTOFTEXT|> b", "x<|EndOfText|>y", "<|endoftext|>"]]


def make_bert(record):
    folder = HERE / "bert"
    # A vocabulary that is there is kept: the trainer breaks ties by chance.
    kept = (folder / "vocab.txt").read_text() if (folder / "vocab.txt").exists() else None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "1_Pooling").mkdir()
    if kept is None:
        trained = tokenizers.BertWordPieceTokenizer(lowercase=True)
        extra = ["".join(chr(c) for c in range(0x20, 0x180)), "一二三人火中文日本語 가나다 абвгд αβγ ابج ① ½ 😀🔥"]
        trained.train_from_iterator(CORPUS + extra * 3, vocab_size=900, limit_alphabet=400, show_progress=False)
        kept = "".join(v + "\n" for v in sorted(trained.get_vocab(), key=trained.get_vocab().get))
    (folder / "vocab.txt").write_text(kept)
    vocab = kept.split("\n")[:-1]
    BertTokenizer(vocab={v: i for i, v in enumerate(vocab)}, do_lower_case=True).save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    config = BertConfig(vocab_size=len(vocab), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                        intermediate_size=64, max_position_embeddings=64)
    model = spread(BertModel(config, add_pooling_layer=False), seed=2)
    model.save_pretrained(folder)
    json.dump([dict(idx=i, name=str(i), path=p, type=f"sentence_transformers.models.{t}") for i, (p, t) in
               enumerate([("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])],
              open(folder / "modules.json", "w"), indent=1)
    json.dump(dict(max_seq_length=48, do_lower_case=False), open(folder / "sentence_bert_config.json", "w"))
    json.dump(dict(word_embedding_dimension=32, pooling_mode_cls_token=False, pooling_mode_mean_tokens=True,
                   pooling_mode_max_tokens=False, pooling_mode_mean_sqrt_len_tokens=False),
              open(folder / "1_Pooling" / "config.json", "w"))

    # sentence-transformers' Transformer, Pooling and Normalize modules, by hand.
    with torch.no_grad():
        batch = tokenizer(PLAIN, padding=True, truncation=True, max_length=48, return_tensors="pt")
        states = model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).float()
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
    save_file({"mean_normalized": torch.nn.functional.normalize(mean, dim=1), "mean": mean,
               "cls": states[:, 0].contiguous()}, HERE / "bert-embeddings.safetensors")

    strings = hostile(360)
    record["bertStrings"] = [dict(text=s, ids=tokenizer(s, truncation=True, max_length=48)["input_ids"],
                                  count=len(tokenizer(s)["input_ids"])) for s in strings]
    cased = json.load(open(folder / "tokenizer.json"))
    cased["normalizer"].update(lowercase=False, strip_accents=None)
    loaded = Tokenizer.from_str(json.dumps(cased))
    loaded.no_truncation(), loaded.no_padding()
    record["bertCased"] = [loaded.encode(s).ids for s in strings]


def make_unicode(record):
    """Which class each code point is of, as one hash a class."""
    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    def flags(test):
        return hashlib.sha256(bytes(1 if test(chr(c)) else 0 for c in points)).hexdigest()
    def mapping(convert):
        h = hashlib.sha256()
        for c in points:
            if c == 0x11938:  # the library's own tables disagree on how it decomposes
                continue
            h.update(convert(chr(c)).encode() + b"\n")
        return h.hexdigest()
    def regex(pattern):
        split = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
        return lambda s: bool(split.pre_tokenize_str(s))
    def bert(**options):
        n = normalizers.BertNormalizer(**(dict(clean_text=False, handle_chinese_chars=False, strip_accents=False,
                                               lowercase=False) | options))
        return n.normalize_str
    clean, chinese = bert(clean_text=True), bert(handle_chinese_chars=True)
    split = pre_tokenizers.BertPreTokenizer()
    record["unicode"] = dict(
        letters=flags(regex(r"\p{L}")), numbers=flags(regex(r"\p{N}")), spaces=flags(regex(r"\s")),
        removed=flags(lambda s: clean("a" + s + "b") == "ab"),
        ideographs=flags(lambda s: chinese("a" + s + "b") == f"a {s} b"),
        punctuation=flags(lambda s: len(split.pre_tokenize_str("a" + s + "b")) == 3),
        stripped=mapping(bert(strip_accents=True)), lowered=mapping(normalizers.Lowercase().normalize_str),
        composed=mapping(normalizers.NFC().normalize_str))


if __name__ == "__main__":
    torch.manual_seed(0)
    record = dict(versions={m.__name__: m.__version__ for m in (torch, transformers, tokenizers, PIL, np)})
    make_clip(record)
    make_bert(record)
    make_unicode(record)
    with open(HERE / "goldens.json", "w") as file:
        json.dump(record, file, indent=None, separators=(",", ":"))
    total = sum(f.stat().st_size for f in HERE.rglob("*") if f.is_file())
    print("total bytes", total)
