"""Trains DBVAD and VadCLIP with ours and with PyTorch on features with a planted signal.

    python train_planted.py --train-dbm FILE --model dbvad|vadclip-ucf [--signal 0.5]
        [--seeds 3] [--videos 128] [--test 96] [--steps 40] [--batch 32] [--rate 2e-4] [--threads 2]
        [--precision f32|bf16]

Both start from the same weights, see the same batches in the same order, of 256 snippets of
width 512, and end with weights that the same PyTorch code scores: on test videos of their own,
frame AUC by scikit-learn. Differences are paired, with an interval by resampling test videos.

A snippet is its video's scene and noise. In an anomalous video an event of a fifth of its length
has a direction that all anomalies share and one of its class, --signal times the noise's length.
0 plants nothing. A description is its class's direction and noise.
"""
import argparse
import json
import os
import subprocess
import tempfile

import numpy
import torch
from safetensors.torch import load_file, save_file
from sklearn.metrics import roc_auc_score

from train_twins import D, MODELS, T, make_model

CLASSES = 14


def draw(count, signal, common, directions, generator):
    """The tensors of `count` videos, half normal, and the events."""
    def noise(*shape):
        return torch.randn(*shape, generator=generator)

    lengths = torch.exp(numpy.log(110) + 0.8 * noise(count)).clamp(8, T).long()
    features = torch.zeros(count, T, D)
    labels = torch.zeros(count, CLASSES)
    descriptions = torch.zeros(count, D)
    events = []
    for i in range(count):
        n = int(lengths[i])
        x = 0.3 * noise(n, D) + 0.3 * noise(1, D)
        kind, event = 0, (0, 0)
        if i % 2:
            kind = 1 + int(torch.randint(CLASSES - 1, (1,), generator=generator))
            size = max(1, n // 5)
            start = int(torch.randint(n - size + 1, (1,), generator=generator))
            event = (start, start + size)
            x[start:start + size] += signal * 0.3 * D**0.5 * (common + directions[kind])
        labels[i, kind] = 1
        features[i, :n] = x
        descriptions[i] = directions[kind] + 0.5 * noise(D) / D**0.5
        events.append(event)
    return {"features": features, "lengths": lengths, "labels": labels,
            "descriptions": descriptions, "class_embeddings": directions.clone()}, events


@torch.no_grad()
def scores(model, batch):
    """The sigmoid of each video's logits."""
    found = []
    for i in range(len(batch["lengths"])):
        some = slice(i, i + 1)
        if hasattr(model, "gc1"):
            logits = model(batch["features"][some], batch["lengths"][some], batch["class_embeddings"])[0]
        else:
            logits = model.parts(batch["features"][some], batch["lengths"][some])[2]
        found.append(torch.sigmoid(logits[0, :int(batch["lengths"][i])]).double().numpy())
    return found


def area(found, truth, chosen):
    return roc_auc_score(numpy.concatenate([truth[i] for i in chosen]),
                         numpy.concatenate([found[i] for i in chosen]))


def one(options, seed, folder):
    generator = torch.Generator().manual_seed(seed)
    def unit(*shape):
        return torch.nn.functional.normalize(torch.randn(*shape, generator=generator), dim=-1)

    common, directions = unit(D), unit(CLASSES, D)
    train, _ = draw(options.videos, options.signal, common, directions, generator)
    test, events = draw(options.test, options.signal, common, directions, generator)
    truth = []
    for length, (start, end) in zip(test["lengths"].tolist(), events):
        frames = numpy.zeros(length, dtype=int)
        frames[start:end] = 1
        truth.append(frames)
    order = []
    while len(order) < options.steps:
        sides = [torch.randperm(options.videos // 2, generator=generator) * 2 + side for side in (0, 1)]
        half = options.batch // 2
        for start in range(0, options.videos // 2 - half + 1, half):
            order.append(torch.cat([side[start:start + half] for side in sides]).tolist())
    order = order[:options.steps]

    torch.manual_seed(seed)
    model = make_model(options.model)
    def path(name):
        return os.path.join(folder, name)

    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, path("weights.safetensors"))
    save_file(train, path("batch.safetensors"))
    with open(path("order.json"), "w", encoding="utf-8") as file:
        json.dump(order, file)
    family, _, preset = options.model.partition("-")
    subprocess.run(
        [options.train_dbm, "step", "--model", family, "--preset", preset or "clip",
         "--learning-rate", str(options.rate), "--set", f"precision={options.precision}", "--batch", path("batch.safetensors"),
         "--weights", path("weights.safetensors"), "--order", path("order.json"),
         "--out", path("ours.json"), "--trained", path("ours.safetensors")],
        check=True, stdout=subprocess.DEVNULL)
    per_video = {"features", "lengths", "labels", "descriptions"}
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01)
    losses = []
    for some in order:
        optimizer.zero_grad()
        part = {k: v[some] if k in per_video else v for k, v in train.items()}
        losses.append(model.backward(part, "tuned")["total"].item())
        optimizer.step()
    with open(path("ours.json"), encoding="utf-8") as file:
        ours = json.load(file)
    worst = max(abs(a - b) / abs(b) for a, b in zip(ours, losses))
    theirs = scores(model, test)
    model.load_state_dict(load_file(path("ours.safetensors")))
    mine = scores(model, test)
    chosen = numpy.arange(options.test)
    random = numpy.random.default_rng(seed)
    gaps = []
    for _ in range(500):
        again = random.choice(chosen, options.test)
        gaps.append(area(mine, truth, again) - area(theirs, truth, again))
    low, high = numpy.quantile(gaps, [0.025, 0.975])
    a, b = area(mine, truth, chosen), area(theirs, truth, chosen)
    level = [area(mine, truth, random.choice(chosen, options.test)) for _ in range(500)]
    print(f"{options.model}, signal {options.signal}, seed {seed}: AUC ours {a:.4f} "
          f"[{numpy.quantile(level, 0.025):.3f}, {numpy.quantile(level, 0.975):.3f}], PyTorch {b:.4f}, "
          f"difference {a - b:+.5f} [{low:+.5f}, {high:+.5f}]; losses to {losses[-1]:.3f}, "
          f"within {worst:.1e}", flush=True)
    return a, b


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--train-dbm", required=True)
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--signal", type=float, default=0.5)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32", help="of ours")
    for name, value in [("seeds", 3), ("videos", 128), ("test", 96), ("steps", 40), ("batch", 32),
                        ("threads", 2)]:
        parser.add_argument("--" + name, type=int, default=value)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    results = []
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            results.append(one(options, seed, folder))
    gaps = numpy.array([a - b for a, b in results])
    print(f"{options.model}, signal {options.signal}, {options.seeds} seeds: ours {numpy.mean([a for a, _ in results]):.4f}, "
          f"PyTorch {numpy.mean([b for _, b in results]):.4f}, mean difference {gaps.mean():+.5f}, "
          f"greatest {abs(gaps).max():.5f}")


main()
