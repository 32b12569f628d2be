"""Makes qwen/ and qwen-tokens.json: a small tokenizer of Qwen2's kind, and what
transformers makes of plain and hostile strings, and of whole chats, with it.

  python make_qwen.py    (transformers 5, no download)

The rules are Qwen2Tokenizer's own; the pairs are learned from the plain strings of
strings.py. The chat template does what Qwen2.5-VL's does with text and images.
"""

import json
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import tokenizers
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, Qwen2Tokenizer

from strings import PLAIN, hostile

SPECIAL = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
]
TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if loop.first and message['role'] != 'system' -%}"
    "{{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' -}}"
    "{%- endif -%}"
    "{{- '<|im_start|>' + message['role'] + '\\n' -}}"
    "{%- for part in message['content'] -%}"
    "{%- if part['type'] == 'image' -%}"
    "{{- '<|vision_start|><|image_pad|><|vision_end|>' -}}"
    "{%- else -%}"
    "{{- part['text'] -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{{- '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)
WHITE = ["a\r\nb", "a \n\n b", "  two", "end  ", "\r\n\r\n", " \t \n x", "!\n\n!", "...\r\nx", " ?!\n ",
         "it'S", "IT'S", "'\u017f x", "'LL'Ve", "''re", "'tis 'twas", "x'", "12 345,6", " 5 a", "\u00a0x \u2028y",
         "<|im_start|>user\nhi<|im_end|>", "<|image_pad|><|IMAGE_PAD|>", "a<|vision_start|>", "<|im_start"]


def trained():
    base = Qwen2Tokenizer()._tokenizer
    learner = Tokenizer(models.BPE())
    learner.normalizer = base.normalizer
    learner.pre_tokenizer = base.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    learner.train_from_iterator(PLAIN, trainer)
    model = json.loads(learner.to_str())["model"]
    vocabulary = model["vocab"]
    for token in SPECIAL:
        vocabulary[token] = len(vocabulary)
    return Qwen2Tokenizer(
        vocab=vocabulary, merges=[tuple(pair) for pair in model["merges"]], eos_token="<|im_end|>",
        pad_token="<|endoftext|>", extra_special_tokens=SPECIAL[1:2] + SPECIAL[3:])


def chat(texts):
    """Texts with an image between each two."""
    parts = []
    for index, text in enumerate(texts):
        if index > 0:
            parts.append({"type": "image"})
        parts.append({"type": "text", "text": text})
    return [{"role": "user", "content": parts}]


def main():
    folder = HERE / "qwen"
    made = trained()
    made.chat_template = TEMPLATE
    made.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    strings = [dict(text=text, ids=tokenizer.encode(text)) for text in PLAIN + WHITE + hostile(400, seed=5)]
    chats = []
    for texts in [["What happens?"], ["Frame 1 of 2, time 0.5 s:", "\nFrame 2 of 2, time 12.0 s:", "\nWhat happens?"],
                  ["", "\n\n", "  it's  "], [" a", "b ", "日本語 ", "\n"]]:
        ids = tokenizer.apply_chat_template(chat(texts), add_generation_prompt=True, tokenize=True, return_dict=False)
        chats.append(dict(texts=texts, tokens=len(ids)))
    golden = dict(
        versions=dict(transformers=transformers.__version__, tokenizers=tokenizers.__version__),
        strings=strings, chats=chats)
    (HERE / "qwen-tokens.json").write_text(json.dumps(golden, indent=0) + "\n")
    print(len(strings), "strings,", len(tokenizer), "tokens", sum(len(s["ids"]) for s in strings), [c["tokens"] for c in chats])


main()
