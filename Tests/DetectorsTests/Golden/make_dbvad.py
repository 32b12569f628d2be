"""Writes dbvad.safetensors: a small DBVAD in PyTorch, written from methods alone.

Parameters and inputs are float32; logits, losses and gradients are computed from
them in float64; the ten-step AdamW loss curve is float32. One model of the
default configuration with every gradient by name, and the losses of variants.

Made with Python 3.11, torch 2.13.0, numpy 2.4, safetensors 0.8:
    python make_dbvad.py
"""
import copy
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

VISUAL, TEXT, LABEL, D, CLASSES, T = 6, 5, 4, 8, 3, 20
LENGTHS = [20, 17, 9, 3]


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class FFN(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.c_fc = nn.Linear(d, 4 * d)
        self.c_proj = nn.Linear(4 * d, d)
        self.act = QuickGELU()

    def forward(self, x):
        return self.c_proj(self.act(self.c_fc(x)))


class Stage(nn.Module):
    def __init__(self, k, dilation):
        super().__init__()
        self.conv = nn.Conv1d(D, D, k, padding=(k // 2) * dilation, dilation=dilation)
        self.norm = nn.LayerNorm(D)
        self.act = QuickGELU()

    def forward(self, x):
        return self.act(self.norm(self.conv(x.transpose(1, 2)).transpose(1, 2)))


class GraphConvolution(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(m, n))
        nn.init.xavier_uniform_(self.weight)
        self.residual = nn.Conv1d(n, m, 5, padding=2) if n != m else None
        self.act = QuickGELU()

    def forward(self, x, adjacency):
        r = x if self.residual is None else self.residual(x.transpose(1, 2)).transpose(1, 2)
        return self.act(adjacency @ (x @ self.weight.T) + r)


class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        pair = lambda: nn.ModuleList([GraphConvolution(D, D // 2), GraphConvolution(D // 2, D // 2)])
        self.similarity, self.distance = pair(), pair()

    def forward(self, x, lengths, mask):
        b, t, _ = x.shape
        norm = x.norm(dim=-1, keepdim=True).clamp_min(1e-12)
        s = (x / norm) @ (x / norm).transpose(1, 2)
        s = torch.where(s > 0.7, s, torch.zeros_like(s))
        a1 = torch.zeros_like(s)
        for i, n in enumerate(lengths):
            a1[i, :n, :n] = s[i, :n, :n].softmax(-1)
        steps = torch.arange(t, dtype=x.dtype)
        a2 = torch.exp(-(steps[:, None] - steps[None]).abs() / math.e).expand(b, t, t)
        u = v = x
        for layer in self.similarity:
            u = mask(layer(u, a1))
        for layer in self.distance:
            v = mask(layer(v, a2))
        return torch.cat([u, v], -1)


class Temporal(nn.Module):
    def __init__(self, variant):
        super().__init__()
        self.variant = variant
        if variant in ("ptc", "multi", "ptc+gcn"):
            self.progressive = nn.ModuleList([Stage(3, d) for d in (1, 2, 4)])
        if variant in ("gcn", "ptc+gcn"):
            self.graph = Graph()
            self.fusion = nn.Linear(2 * D if variant == "ptc+gcn" else D, D)

    def forward(self, x, lengths, mask):
        if self.variant == "none":
            return x
        branches = []
        if hasattr(self, "progressive"):
            y = x
            for stage in self.progressive:
                y = mask(y + stage(x if self.variant == "multi" else y))
            branches.append(y)
        if hasattr(self, "graph"):
            branches.append(self.graph(x, lengths, mask))
        joined = torch.cat(branches, -1)
        return mask(self.fusion(joined)) if hasattr(self, "fusion") else joined


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = FFN(D)
        self.output = nn.Linear(D, 1)

    def forward(self, x):
        return self.output(x + self.mlp(x)).squeeze(-1)


class SFP(nn.Module):
    def __init__(self):
        super().__init__()
        self.ffn = FFN(D)

    def forward(self, a, t):
        return a + self.ffn(a + t)


class DBM(nn.Module):
    def __init__(self):
        super().__init__()
        self.visual, self.text = FFN(D), FFN(D)


class DBVAD(nn.Module):
    def __init__(self, temporal="ptc+gcn", leak=False, raw=False, soft=False):
        super().__init__()
        self.leak, self.raw, self.soft = leak, raw, soft
        self.input_projection = nn.Linear(VISUAL, D)
        self.temporal = Temporal(temporal)
        self.classifier = Classifier()
        self.label_projection = nn.Linear(LABEL, D)
        self.semantic_focus = SFP()
        self.description_projection = nn.Linear(TEXT, D)
        self.description_boost = DBM()

    def forward(self, x, lengths):
        keep = (torch.arange(x.shape[1])[None] < torch.tensor(lengths)[:, None]).to(x.dtype)
        mask = (lambda y: y) if self.leak else (lambda y: y * keep[..., None])
        x = self.temporal(mask(self.input_projection(x)), lengths, mask)
        return x, self.classifier(x), keep

    def losses(self, x, lengths, y, labels, shares, e):
        x, logits, keep = self(x, lengths)
        p = torch.sigmoid(logits)
        pooled = torch.stack([
            p[i, :n].topk(n // 16 + 1).values.mean() for i, n in enumerate(lengths)])
        bce = F.binary_cross_entropy(pooled, y)
        w = logits if self.raw else p * keep
        a = F.normalize(torch.einsum("bt,btd->bd", w, x), dim=-1)
        t = shares @ self.label_projection(F.normalize(labels, dim=-1))
        z = self.semantic_focus(a, t)
        unit = F.normalize(e, dim=-1)
        d0 = self.description_projection(unit)
        u = F.normalize(z + self.description_boost.visual(z), dim=-1)
        d = F.normalize(d0 + self.description_boost.text(d0), dim=-1)
        similarity = u @ d.T / 0.07
        target = (unit @ unit.T / 0.07).softmax(-1) if self.soft else torch.eye(len(e), dtype=e.dtype)
        db = 0.5 * (F.cross_entropy(similarity, target) + F.cross_entropy(similarity.T, target))
        return bce + 0.5 * db, bce, db, logits


def main():
    torch.manual_seed(0)
    x = torch.randn(4, T, VISUAL)
    for i, n in enumerate(LENGTHS):
        x[i, n:] = 0
    y = torch.tensor([0.0, 1.0, 1.0, 0.0])
    labels = torch.randn(CLASSES, LABEL)
    # Classes 0; 1; 1 and 2 (a video with two labels); 0.
    shares = torch.tensor([[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5], [1, 0, 0]])
    e = torch.randn(4, TEXT) * 3
    out = {"input.features": x, "input.targets": y, "input.labels": labels, "input.descriptions": e}

    variants = {
        "default": {}, "leak": {"leak": True}, "raw": {"raw": True}, "soft": {"soft": True},
        "none": {"temporal": "none"}, "gcn": {"temporal": "gcn"}, "ptc": {"temporal": "ptc"},
        "multi": {"temporal": "multi"},
    }
    base = DBVAD()
    for name, parameter in base.named_parameters():
        out["parameter." + name] = parameter.detach().clone()
    single = DBVAD(temporal="gcn")  # its fusion has another shape
    out["gcn.temporal.fusion.weight"] = single.temporal.fusion.weight.detach().clone()
    for name, options in variants.items():
        model = DBVAD(**options)
        state = {k: v for k, v in base.state_dict().items() if k in model.state_dict()}
        if name == "gcn":
            state["temporal.fusion.weight"] = out["gcn.temporal.fusion.weight"]
        model.load_state_dict(state)
        model.double()
        wide = [t.double() for t in (x, y, labels, shares, e)]
        total, bce, db, logits = model.losses(wide[0], LENGTHS, *wide[1:])
        out[f"{name}.losses"] = torch.stack([total, bce, db]).detach()
        out[f"{name}.logits"] = logits.detach().clone()
        if name == "default":
            total.backward()
            for key, parameter in model.named_parameters():
                out["gradient." + key] = parameter.grad.clone()

    model = copy.deepcopy(base)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    curve = []
    for _ in range(10):
        total = model.losses(x, LENGTHS, y, labels, shares, e)[0]
        curve.append(total.item())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    out["curve"] = torch.tensor(curve)
    save_file({k: v.contiguous() for k, v in out.items()}, "dbvad.safetensors")
    print("losses", out["default.losses"].tolist(), "curve", curve)


main()
