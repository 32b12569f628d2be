"""Writes clipfusion.safetensors: two small ClipFusionVAD in PyTorch, written from a description
of the method alone, over the VadCLIP of make_vadclip.py.

Parameters, buffers and inputs are float32; everything else is computed from them in float64
and stored in float32. Keys, with <model> w8 (window 8, two layers) or w16 (window 16, three):

    input.features, input.lengths, input.labels (multi-hot, class 0 is normal)
    <model>.class_embeddings, <model>.parameter.<name>, <model>.buffer.<name>
    <model>.<variant>.logits, .class_logits                in evaluation mode
    <model>.<variant>.loss.binary, .alignment, .separation, .total       of a training step
    <model>.<variant>.gradient.<name>, .gradient.class_embeddings
    <model>.<variant>.buffer.<name>                        after that step's forward pass
    <model>.<variant>.curve [10]                           total losses of ten steps of AdamW
    <model>.<variant>.trained.<name>                       parameters and buffers after them

Variants: `ours` is padding as VadCLIP published it (padded rows take part everywhere, and the
raw logits weigh the visual prompt), but valid rows alone make the statistics of batch
normalisation. `published` counts padded rows there too: torch.nn.BatchNorm1d itself. `masked`
keeps padding out everywhere and weighs by sigmoids. `trap` is `published` in evaluation mode
from the fourth step of an epoch on: its ten steps change there, and its one step is after it.

Batch normalisation takes off what a bias before it adds, so the gradients of
gam.spatial_attention.0.bias and .3.bias are 0 but for rounding, where statistics are the
batch's.

Made with Python 3.11, torch 2.15.0, safetensors 0.8:
    python make_clipfusion.py
"""
import safetensors
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

from make_vadclip import CLASSES, D, LABELS, LENGTHS, T, VadCLIP, margin

MODELS = {"w8": (8, 2), "w16": (16, 3)}
VARIANTS = ("ours", "published", "masked", "trap")
STEPS, RATE, TRAP = 10, 1e-3, 3


def batch_norm(norm, x, keep, counts_padding):
    """x [B, T, C]; `keep` says which rows are valid."""
    if counts_padding or not norm.training:
        return norm(x.transpose(1, 2)).transpose(1, 2)
    rows = x[keep]
    mean, variance = rows.mean(0), rows.var(0, unbiased=False)
    y = (x - mean) / (variance + norm.eps).sqrt() * norm.weight + norm.bias
    # PyTorch's own on the valid rows: the same there, and it keeps the running statistics.
    assert (norm(rows) - y[keep]).abs().max() < 1e-10
    return y


class GAM(nn.Module):
    def __init__(self):
        super().__init__()
        self.channel_attention = nn.Sequential(nn.Linear(D, D // 4), nn.ReLU(), nn.Linear(D // 4, D))
        self.spatial_attention = nn.Sequential(
            nn.Conv1d(D, D // 4, 7, padding=3), nn.BatchNorm1d(D // 4), nn.ReLU(),
            nn.Conv1d(D // 4, D, 7, padding=3), nn.BatchNorm1d(D))

    def forward(self, x, keep, masked, counts_padding):
        inner, inner_norm, relu, outer, outer_norm = self.spatial_attention
        conv = lambda layer, y: layer(y.transpose(1, 2)).transpose(1, 2)
        x = x * torch.sigmoid(self.channel_attention(x))
        y = relu(batch_norm(inner_norm, conv(inner, x), keep, counts_padding))
        if masked:
            y = y * keep[..., None]
        return x * torch.sigmoid(batch_norm(outer_norm, conv(outer, y), keep, counts_padding))


class ClipFusion(VadCLIP):
    def __init__(self, window, layers):
        super().__init__(window, layers)
        self.gam = GAM()
        self.linear_a, self.linear_u = nn.Linear(D, D), nn.Linear(D, D)

    def forward(self, x, lengths, embeddings, masked, counts_padding):
        x, keep, cosines = self.trunk(x, lengths, masked)
        valid = keep.bool()
        x = self.gam(x, valid, masked, counts_padding)
        p, q = F.normalize(self.linear_a(x), dim=-1), F.normalize(self.linear_u(x), dim=-1)
        if masked:
            p, q = p * keep[..., None], q * keep[..., None]
        logits = self.classifier(x + self.mlp2(p + q)).squeeze(-1)
        weights = torch.sigmoid(logits) * keep if masked else logits
        prompt = F.normalize(torch.einsum("bt,btd->bd", weights, q), dim=-1)
        text = F.normalize(embeddings, dim=-1)[None] + prompt[:, None]
        text = text + self.mlp1(text)
        classes = F.normalize(p, dim=-1) @ F.normalize(text, dim=-1).transpose(1, 2) / 0.07
        return logits, classes, cosines


def run(model, x, labels, embeddings, variant, number):
    """The terms of step `number` of an epoch, and the margins."""
    model.train(not (variant == "trap" and number >= TRAP))
    logits, classes, cosines = model(
        x, LENGTHS, embeddings, variant == "masked", variant in ("published", "trap"))
    values = model.terms(logits, classes, LENGTHS, labels, embeddings)
    return values, {
        "scores": margin(torch.sigmoid(logits), LENGTHS), "classes": margin(classes, LENGTHS),
        "threshold": (cosines - 0.7).abs().min().item()}


def variant_tensors(model, x, labels, embeddings, variant):
    """The tensors of one variant, or None where a margin is too small; changes the model."""
    out = {}
    model.eval()
    with torch.no_grad():
        logits, classes, cosines = model(x, LENGTHS, embeddings, variant == "masked", True)
    above = (cosines > 0.7).double().mean().item()
    if not 0.1 < above < 0.9:
        return None
    out |= {"logits": logits, "class_logits": classes}
    start = {k: v.clone() for k, v in model.state_dict().items()}
    t = embeddings.clone().requires_grad_(True)
    values, margins = run(model, x, labels, t, variant, TRAP)
    if min(margins["scores"], margins["classes"]) <= 1e-3 or margins["threshold"] <= 1e-4:
        return None
    values["loss.total"].backward()
    out |= {k: v.detach() for k, v in values.items()
            if k.startswith("loss") and k != "loss.separation_sum"}
    out["gradient.class_embeddings"] = t.grad
    out |= {f"gradient.{k}": p.grad for k, p in model.named_parameters() if p.grad is not None}
    out |= {f"buffer.{k}": b.double() for k, b in model.named_buffers()}
    report = (variant, margins, f"above 0.7: {above:.2f}",
              {k: round(v.item(), 4) for k, v in values.items() if k.startswith("loss")})
    out = {k: v.clone() for k, v in out.items()}

    model.load_state_dict(start)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    curve = []
    for number in range(STEPS):
        values, margins = run(model, x, labels, embeddings, variant, number)
        if min(margins.values()) <= 1e-5:
            return None
        optimizer.zero_grad()
        values["loss.total"].backward()
        optimizer.step()
        curve.append(values["loss.total"].item())
    out["curve"] = torch.tensor(curve)
    out |= {f"trained.{k}": v.detach().clone() for k, v in model.state_dict().items()}
    return out, report + (f"{curve[0]:.4f} to {curve[-1]:.4f}",)


def make(seed):
    """The tensors of a seed and lines on them, or None where a margin is too small."""
    report = []
    torch.manual_seed(seed)
    # Each video keeps to a direction of its own, so that some cosines exceed 0.7.
    x = torch.randn(4, T, D) + 1.5 * torch.randn(4, 1, D)
    for row, n in zip(x, LENGTHS):
        row[n:] = 0
    labels = torch.zeros(4, CLASSES)
    for row, some in zip(labels, LABELS):
        row[some] = 1
    out = {"input.features": x, "input.lengths": torch.tensor(LENGTHS), "input.labels": labels}
    for name, (window, layers) in MODELS.items():
        model = ClipFusion(window, layers)
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if key == "disAdj.sigma":
                    continue
                nn.init.normal_(parameter, std=0.3)
                if key.endswith(("ln_1.weight", "ln_2.weight", "attention.1.weight", "attention.4.weight")):
                    parameter += 1
                if key.startswith("classifier"):
                    parameter *= 3
            for key, buffer in model.named_buffers():
                if key.endswith("mean"):
                    nn.init.normal_(buffer, std=0.3)
                elif key.endswith("var"):
                    buffer.uniform_(0.5, 1.5)
                else:
                    buffer.fill_(7)
        embeddings = torch.randn(CLASSES, D)
        out[f"{name}.class_embeddings"] = embeddings
        out |= {f"{name}.parameter.{k}": p.detach().clone() for k, p in model.named_parameters()}
        out |= {f"{name}.buffer.{k}": b.detach().float() for k, b in model.named_buffers()}
        start = {k: v.clone() for k, v in model.double().state_dict().items()}
        for variant in VARIANTS:
            model.load_state_dict(start)
            model.zero_grad()
            made = variant_tensors(
                model, x.double(), labels.double(), embeddings.double(), variant)
            if made is None:
                return None
            out |= {f"{name}.{variant}.{k}": v for k, v in made[0].items()}
            report.append((name,) + made[1])
    return out, report


def main():
    seed = 0
    while (made := make(seed)) is None:
        seed += 1
    out, report = made
    save_file(
        {k: (v if k == "input.lengths" else v.float()).contiguous() for k, v in out.items()},
        "clipfusion.safetensors",
        metadata={"made": f"make_clipfusion.py, seed {seed}, torch {torch.__version__}, "
                  f"safetensors {safetensors.__version__}"})
    for line in report:
        print(*line)
    print("seed", seed, len(out), "tensors")


if __name__ == "__main__":
    main()
