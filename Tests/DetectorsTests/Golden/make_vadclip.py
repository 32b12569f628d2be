"""Writes vadclip.safetensors: two small VadCLIP in PyTorch, written from methods alone.

Parameters and inputs are float32; logits, losses and gradients are computed from
them in float64. Keys, with <model> w8 (window 8, two layers) or w16 (window 16, one):

    input.features, input.lengths, input.labels (multi-hot, class 0 is normal)
    <model>.class_embeddings, <model>.parameter.<name>
    <model>.<variant>.logits, .class_logits, .pooled, .class_pooled
    <model>.<variant>.loss.binary, .alignment, .separation, .separation_sum, .total
    <model>.<variant>.gradient.<name>, .gradient.class_embeddings

Variants: leak is VadCLIP as published, where padded rows take part in windows, in the
distance graph, in the residual convolutions and, with the raw logits, in the visual
prompt. masked sets padded rows to 0 after each part, leaves their keys out and weighs
the visual prompt with the sigmoids of the valid rows.

Names are the publication's, but gc1 to gc4 `.weight` are [out, in] here, for x Wᵀ;
the publication stores [in, out]. A length that the window does not divide has a
shorter last window. disAdj.sigma is unused and has no gradient.

Made with Python 3.11, torch 2.15.0, safetensors 0.8:
    python make_vadclip.py
"""
import math

import safetensors
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

D, T, CLASSES = 8, 20, 5
LENGTHS = [20, 7, 13, 1]
LABELS = [[2], [0], [1, 3], [4]]
MODELS = {"w8": (8, 2), "w16": (16, 1)}
SEPARATION = 0.1


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class FFN(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc = nn.Linear(D, 4 * D)
        self.c_proj = nn.Linear(4 * D, D)
        self.act = QuickGELU()

    def forward(self, x):
        return self.c_proj(self.act(self.c_fc(x)))


class Attention(nn.Module):
    """One head within windows, by explicit loops: nothing is left to a mask's details."""

    def __init__(self):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * D, D))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * D))
        self.out_proj = nn.Linear(D, D)

    def forward(self, x, window, keys):
        q, k, v = (x @ self.in_proj_weight.T + self.in_proj_bias).split(D, -1)
        rows = []
        for b, n in enumerate(keys):
            for start in range(0, T, window):
                end = min(start + window, T)
                last = min(end, n)
                if last <= start:
                    rows.append(x.new_zeros(end - start, D))
                    continue
                scores = q[b, start:end] @ k[b, start:last].T / math.sqrt(D)
                rows.append(scores.softmax(-1) @ v[b, start:last])
        return self.out_proj(torch.cat(rows).view(x.shape))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = Attention()
        self.ln_1, self.ln_2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.mlp = FFN()

    def forward(self, x, window, keys):
        x = x + self.attn(self.ln_1(x), window, keys)
        return x + self.mlp(self.ln_2(x))


class GraphConvolution(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(m, n))
        self.residual = nn.Conv1d(n, m, 5, padding=2) if n != m else None
        self.act = QuickGELU()

    def forward(self, x, adjacency):
        r = x if self.residual is None else self.residual(x.transpose(1, 2)).transpose(1, 2)
        return self.act(adjacency @ (x @ self.weight.T) + r)


class Distance(nn.Module):
    def __init__(self):
        super().__init__()
        self.sigma = nn.Parameter(torch.ones(1))


class Temporal(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.resblocks = nn.ModuleList([Block() for _ in range(layers)])


class VadCLIP(nn.Module):
    def __init__(self, window, layers):
        super().__init__()
        self.window = window
        self.frame_position_embeddings = nn.Embedding(T, D)
        self.temporal = Temporal(layers)
        self.gc1, self.gc2 = GraphConvolution(D, D // 2), GraphConvolution(D // 2, D // 2)
        self.gc3, self.gc4 = GraphConvolution(D, D // 2), GraphConvolution(D // 2, D // 2)
        self.disAdj = Distance()
        self.linear = nn.Linear(D, D)
        self.mlp1, self.mlp2 = FFN(), FFN()
        self.classifier = nn.Linear(D, 1)

    def trunk(self, x, lengths, masked):
        """X [B, T, D], which rows are valid, and the cosines of valid rows."""
        keep = (torch.arange(T)[None] < torch.tensor(lengths)[:, None]).to(x.dtype)
        mask = (lambda y: y * keep[..., None]) if masked else (lambda y: y)
        x = mask(x + self.frame_position_embeddings.weight)
        for block in self.temporal.resblocks:
            x = mask(block(x, self.window, lengths if masked else [T] * len(lengths)))

        unit = F.normalize(x, dim=-1)
        similarity = torch.zeros(len(lengths), T, T, dtype=x.dtype)
        cosines = []
        for b, n in enumerate(lengths):
            s = unit[b, :n] @ unit[b, :n].T
            cosines.append(s[~torch.eye(n, dtype=torch.bool)].detach())
            similarity[b, :n, :n] = torch.where(s > 0.7, s, torch.zeros_like(s)).softmax(-1)
        steps = torch.arange(T, dtype=x.dtype)
        distance = torch.exp(-(steps[:, None] - steps[None]).abs() / math.e)
        u = mask(self.gc2(mask(self.gc1(x, similarity)), similarity))
        v = mask(self.gc4(mask(self.gc3(x, distance)), distance))
        return mask(self.linear(torch.cat([u, v], -1))), keep, torch.cat(cosines)

    def forward(self, x, lengths, embeddings, masked):
        """Logits [B, T], class logits [B, T, C] and the cosines of valid rows."""
        x, keep, cosines = self.trunk(x, lengths, masked)
        logits = self.classifier(x + self.mlp2(x)).squeeze(-1)
        weights = torch.sigmoid(logits) * keep if masked else logits
        prompt = F.normalize(torch.einsum("bt,btd->bd", weights, x), dim=-1)
        text = embeddings[None] + prompt[:, None]
        text = text + self.mlp1(text)
        classes = F.normalize(x, dim=-1) @ F.normalize(text, dim=-1).transpose(1, 2) / 0.07
        return logits, classes, cosines

    def losses(self, x, lengths, labels, embeddings, masked):
        logits, classes, cosines = self(x, lengths, embeddings, masked)
        return self.terms(logits, classes, lengths, labels, embeddings), cosines

    def terms(self, logits, classes, lengths, labels, embeddings):
        top = lambda z, n: z[:n].topk(n // 16 + 1, dim=0).values.mean(0)
        scores = torch.sigmoid(logits)
        out = {
            "logits": logits, "class_logits": classes,
            "pooled": torch.stack([top(z, n) for z, n in zip(scores, lengths)]),
            "class_pooled": torch.stack([top(z, n) for z, n in zip(classes, lengths)]),
        }
        binary = F.binary_cross_entropy(out["pooled"], 1 - labels[:, 0])
        shares = labels / labels.sum(1, keepdim=True)
        alignment = -(shares * out["class_pooled"].log_softmax(1)).sum(1).mean()
        unit = F.normalize(embeddings, dim=-1)
        total = (unit[1:] @ unit[0]).abs().sum()
        separation = total / (len(embeddings) - 1)
        out |= {
            "loss.binary": binary, "loss.alignment": alignment, "loss.separation": separation,
            "loss.separation_sum": total,
            "loss.total": binary + alignment + SEPARATION * separation,
        }
        return out


def margin(z, lengths):
    """The least distance of the last row that counts to the first that does not."""
    least = math.inf
    for row, n in zip(z.detach(), lengths):
        k = n // 16 + 1
        if n > k:
            ordered = row[:n].sort(dim=0, descending=True).values
            least = min(least, (ordered[k - 1] - ordered[k]).min().item())
    return least


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
    for model_name, (window, layers) in MODELS.items():
        model = VadCLIP(window, layers)
        for name, parameter in model.named_parameters():
            with torch.no_grad():
                if name == "disAdj.sigma":
                    continue
                nn.init.normal_(parameter, std=0.3)
                if name.endswith(("ln_1.weight", "ln_2.weight")):
                    parameter += 1
                if name.startswith("classifier"):
                    parameter *= 3
        embeddings = torch.randn(CLASSES, D)
        out[f"{model_name}.class_embeddings"] = embeddings
        for name, parameter in model.named_parameters():
            out[f"{model_name}.parameter.{name}"] = parameter.detach().clone()
        model.double()
        for variant in ("leak", "masked"):
            model.zero_grad()
            t = embeddings.double().requires_grad_(True)
            values, cosines = model.losses(x.double(), LENGTHS, labels.double(), t, variant == "masked")
            margins = {
                "scores": margin(torch.sigmoid(values["logits"]), LENGTHS),
                "classes": margin(values["class_logits"], LENGTHS),
                "threshold": (cosines - 0.7).abs().min().item(),
            }
            if min(margins["scores"], margins["classes"]) <= 1e-3 or margins["threshold"] <= 1e-4:
                return None
            above = (cosines > 0.7).double().mean().item()
            if not 0.1 < above < 0.9:
                return None
            report.append((model_name, variant, margins, f"above 0.7: {above:.2f}", {
                k: round(v.item(), 4) for k, v in values.items() if k.startswith("loss")}))
            values["loss.total"].backward()
            prefix = f"{model_name}.{variant}."
            out |= {prefix + k: v.detach().clone() for k, v in values.items()}
            out[prefix + "gradient.class_embeddings"] = t.grad
            for name, parameter in model.named_parameters():
                if parameter.grad is not None:
                    out[f"{prefix}gradient.{name}"] = parameter.grad.clone()
    return out, report


def main():
    seed = 0
    while (made := make(seed)) is None:
        seed += 1
    out, report = made
    save_file(
        {k: v.contiguous() for k, v in out.items()}, "vadclip.safetensors",
        metadata={"made": f"make_vadclip.py, seed {seed}, torch {torch.__version__}, "
                  f"safetensors {safetensors.__version__}"})
    for line in report:
        print(*line)
    print("seed", seed, len(out), "tensors")


if __name__ == "__main__":
    main()
