"""Writes vadclip_prompt.safetensors: VadCLIP's prompt through a tiny CLIP text tower.

One table [positions, width] serves all classes. With n tokens on each side, a class of
k tokens is fed as

    position 0            the start token's embedding
    1 ... n               the table's rows 1 ... n
    n+1 ... n+k           the class tokens' embeddings
    n+k+1 ... 2n+k        the table's rows n+k+1 ... 2n+k
    2n+k+1                the end token's embedding
    after it              the table's rows, which attention from behind cannot reach

so that the table's row is always the position's own; positional embeddings are added to
all, and t_c is the projection of the end position's output, not normalised. n is 2 here
and 10 in VadCLIP, whose end is at 21+k.

The tower is that of text_tower.safetensors, copied; written here in plain PyTorch and
checked against that file's embeddings and gradient, which transformers computed.
Float32 weights, float64 arithmetic. Keys: tower.<name>, text_prompt_embeddings.weight,
classes (token ids, -1 behind them), upstream, class_embeddings,
gradient.text_prompt_embeddings.weight.

Made with Python 3.11, torch 2.15.0, safetensors 0.8:
    python make_vadclip_prompt.py
"""
import math

import safetensors
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

START, END, HEADS, LAYERS = 28, 29, 4, 2
CLASSES = [[4], [7, 8], [11, 3, 19], [5]]


def tower(weights, rows, end):
    """The text embedding of one prompt: rows [positions, width] in place of tokens."""
    def layer(name, x):
        return F.linear(x, weights[name + ".weight"], weights[name + ".bias"])

    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], weights[name + ".weight"], weights[name + ".bias"])

    length, width = rows.shape
    x = rows + weights["text_model.embeddings.position_embedding.weight"][:length]
    future = torch.ones(length, length).triu(1).bool()
    for i in range(LAYERS):
        prefix = f"text_model.encoder.layers.{i}."
        y = norm(prefix + "layer_norm1", x)
        q, k, v = (
            layer(f"{prefix}self_attn.{part}_proj", y).view(length, HEADS, -1).transpose(0, 1)
            for part in "qkv")
        scores = q @ k.transpose(1, 2) / math.sqrt(width // HEADS)
        mixed = scores.masked_fill(future, -math.inf).softmax(-1) @ v
        x = x + layer(prefix + "self_attn.out_proj", mixed.transpose(0, 1).reshape(length, width))
        y = layer(prefix + "mlp.fc1", norm(prefix + "layer_norm2", x))
        x = x + layer(prefix + "mlp.fc2", y * torch.sigmoid(1.702 * y))
    return norm("text_model.final_layer_norm", x)[end] @ weights["text_projection.weight"].T


def prompt(tokens, table, label, n):
    """VadCLIP's rows for a class, and the place of its end."""
    rows = list(table)
    end = 2 * n + 1 + len(label)
    rows[0], rows[end] = tokens[START], tokens[END]
    for place, token in enumerate(label, n + 1):
        rows[place] = tokens[token]
    return torch.stack(rows), end


def check(weights, golden):
    """The plain tower agrees with what transformers computed in text_tower.safetensors."""
    n = len(golden["context"]) // 2
    context = golden["context"].double().requires_grad_(True)
    tokens = weights["text_model.embeddings.token_embedding.weight"]
    rows = []
    for label in ([4], [7, 8, 9], [11, 3]):
        parts = [tokens[[START]], context[:n], tokens[label], context[n:], tokens[[END]]]
        rows.append(tower(weights, torch.cat(parts), 2 * n + 1 + len(label)))
    embeddings = torch.stack(rows)
    (embeddings * golden["weighting"].double()).sum().backward()
    for ours, name in ((embeddings, "embeddings"), (context.grad, "gradient")):
        difference = (ours - golden["quick_gelu." + name]).abs().max().item()
        print("text_tower", name, f"{difference:.1e}")
        assert difference < 1e-5


def main(n=2):
    golden = load_file("text_tower.safetensors")
    stored = {k: v for k, v in golden.items() if k.startswith("tower.")}
    weights = {k.removeprefix("tower."): v.double() for k, v in stored.items()}
    check(weights, golden)

    torch.manual_seed(2)
    tokens = weights["text_model.embeddings.token_embedding.weight"]
    positions, width = weights["text_model.embeddings.position_embedding.weight"].shape
    table = torch.randn(positions, width) * 0.3
    upstream = torch.randn(len(CLASSES), len(weights["text_projection.weight"]))
    learnable = table.double().requires_grad_(True)
    embeddings = torch.stack(
        [tower(weights, *prompt(tokens, learnable, label, n)) for label in CLASSES])
    (embeddings * upstream.double()).sum().backward()
    used = set(range(1, n + 1)).union(
        *(range(n + 1 + len(label), 2 * n + 1 + len(label)) for label in CLASSES))
    reached = {p for p in range(positions) if learnable.grad[p].abs().max() > 0}
    assert reached == used, (reached, used)

    longest = max(map(len, CLASSES))
    save_file({
        **stored, "text_prompt_embeddings.weight": table, "upstream": upstream,
        "classes": torch.tensor([label + [-1] * (longest - len(label)) for label in CLASSES]),
        "class_embeddings": embeddings.detach(),
        "gradient.text_prompt_embeddings.weight": learnable.grad,
    }, "vadclip_prompt.safetensors", metadata={
        "made": f"make_vadclip_prompt.py, {n} tokens a side, torch {torch.__version__}, "
        f"safetensors {safetensors.__version__}"})
    print("rows with a gradient", sorted(reached), embeddings[0].tolist())


main()
