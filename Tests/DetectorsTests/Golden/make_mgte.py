"""Writes mgte.safetensors: two small MGTE in PyTorch, written from the methods alone.

Parameters and inputs are float32; logits, losses, gradients and ten steps of AdamW are
computed from them in float64. Keys, with <model> ucf (window 8, two layers, the normal
text parted by 0.1) or xd (window 16, one layer, 1e-4):

    input.features, .lengths, .labels (multi-hot, class 0 is normal), .descriptions
    input.described (rows of the batch that the descriptions belong to)
    <model>.class_embeddings, <model>.parameter.<name>
    <model>.<variant>.logits, .class_logits
    <model>.<variant>.loss.binary, .label, .separation, .description, .total
    <model>.<variant>.gradient.<name>, .gradient.class_embeddings
    <model>.full.curve, <model>.full.stepped.<name> (ten steps of AdamW, rate 0.01)

Variants: full is the model as reconstructed. no-temporal, no-label and no-description
leave one module out; what a variant does not name it does not have. soft has targets by
the likeness of the descriptions, masked takes near duplicates out (two of the
descriptions are), adapters puts a network with a skip on both sides of the description
loss. leak is VadCLIP as published: padded rows take part, and the video vector is weighed
by raw logits.

Made with Python 3.11, torch 2.15.0, safetensors 0.8:
    python make_mgte.py
It ends with the number of parameters at 512 (14 and 7 classes, learned prompts of 77 rows).
"""
import math

import safetensors
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

VISUAL, TEXT, D, T, CLASSES = 6, 5, 8, 20, 5
LENGTHS = [20, 7, 13, 1]
LABELS = [[2], [0], [1, 3], [4]]
DESCRIBED = [0, 2, 3]
TEMPERATURE = 0.07
MODELS = {"ucf": (8, 2, 0.1), "xd": (16, 1, 1e-4)}
# Those of xd are projected to D.
LABEL_WIDTHS = {"ucf": D, "xd": 7}
VARIANTS = {
    "full": {}, "no-temporal": {"temporal": False}, "no-label": {"label": False},
    "no-description": {"description": False}, "soft": {"targets": "soft"},
    "masked": {"targets": "masked"}, "adapters": {"adapters": True}, "leak": {"leak": True},
}


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


class FFN(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.c_fc, self.c_proj = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        return self.c_proj(quick_gelu(self.c_fc(x)))


class Attention(nn.Module):
    """One head; each row sees the valid rows of its own window."""

    def __init__(self, d):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * d, d))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * d))
        self.out_proj = nn.Linear(d, d)

    def forward(self, x, window, seen):
        d = x.shape[-1]
        q, k, v = (x @ self.in_proj_weight.T + self.in_proj_bias).split(d, -1)
        place = torch.arange(x.shape[1]) // window
        near = (place[:, None] == place[None])[None] & seen[:, None, :]
        scores = (q @ k.transpose(1, 2) / math.sqrt(d)).exp() * near
        total = scores.sum(-1, keepdim=True)
        # A window without a valid row gives 0.
        return self.out_proj((scores @ v) / torch.where(total > 0, total, torch.ones_like(total)))


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.attn = Attention(d)
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mlp = FFN(d)

    def forward(self, x, window, seen):
        x = x + self.attn(self.ln_1(x), window, seen)
        return x + self.mlp(self.ln_2(x))


class GraphConvolution(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(m, n))
        self.residual = nn.Conv1d(n, m, 5, padding=2) if n != m else None

    def forward(self, x, adjacency):
        r = x if self.residual is None else self.residual(x.transpose(1, 2)).transpose(1, 2)
        return quick_gelu(adjacency @ (x @ self.weight.T) + r)


class Transformer(nn.Module):
    def __init__(self, d, layers):
        super().__init__()
        self.resblocks = nn.ModuleList([Block(d) for _ in range(layers)])


class Adapters(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.visual, self.text = FFN(d), FFN(d)


class MGTE(nn.Module):
    def __init__(self, window, layers, separation, widths, d=D, steps=T, **variant):
        super().__init__()
        visual, text, label = widths
        self.window, self.separation, self.leak = window, separation, variant.get("leak", False)
        self.has_temporal = variant.get("temporal", True)
        self.has_label = variant.get("label", True)
        self.has_description = variant.get("description", True)
        self.targets = variant.get("targets", "identity")
        if visual != d:
            self.input_projection = nn.Linear(visual, d)
        if self.has_temporal:
            self.frame_position_embeddings = nn.Embedding(steps, d)
            self.temporal = Transformer(d, layers)
            self.gc1, self.gc2 = GraphConvolution(d, d // 2), GraphConvolution(d // 2, d // 2)
            self.gc3, self.gc4 = GraphConvolution(d, d // 2), GraphConvolution(d // 2, d // 2)
            self.linear = nn.Linear(d, d)
        self.mlp2, self.classifier = FFN(d), nn.Linear(d, 1)
        if self.has_label:
            self.mlp1 = FFN(d)
            if label != d:
                self.label_projection = nn.Linear(label, d)
        if self.has_description:
            if text != d:
                self.description_projection = nn.Linear(text, d)
            if variant.get("adapters", False):
                self.description_adapters = Adapters(d)

    def enhanced(self, x, lengths, valid):
        """The temporal enhanced module; also the cosines that its graph compares with 0.7."""
        mask = (lambda y: y) if self.leak else (lambda y: y * valid[..., None])
        if hasattr(self, "input_projection"):
            x = mask(self.input_projection(x))
        if not self.has_temporal:
            return x, []
        x = mask(x + self.frame_position_embeddings.weight[:x.shape[1]])
        seen = torch.ones_like(valid, dtype=torch.bool) if self.leak else valid.bool()
        for block in self.temporal.resblocks:
            x = mask(block(x, self.window, seen))
        near, cosines = torch.zeros(*x.shape[:2], x.shape[1], dtype=x.dtype), []
        for row, n in enumerate(lengths):
            s = F.cosine_similarity(x[row, :n, None], x[row, None, :n], dim=-1)
            cosines += s[~torch.eye(n, dtype=torch.bool)].tolist()
            near[row, :n, :n] = torch.softmax(s * (s > 0.7), -1)
        steps = torch.arange(x.shape[1], dtype=x.dtype)
        far = torch.exp(-(steps[:, None] - steps[None]).abs() / math.e)
        p = mask(self.gc2(mask(self.gc1(x, near)), near))
        q = mask(self.gc4(mask(self.gc3(x, far)), far))
        return mask(self.linear(torch.cat([p, q], -1))), cosines

    def forward(self, x, lengths, embeddings):
        valid = (torch.arange(x.shape[1])[None] < torch.tensor(lengths)[:, None]).to(x.dtype)
        x, cosines = self.enhanced(x, lengths, valid)
        logits = self.classifier(x + self.mlp2(x))[..., 0]
        weights = logits if self.leak else torch.sigmoid(logits) * valid
        video = F.normalize((weights[..., None] * x).sum(1), dim=-1)
        if not self.has_label:
            return logits, None, video, None, cosines
        t = embeddings
        if hasattr(self, "label_projection"):
            t = self.label_projection(t)
        joined = t[None] + video[:, None]
        texts = joined + self.mlp1(joined)
        classes = F.cosine_similarity(x[:, :, None], texts[:, None], dim=-1) / TEMPERATURE
        return logits, classes, video, t, cosines

    def description_loss(self, video, raw):
        unit = F.normalize(raw, dim=-1)
        text = self.description_projection(unit) if hasattr(self, "description_projection") else unit
        if hasattr(self, "description_adapters"):
            video = video + self.description_adapters.visual(video)
            text = text + self.description_adapters.text(text)
        similarity = F.normalize(video, dim=-1) @ F.normalize(text, dim=-1).T / TEMPERATURE
        likeness = unit @ unit.T
        same = torch.eye(len(raw), dtype=raw.dtype)
        wanted = (likeness / TEMPERATURE).softmax(-1) if self.targets == "soft" else same
        if self.targets == "masked":
            similarity = similarity.masked_fill((likeness > 0.95) & (same == 0), -math.inf)
            # 0 times minus infinity is no part of the sum.
            rows = -similarity.log_softmax(-1).diagonal().mean()
            return (rows - similarity.T.log_softmax(-1).diagonal().mean()) / 2
        return (F.cross_entropy(similarity, wanted) + F.cross_entropy(similarity.T, wanted)) / 2

    def losses(self, batch, embeddings):
        """The loss terms, the outputs, and cosines near the graph's threshold."""
        lengths, labels = LENGTHS, batch["labels"]
        logits, classes, video, t, cosines = self(batch["features"], lengths, embeddings)
        scores = torch.sigmoid(logits)
        losses = {"binary": F.binary_cross_entropy(top_means(scores, lengths), 1 - labels[:, 0])}
        total = losses["binary"]
        if self.has_label:
            shares = labels / labels.sum(1, keepdim=True)
            pooled = top_means(classes, lengths)
            losses["label"] = -(shares * pooled.log_softmax(1)).sum(1).mean()
            unit = F.normalize(t, dim=-1)
            losses["separation"] = (unit[1:] @ unit[0]).abs().mean()
            total = total + losses["label"] + self.separation * losses["separation"]
        if self.has_description:
            losses["description"] = self.description_loss(video[DESCRIBED], batch["descriptions"])
            total = total + losses["description"]
        losses["total"] = total
        return losses, logits, classes, cosines


def top_means(z, lengths):
    return torch.stack([row[:n].topk(n // 16 + 1, dim=0).values.mean(0)
                        for row, n in zip(z, lengths)])


def margin(z, lengths):
    """How far the last of the top k is above the next."""
    least = math.inf
    for row, n in zip(z.detach(), lengths):
        k = n // 16 + 1
        if n > k:
            ordered = row[:n].sort(dim=0, descending=True).values
            least = min(least, (ordered[k - 1] - ordered[k]).min().item())
    return least


def draw(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            nn.init.normal_(parameter, std=0.3)
            if name.endswith(("ln_1.weight", "ln_2.weight")):
                parameter += 1


def stepped(model, batch, embeddings):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    curve = []
    for _ in range(10):
        optimizer.zero_grad()
        total = model.losses(batch, embeddings)[0]["total"]
        curve.append(total.item())
        total.backward()
        optimizer.step()
    return torch.tensor(curve, dtype=torch.float64)


def make(seed):
    """The tensors of a seed and lines on them; None where a choice hangs on rounding."""
    torch.manual_seed(seed)
    # Each video keeps to a direction of its own, so that some cosines exceed 0.7.
    x = torch.randn(4, T, VISUAL) + 1.5 * torch.randn(4, 1, VISUAL)
    labels = torch.zeros(4, CLASSES)
    for row, (n, some) in enumerate(zip(LENGTHS, LABELS)):
        x[row, n:] = 0
        labels[row, some] = 1
    descriptions = 3 * torch.randn(len(DESCRIBED), TEXT)
    # Nearly the text of the first one, by another length.
    descriptions[2] = 2 * descriptions[0] + 0.2 * torch.randn(TEXT)
    batch = {"features": x, "labels": labels, "descriptions": descriptions}
    wide = {k: v.double() for k, v in batch.items()}
    out = {"input." + k: v for k, v in batch.items()}
    out |= {"input.lengths": torch.tensor(LENGTHS), "input.described": torch.tensor(DESCRIBED)}
    report = []
    for name, sizes in MODELS.items():
        widths = VISUAL, TEXT, LABEL_WIDTHS[name]
        most = MGTE(*sizes, widths, adapters=True)
        draw(most)
        state = most.state_dict()
        embeddings = torch.randn(CLASSES, widths[2])
        out[name + ".class_embeddings"] = embeddings
        out |= {f"{name}.parameter.{k}": v.clone() for k, v in state.items()}
        for variant, options in VARIANTS.items():
            model = MGTE(*sizes, widths, **options)
            model.load_state_dict({k: state[k] for k in model.state_dict()})
            model.double()
            t = embeddings.double().requires_grad_()
            losses, logits, classes, cosines = model.losses(wide, t)
            least = [margin(torch.sigmoid(logits), LENGTHS)]
            least += [margin(classes, LENGTHS)] if classes is not None else []
            near = min((abs(c - 0.7) for c in cosines), default=1)
            above = sum(c > 0.7 for c in cosines) / max(1, len(cosines))
            if min(least) < 1e-4 or near < 1e-5 or (cosines and not 0.1 < above < 0.9):
                return None
            losses["total"].backward()
            prefix = f"{name}.{variant}."
            out[prefix + "logits"] = logits.detach()
            if classes is not None:
                out[prefix + "class_logits"] = classes.detach()
                out[prefix + "gradient.class_embeddings"] = t.grad
            out |= {prefix + "loss." + k: v.detach() for k, v in losses.items()}
            out |= {f"{prefix}gradient.{k}": p.grad.clone() for k, p in model.named_parameters()}
            report.append(f"{name} {variant}: " + ", ".join(
                f"{k} {v.item():.4f}" for k, v in losses.items()) + f"; above 0.7: {above:.2f}")
            if variant == "full":
                out[prefix + "curve"] = stepped(model, wide, embeddings.double())
                out |= {f"{prefix}stepped.{k}": p.detach() for k, p in model.named_parameters()}
    likeness = F.cosine_similarity(descriptions[0], descriptions[2], dim=0)
    if not 0.96 < likeness < 0.999:
        return None
    return out, report


def main():
    torch.set_num_threads(1)
    seed = 0
    while (made := make(seed)) is None:
        seed += 1
    out, report = made
    # Single precision holds what is compared to 1e-6.
    out = {k: (v.float() if v.is_floating_point() else v).contiguous() for k, v in out.items()}
    save_file(out, "mgte.safetensors", metadata={
        "made": f"make_mgte.py, seed {seed}, torch {torch.__version__}, "
                f"safetensors {safetensors.__version__}"})
    print(*report, f"seed {seed}, {len(out)} tensors", sep="\n")
    for name, sizes in {"ucf": (8, 2, 0.1), "xd": (64, 1, 1e-4)}.items():
        for variant in ("full", "no-temporal", "no-label", "no-description", "adapters"):
            model = MGTE(*sizes, (512, 512, 512), d=512, steps=256, **VARIANTS[variant])
            prompt = 77 * 512 if model.has_label else 0
            count = sum(p.numel() for p in model.parameters())
            print(f"{name} {variant}: {count + prompt} parameters")


main()
