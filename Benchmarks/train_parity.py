"""One training step, and a loss curve, of ours against PyTorch in float64.

    python train_parity.py make --model M --out DIR [--batch 16] [--classes 14] [--seed 0]
        [--full] [--masked] [--curve] [--videos 64] [--steps 50]
    python train_parity.py compare --model M --dir DIR --ours FILE [--masked]
    python train_parity.py curve --model M --dir DIR --out FILE [--steps 50] [--masked]
        [--form default|tuned] [--ours FILE]

M is a model of train_twins.py: dbvad, vadclip-ucf, clipfusion-xd and so on.

`make` writes DIR/weights.safetensors, every parameter and buffer by its name, and
DIR/batch.safetensors: features [B, 256, 512], lengths [B] (int64), labels [B, C] multi-hot
with class 0 normal, descriptions [B, 512], class_embeddings [C, 512]. Lengths are mixed,
1 to 256, or all 256 with --full. With --curve the batch is --videos videos, and
DIR/order.json says for each step which of them make the batch (--batch of them).

Each video is drawn until its step is no matter of rounding: the last score of its top k is
more than 1e-3 above the next, in each class too, and no cosine of the similarity graph is
within 1e-4 of 0.7. What was reached is printed. Where batch normalisation joins the videos, the
first margin is 1e-4, no input of a ReLU is within 2e-6 of 0, and videos that fall short in a batch
are drawn again until none does.

`compare` reads of ours: logits, class_logits, loss.binary, loss.description or
loss.alignment and loss.separation, loss.total, gradient.<parameter name>, and for a model with
running statistics buffer.<name> after the step; of padded rows logits do not count. Logits are
those of scoring, by the running statistics of the weights file. A gradient that is 0 but for
rounding (a bias that batch statistics take off again) is measured by that of the bias behind
the normalisation. It prints |ours - f64| / |f64| and the same of PyTorch's float32, and
exits with 1 where ours exceeds 1e-4 or lacks a tensor. --masked keeps padding out of
VadCLIP, in all three commands or in none; DBVAD always keeps it out.

`curve` trains with AdamW (2e-5, decay 0.01) in the order of order.json, float32, and
writes the total losses as JSON; with --ours, such a file, it prints the differences.
"""
import argparse
import json
import math
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from train_twins import (
    CHUNK, D, DBVAD, MODELS, T, BatchNorm, ClipFusion, is_rounding, make_model, use_form)

TOP_MARGIN, THRESHOLD_MARGIN, TOLERANCE = 1e-3, 1e-4, 1e-4
# Where videos share statistics a new one moves every margin: the least that single precision
# leaves alone, or no batch would be found.
JOINED_MARGIN = 1e-4
# How far the input of a ReLU is from 0: its gradient jumps there, and single precision errs by
# some 3e-7.
KINK_MARGIN = 2e-6
TRIES = 200


def draw_weights(model):
    """PyTorch's initial weights, moved so that no norm is 1 and no bias 0. The transformer's
    residual parts are small, so that its output keeps the centres of the features apart."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".ln_" in name or ".norm." in name or "attention.1." in name or "attention.4." in name:
                parameter += 0.1 * torch.randn_like(parameter)
            if name.endswith("bias") and "attn" in name:
                parameter += 0.02 * torch.randn_like(parameter)
            if "resblocks" in name and ("out_proj" in name or "c_proj" in name):
                parameter *= 0.25


@torch.no_grad()
def spread(model, embeddings):
    """Scales the classifier until logits have mean 0 and deviation 1 over a few videos, and
    returns class embeddings along which the model's features differ most. Running statistics
    become those of these videos."""
    norms = [m for m in model.modules() if isinstance(m, BatchNorm)]
    for norm in norms:
        norm.momentum = 1
    output = model.classifier.output if embeddings is None else model.classifier
    x, lengths = torch.stack([draw_video(T) for _ in range(6)]), torch.full([6], T)
    captured = {}
    handle = output.register_forward_pre_hook(lambda module, inputs: captured.update(hidden=inputs[0]))
    rest = [] if embeddings is None else [embeddings, captured]
    logits = (model.parts(x, lengths)[2] if embeddings is None else model(x, lengths, *rest)[0]).flatten()
    handle.remove()
    for norm in norms:
        norm.momentum = 0.1
    scale = 1 / logits.std()
    # The bias is not part of what is scaled.
    output.bias.copy_(-(logits.mean() - output.bias) * scale)
    output.weight *= scale
    if embeddings is None:
        return None
    unit = F.normalize(captured["features"].flatten(0, 1), dim=-1)
    _, lengths, directions = torch.linalg.svd(unit - unit.mean(0), full_matrices=False)
    mixed = torch.randn(len(embeddings), 20) * lengths[:20] @ directions[:20]
    return 8 * F.normalize(F.normalize(mixed, dim=-1) + 0.5 * F.normalize(embeddings, dim=-1), dim=-1)


def draw_video(length):
    """Snippets near one of a dozen centres or two, runs of 3 to 24. Within a centre cosines are
    about 0.86, across about 0, and lengths about 10, as CLIP's."""
    centres = torch.randn(int(torch.randint(12, 25, [1])), D)
    centres = 9 * F.normalize(centres, dim=-1)
    rows, at = torch.empty(T, D), 0
    while at < T:
        run = int(torch.randint(3, 25, [1]))
        rows[at:at + run] = centres[int(torch.randint(len(centres), [1]))]
        at += run
    rows += torch.randn(T, D) * (0.4 * 9 / math.sqrt(D))
    rows[length:] = 0
    return rows


def top_margin(z, n):
    """How far the last of the top k is above the next, the least over columns."""
    k = n // 16 + 1
    if n <= k:
        return math.inf
    top = z[:n].topk(k + 1, dim=0).values
    return (top[k - 1] - top[k]).min().item()


def threshold_margin(x, n):
    unit = F.normalize(x[:n].double(), dim=-1)
    s = unit @ unit.T
    return (s[~torch.eye(n, dtype=torch.bool)] - 0.7).abs().min().item() if n > 1 else math.inf


@torch.no_grad()
def margins(model, x, n, classes):
    """Of one video: top k of the scores, of the classes, and the graph's threshold."""
    outputs, by_class, length = {}, math.inf, torch.tensor([n])
    if classes is None:
        outputs["logits"], outputs["hidden"] = model.parts(x[None], length)[2], x[None]
    else:
        model.parts(x[None], length, classes, outputs)
        by_class = top_margin(outputs["class_logits"][0], n)
    return (
        top_margin(torch.sigmoid(outputs["logits"][0]), n), by_class,
        threshold_margin(outputs["hidden"][0], n))


@torch.no_grad()
def batch_margins(model, features, lengths, classes):
    """The same of every video of a batch whose statistics they share; no buffer changes."""
    before = {k: b.clone() for k, b in model.named_buffers()}
    outputs, kinks = {}, []
    handles = [m.register_forward_pre_hook(lambda module, inputs: kinks.append(inputs[0]))
               for m in model.modules() if isinstance(m, nn.ReLU)]
    model.parts(torch.stack(features), torch.tensor(lengths), classes, outputs)
    for handle in handles:
        handle.remove()
    for k, b in model.named_buffers():
        b.copy_(before[k])
    scores = torch.sigmoid(outputs["logits"])
    return [(top_margin(scores[i], n), top_margin(outputs["class_logits"][i], n),
             threshold_margin(outputs["hidden"][i], n),
             min(x[i].abs().min().item() for x in kinks)) for i, n in enumerate(lengths)]


def worth(found, top=TOP_MARGIN):
    """How far the worst margin is of what it should be."""
    kink = found[3] / KINK_MARGIN if len(found) > 3 else math.inf
    return min(found[0] / top, found[1] / top, found[2] / THRESHOLD_MARGIN, kink)


def draw_batch(model, lengths, classes):
    """Videos of one batch, what they reach together, and how many were drawn."""
    features, tries = [draw_video(n) for n in lengths], len(lengths)
    for _ in range(TRIES):
        reached = batch_margins(model, features, lengths, classes)
        short = [i for i, found in enumerate(reached) if worth(found, JOINED_MARGIN) <= 1]
        if not short:
            break
        for i in short:
            features[i] = draw_video(lengths[i])
        tries += len(short)
    return features, reached, tries


def make(options):
    torch.manual_seed(options.seed)
    model = make_model(options.model, options.masked)
    use_form("tuned")
    draw_weights(model)
    embeddings = 8 * F.normalize(torch.randn(options.classes, D) + torch.randn(1, D), dim=-1)
    classes = spread(model, None if options.model == "dbvad" else embeddings)
    embeddings = embeddings if classes is None else classes
    count = options.videos if options.curve else options.batch
    lengths = [T] * count if options.full else torch.randint(1, T + 1, [count]).tolist()
    if not options.full and count > 3:
        lengths[:3] = [T, 1, 16]
    features, reached, tries = [], [], 0
    joined = isinstance(model, ClipFusion)
    for start in range(0, count, options.batch) if joined else ():
        made = draw_batch(model, lengths[start:start + options.batch], classes)
        features += made[0]
        reached += made[1]
        tries += made[2]
    for n in () if joined else lengths:
        best, best_value = None, None
        for _ in range(TRIES):
            tries += 1
            x = draw_video(n)
            found = margins(model, x, n, classes)
            value = worth(found)
            if best is None or value > best_value:
                best, best_value, best_found = x, value, found
            if value > 1:
                break
        features.append(best)
        reached.append(best_found)
    labels = torch.zeros(count, options.classes)
    for i in range(count):
        labels[i, 0 if i % 2 == 0 else 1 + i // 2 % (options.classes - 1)] = 1
        if i % 16 == 15:  # A video with two labels.
            labels[i, 1 + (i // 2 + 1) % (options.classes - 1)] = 1
    os.makedirs(options.out, exist_ok=True)
    save_file({k: p.detach().contiguous() for k, p in model.state_dict().items()},
              os.path.join(options.out, "weights.safetensors"))
    save_file({
        "features": torch.stack(features), "lengths": torch.tensor(lengths), "labels": labels,
        "descriptions": 8 * F.normalize(torch.randn(count, D), dim=-1),
        "class_embeddings": embeddings,
    }, os.path.join(options.out, "batch.safetensors"))
    if options.curve:
        order, steps = [], []
        for _ in range(options.steps):
            if len(order) < options.batch:
                order = torch.randperm(count).tolist()
            steps.append(order[:options.batch])
            order = order[options.batch:]
        with open(os.path.join(options.out, "order.json"), "w", encoding="utf-8") as file:
            json.dump(steps, file)
    least = [min(column) for column in zip(*reached)]
    print(f"{count} videos, {tries} drawn, {sum(lengths)} valid rows; smallest margins: "
          f"top k of scores {least[0]:.2e}, of classes {least[1]:.2e}, cosines to 0.7 {least[2]:.2e}"
          + (f", inputs of ReLUs to 0 {least[3]:.2e}" if joined else ""))
    top = JOINED_MARGIN if joined else TOP_MARGIN
    short = sum(worth(found, top) <= 1 for found in reached)
    if short:
        print(f"{short} videos have less than {top} or {THRESHOLD_MARGIN}")


def load(options, dtype):
    """The twin with the stored weights, and the batch."""
    model = make_model(options.model, options.masked)
    model.load_state_dict(load_file(os.path.join(options.dir, "weights.safetensors")))
    batch = load_file(os.path.join(options.dir, "batch.safetensors"))
    batch = {k: v.to(dtype) if v.is_floating_point() else v for k, v in batch.items()}
    return model.to(dtype), batch


def step(options, dtype):
    """Every tensor of one step, named as ours."""
    model, batch = load(options, dtype)
    use_form("default")
    batch["class_embeddings"].requires_grad_()
    valid = torch.arange(T)[None] < batch["lengths"][:, None]
    model.eval()
    values = {k: rows(v, valid) for k, v in logits(model, batch).items()}
    model.train()
    # In chunks, or a large batch in float64 does not fit: both ways agree (train_twins --check).
    losses = model.chunked(batch, keep=False)
    values |= {f"loss.{k}": v for k, v in losses.items()}
    values |= {f"gradient.{k}": p.grad for k, p in model.named_parameters() if p.grad is not None}
    values["gradient.class_embeddings"] = batch["class_embeddings"].grad
    values |= {f"buffer.{k}": b for k, b in model.named_buffers()}
    return {k: v.detach().double() for k, v in values.items()}, valid, model


@torch.no_grad()
def logits(model, batch):
    found = {}
    for some in torch.arange(len(batch["lengths"])).split(CHUNK):
        x, lengths = batch["features"][some], batch["lengths"][some]
        if isinstance(model, DBVAD):
            one = {"logits": model.parts(x, lengths)[2]}
        else:
            one = dict(zip(("logits", "class_logits"), model(x, lengths, batch["class_embeddings"])))
        for k, v in one.items():
            found.setdefault(k, []).append(v)
    return {k: torch.cat(v) for k, v in found.items()}


def rows(tensor, valid):
    return tensor.reshape(*valid.shape, -1)[valid]


def compare(options):
    exact, valid, model = step(options, torch.float64)
    single, _, _ = step(options, torch.float32)
    ours = {k: v.double() for k, v in load_file(options.ours).items()}
    for key in ("logits", "class_logits"):
        if key in ours and ours[key].numel() != exact[key].numel():
            ours[key] = rows(ours[key], valid)
    optional = {"gradient.class_embeddings"}
    worst, worst_single, missing = (0.0, ""), (0.0, ""), []
    print(f"{'tensor':<60} {'ours':>9} {'torch f32':>9}")
    for key, value in exact.items():
        length = value.norm().item()
        if is_rounding(model, key):
            length = exact[key.replace(".0.", ".1.").replace(".3.", ".4.")].norm().item()
        error = (single[key] - value).norm().item() / length
        worst_single = max(worst_single, (error, key))
        if key not in ours:
            if key not in optional:
                missing.append(key)
            continue
        if ours[key].numel() != value.numel():
            print(f"{key:<60} of {list(ours[key].shape)}, not {list(value.shape)}")
            missing.append(key)
            continue
        difference = (ours[key].reshape(value.shape) - value).norm().item() / length
        if not math.isfinite(difference):
            difference = math.inf
        worst = max(worst, (difference, key))
        print(f"{key:<60} {difference:9.2e} {error:9.2e}")
    extra = sorted(set(ours) - set(exact))
    print(f"worst of ours {worst[0]:.2e} ({worst[1]}); of torch f32 {worst_single[0]:.2e} ({worst_single[1]})")
    if missing:
        print("missing:", *missing)
    if extra:
        print("not compared:", *extra)
    good = worst[0] <= TOLERANCE and not missing
    print("all within 1e-4" if good else "NOT within 1e-4")
    sys.exit(not good)


def curve(options):
    model, batch = load(options, torch.float32)
    with open(os.path.join(options.dir, "order.json"), encoding="utf-8") as file:
        order = json.load(file)[:options.steps]
    per_video = {"features", "lengths", "labels", "descriptions"}
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01)
    losses = []
    for some in order:
        optimizer.zero_grad()
        part = {k: v[some] if k in per_video else v for k, v in batch.items()}
        losses.append(model.backward(part, options.form)["total"].item())
        optimizer.step()
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(losses, file)
    print(f"{len(losses)} steps, loss {losses[0]:.6f} to {losses[-1]:.6f}")
    if options.ours:
        with open(options.ours, encoding="utf-8") as file:
            ours = json.load(file)
        relative = [abs(a - b) / abs(b) for a, b in zip(ours, losses)]
        print(f"{len(relative)} steps compared, first {relative[0]:.2e}, last {relative[-1]:.2e}, "
              f"worst {max(relative):.2e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    parts = {name: commands.add_parser(name) for name in ("make", "compare", "curve")}
    for part in parts.values():
        part.add_argument("--model", choices=MODELS, required=True)
        part.add_argument("--threads", type=int, default=2)
        part.add_argument("--masked", action="store_true")
    for name in ("compare", "curve"):
        parts[name].add_argument("--dir", required=True)
    parts["make"].add_argument("--out", required=True)
    parts["make"].add_argument("--batch", type=int, default=16)
    parts["make"].add_argument("--classes", type=int, default=14)
    parts["make"].add_argument("--seed", type=int, default=0)
    parts["make"].add_argument("--full", action="store_true")
    parts["make"].add_argument("--curve", action="store_true")
    parts["make"].add_argument("--videos", type=int, default=64)
    parts["make"].add_argument("--steps", type=int, default=50)
    parts["compare"].add_argument("--ours", required=True)
    parts["curve"].add_argument("--out", required=True)
    parts["curve"].add_argument("--steps", type=int, default=50)
    parts["curve"].add_argument("--form", choices=["default", "tuned"], default="default")
    parts["curve"].add_argument("--ours")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    {"make": make, "compare": compare, "curve": curve}[options.command](options)


if __name__ == "__main__":
    main()
