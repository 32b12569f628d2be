"""PyTorch twins of DBVAD, VadCLIP, MGTE and ClipFusionVAD at real size, and a training step's time.

    python train_twins.py --model MODEL --form default|tuned
        [--batch 128] [--steps 3] [--threads 2] [--lengths FILE] [--classes 14] [--masked]
    python train_twins.py --check

MODEL is dbvad, vadclip-ucf, vadclip-xd, mgte-ucf, mgte-xd, clipfusion-ucf, clipfusion-xd, or one
of the last two with -published, whose batch normalisation counts padded rows. A step is forward,
losses, backward and AdamW. `default` computes the whole batch at once with PyTorch's own modules,
as the published code does, but with no loop over videos.
`tuned` is the fastest exact form found: chunks of videos, attention by window instead of
a masked 256 x 256 matrix, rows past a chunk's longest video left out where padding takes
no part, one save per activation, fused AdamW, and memory that stays with the process.
One JSON line a step. FILE holds whole numbers, cycled over the batch; without it every
video has 256 snippets. --check compares both forms, losses and gradients, in float64.

--masked is VadCLIP with padded rows kept out; without it they take part as published. MGTE
keeps them out always.
Its prompts are out of the step: class embeddings are fixed random vectors, so that the
prompt table's 77 x 512 parameters are not counted.

Parameters have the names of ours; gc1 to gc4 `.weight` are [out, in].
"""
import os
import sys

if __name__ == "__main__" and "tuned" in sys.argv and "KESS_TUNED" not in os.environ:
    # Read by torch and by the C library when the process starts.
    os.environ |= {"KESS_TUNED": "1", "THP_MEM_ALLOC_ENABLE": "1"}
    os.environ["GLIBC_TUNABLES"] = (
        "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184")
    os.execv(sys.executable, [sys.executable, *sys.argv])

import argparse
import json
import math
import re
import resource
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

T, D, CHUNK = 256, 512, 8
TEMPERATURE = 0.07


class SavingGELU(torch.autograd.Function):
    """x sigmoid(1.702 x) that keeps x alone and works in place."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return torch.mul(x, 1.702).sigmoid_().mul_(x)

    @staticmethod
    def backward(context, gradient):
        x, = context.saved_tensors
        s = torch.mul(x, 1.702).sigmoid_()
        # s + 1.702 x s (1 - s)
        slope = torch.sub(1, s).mul_(x).mul_(1.702).add_(1).mul_(s)
        return slope.mul_(gradient)


def product(a, b, bias=None):
    """a bᵀ + bias by oneDNN, which reads transposed views as they are. On processors that
    are not Intel's it is twice as fast as MKL, which nn.Linear uses."""
    if a.dtype != torch.float32:
        return F.linear(a, b, bias)
    return torch.ops.mkldnn._linear_pointwise(a, b, bias, "none", [], "")


class OneDNNLinear(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight, bias):
        context.save_for_backward(x, weight)
        return product(x.flatten(0, -2), weight, bias).view(*x.shape[:-1], -1)

    @staticmethod
    def backward(context, gradient):
        x, weight = context.saved_tensors
        g = gradient.flatten(0, -2)
        needs_x, needs_weight, needs_bias = context.needs_input_grad
        return (
            product(g, weight.T).view(x.shape) if needs_x else None,
            product(g.T, x.flatten(0, -2).T) if needs_weight else None,
            g.sum(0) if needs_bias else None)


def linear(x, weight, bias=None):
    return OneDNNLinear.apply(x, weight, bias) if Linear.tuned else F.linear(x, weight, bias)


class Linear(nn.Linear):
    tuned = False

    def forward(self, x):
        return linear(x, self.weight, self.bias)


class QuickGELU(nn.Module):
    tuned = False

    def forward(self, x):
        return SavingGELU.apply(x) if QuickGELU.tuned else x * torch.sigmoid(1.702 * x)


class FFN(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.c_fc, self.c_proj, self.act = Linear(d, 4 * d), Linear(4 * d, d), QuickGELU()

    def forward(self, x):
        return self.c_proj(self.act(self.c_fc(x)))


class Conv(nn.Conv1d):
    """Over time, [B, T, C]; tuned as one product with the taps side by side."""
    tuned = False

    def forward(self, x):
        if not Conv.tuned:
            return super().forward(x.transpose(1, 2)).transpose(1, 2)
        taps, dilation, length = self.kernel_size[0], self.dilation[0], x.shape[1]
        pad = (taps // 2) * dilation
        padded = F.pad(x, (0, 0, pad, pad))
        columns = torch.cat([padded[:, i * dilation:i * dilation + length] for i in range(taps)], -1)
        return linear(columns, self.weight.transpose(1, 2).flatten(1), self.bias)


class GraphConvolution(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(m, n))
        nn.init.xavier_uniform_(self.weight)
        self.residual = Conv(n, m, 5, padding=2) if n != m else None
        self.act = QuickGELU()

    def forward(self, x, adjacency):
        r = x if self.residual is None else self.residual(x)
        return self.act(adjacency @ linear(x, self.weight) + r)


def similarity_graph(x, valid):
    """Row softmax of the cosines above 0.7 over the valid block, 0 elsewhere."""
    unit = F.normalize(x, dim=-1)
    s = F.threshold(unit @ unit.transpose(1, 2), 0.7, 0.0)
    if valid is None:
        return s.softmax(-1)
    s = s.masked_fill(~valid[:, None, :], -math.inf).softmax(-1)
    return s.masked_fill(~valid[:, :, None], 0)


def distance_graph(x):
    i = torch.arange(x.shape[1], dtype=x.dtype)
    return torch.exp(-(i[:, None] - i[None]).abs() / math.e)


def top_means(z, lengths):
    """The mean of the floor(L/16)+1 greatest valid rows: [B, T, ...] to [B, ...]."""
    counts = lengths // 16 + 1
    most = int(counts.max())
    behind = torch.arange(z.shape[1])[None] >= lengths[:, None]
    z = z.masked_fill(behind.view(*behind.shape, *[1] * (z.dim() - 2)), -math.inf)
    top = z.topk(most, dim=1).values
    past = torch.arange(most)[None] >= counts[:, None]
    past = past.view(*past.shape, *[1] * (z.dim() - 2))
    return top.masked_fill(past, 0).sum(1) / counts.view(-1, *[1] * (z.dim() - 2))


class Model(nn.Module):
    """What both have in common: rows that count, and a step in two forms."""

    def keep(self, x, lengths):
        """The valid rows [B, T], nil where all are, and what sets the others to 0."""
        if bool((lengths == x.shape[1]).all()):
            return None, lambda y: y
        valid = torch.arange(x.shape[1])[None] < lengths[:, None]
        rows = valid[..., None].to(x.dtype)
        return valid, lambda y: y * rows

    def backward(self, batch, form):
        """Adds the gradients of a batch's losses, and returns the losses."""
        use_form(form)
        return self.whole(batch) if form == "default" else self.chunked(batch)

    def whole(self, batch):
        losses = self.losses(batch)
        losses["total"].backward()
        return {k: v.detach() for k, v in losses.items()}

    def chunks(self, batch):
        """Index tensors, and the rows that each needs."""
        order = batch["lengths"].argsort() if self.crops else torch.arange(len(batch["lengths"]))
        for some in order.split(CHUNK):
            yield some, int(batch["lengths"][some].max()) if self.crops else batch["features"].shape[1]


class Stage(nn.Module):
    def __init__(self, d, k, dilation):
        super().__init__()
        self.conv = Conv(d, d, k, padding=(k // 2) * dilation, dilation=dilation)
        self.norm, self.act = nn.LayerNorm(d), QuickGELU()

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Graph(nn.Module):
    def __init__(self, d):
        super().__init__()
        def pair():
            return nn.ModuleList([GraphConvolution(d, d // 2), GraphConvolution(d // 2, d // 2)])
        self.similarity, self.distance = pair(), pair()

    def forward(self, x, valid, mask):
        p = q = x
        near, far = similarity_graph(x, valid), distance_graph(x)
        for layer in self.similarity:
            p = mask(layer(p, near))
        for layer in self.distance:
            q = mask(layer(q, far))
        return torch.cat([p, q], -1)


class Temporal(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.progressive = nn.ModuleList([Stage(d, 3, k) for k in (1, 2, 4)])
        self.graph = Graph(d)
        self.fusion = Linear(2 * d, d)

    def forward(self, x, valid, mask):
        y = x
        for stage in self.progressive:
            y = mask(y + stage(y))
        return mask(self.fusion(torch.cat([y, self.graph(x, valid, mask)], -1)))


class Classifier(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.mlp, self.output = FFN(d), Linear(d, 1)

    def forward(self, x):
        return self.output(x + self.mlp(x)).squeeze(-1)


class SFP(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.ffn = FFN(d)

    def forward(self, a, t):
        return a + self.ffn(a + t)


class DBM(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.visual, self.text = FFN(d), FFN(d)


class DBVAD(Model):
    crops = True

    def __init__(self, d=D):
        super().__init__()
        self.temporal, self.classifier = Temporal(d), Classifier(d)
        self.semantic_focus, self.description_boost = SFP(d), DBM(d)

    def parts(self, x, lengths):
        """Of each video by itself: pooled score, video vector, logits."""
        valid, mask = self.keep(x, lengths)
        x = self.temporal(x, valid, mask)
        logits = self.classifier(x)
        scores = torch.sigmoid(logits)
        weights = scores if valid is None else scores * valid
        vector = F.normalize((weights[:, None] @ x)[:, 0], dim=-1)
        return top_means(scores, lengths), vector, logits

    def head(self, pooled, vectors, batch):
        labels = batch["labels"]
        binary = F.binary_cross_entropy(pooled, 1 - labels[:, 0])
        shares = labels / labels.sum(1, keepdim=True)
        z = self.semantic_focus(vectors, shares @ F.normalize(batch["class_embeddings"], dim=-1))
        e = F.normalize(batch["descriptions"], dim=-1)
        u = F.normalize(z + self.description_boost.visual(z), dim=-1)
        d = F.normalize(e + self.description_boost.text(e), dim=-1)
        s = u @ d.T / TEMPERATURE
        own = torch.arange(len(e))
        description = (F.cross_entropy(s, own) + F.cross_entropy(s.T, own)) / 2
        return {"binary": binary, "description": description, "total": binary + description}

    def losses(self, batch, outputs=None):
        pooled, vectors, logits = self.parts(batch["features"], batch["lengths"])
        if outputs is not None:
            outputs["logits"] = logits
        return self.head(pooled, vectors, batch)

    def own(self, batch, some, rows):
        """What the head needs of some videos."""
        return self.parts(batch["features"][some, :rows], batch["lengths"][some])[:2]

    def chunked(self, batch, keep=True):
        """All forwards, the head, then the backward of each chunk through its kept graph, or
        through one that is computed again."""
        places, parts = [], []
        for some, rows in self.chunks(batch):
            places.append((some, rows))
            with torch.set_grad_enabled(keep):
                parts.append(self.own(batch, some, rows))
        place = torch.cat([some for some, _ in places]).argsort()
        leaves = [torch.cat([each.detach() for each in column])[place].requires_grad_()
                  for column in zip(*parts)]
        losses = self.head(*leaves, batch)
        losses["total"].backward()
        while parts:
            (some, rows), part = places.pop(), parts.pop()
            if not keep:
                part = self.own(batch, some, rows)
            torch.autograd.backward(part, [leaf.grad[some] for leaf in leaves])
        return {k: v.detach() for k, v in losses.items()}


class WindowAttention(nn.MultiheadAttention):
    """One head; a row attends to the rows of its window alone."""
    tuned = False

    def __init__(self, d, window):
        super().__init__(d, 1)
        self.window = window

    def forward(self, x, valid):
        if WindowAttention.tuned:
            return self.by_window(x, valid)
        steps = torch.arange(x.shape[1])
        shut = steps[:, None] // self.window != steps[None] // self.window
        if valid is not None:
            # A row whose window has no valid key sees itself: its result is set to 0 later.
            shut = (shut | ~valid[:, None, :]) & ~torch.eye(len(steps), dtype=torch.bool)
        mask = torch.zeros(shut.shape, dtype=x.dtype).masked_fill_(shut, -math.inf)
        x = x.transpose(0, 1)
        return super().forward(x, x, x, need_weights=False, attn_mask=mask)[0].transpose(0, 1)

    def by_window(self, x, valid):
        b, t, d = x.shape
        fill = -t % self.window
        qkv = linear(x, self.in_proj_weight, self.in_proj_bias)
        if fill:
            qkv = F.pad(qkv, (0, 0, 0, fill))
            keys = torch.ones(b, t, dtype=torch.bool) if valid is None else valid
            valid = F.pad(keys, (0, fill))
        q, k, v = qkv.view(-1, self.window, 3 * d).split(d, -1)
        scores = torch.bmm(q, k.transpose(1, 2)) * (1 / math.sqrt(d))
        if valid is not None:
            # Finite, so that a window without keys has no NaN.
            scores = scores.masked_fill(~valid.reshape(-1, 1, self.window), -1e30)
        mixed = torch.bmm(scores.softmax(-1), v).view(b, t + fill, d)
        return linear(mixed[:, :t], self.out_proj.weight, self.out_proj.bias)


class Block(nn.Module):
    def __init__(self, d, window):
        super().__init__()
        self.attn = WindowAttention(d, window)
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mlp = FFN(d)

    def forward(self, x, valid):
        x = x + self.attn(self.ln_1(x), valid)
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, d, window, layers):
        super().__init__()
        self.resblocks = nn.ModuleList([Block(d, window) for _ in range(layers)])


class DistanceAdjacency(nn.Module):
    def __init__(self):
        super().__init__()
        self.sigma = nn.Parameter(torch.full([1], 0.1))  # unused, as published


class VadCLIP(Model):
    def __init__(self, window, layers, d=D, length=T, separation=0.1, masked=False):
        super().__init__()
        self.masked, self.separation = masked, separation
        self.crops = masked
        self.frame_position_embeddings = nn.Embedding(length, d)
        nn.init.normal_(self.frame_position_embeddings.weight, std=0.01)
        self.temporal = Transformer(d, window, layers)
        self.gc1, self.gc2 = GraphConvolution(d, d // 2), GraphConvolution(d // 2, d // 2)
        self.gc3, self.gc4 = GraphConvolution(d, d // 2), GraphConvolution(d // 2, d // 2)
        self.disAdj = DistanceAdjacency()
        self.linear = Linear(d, d)
        self.mlp1, self.mlp2 = FFN(d), FFN(d)
        self.classifier = Linear(d, 1)

    def trunk(self, x, lengths, outputs=None):
        """X [B, T, D], which rows are valid where padding is kept out, and what sets the others
        to 0."""
        valid, mask = self.keep(x, lengths)
        known = valid if self.masked else None
        if not self.masked:
            mask = lambda y: y
        x = mask(x + self.frame_position_embeddings.weight[:x.shape[1]])
        for block in self.temporal.resblocks:
            x = mask(block(x, known))
        if outputs is not None:
            outputs["hidden"] = x
        near, far = similarity_graph(x, valid), distance_graph(x)
        u = mask(self.gc2(mask(self.gc1(x, near)), near))
        v = mask(self.gc4(mask(self.gc3(x, far)), far))
        x = mask(self.linear(torch.cat([u, v], -1)))
        if outputs is not None:
            outputs["features"] = x
        return x, known, mask

    def forward(self, x, lengths, classes, outputs=None):
        """Logits [B, T] and class logits [B, T, C]."""
        x, known, _ = self.trunk(x, lengths, outputs)
        logits = self.classifier(x + self.mlp2(x)).squeeze(-1)
        weights = torch.sigmoid(logits) if self.masked else logits
        if known is not None:
            weights = weights * known
        prompt = F.normalize((weights[:, None] @ x), dim=-1)
        if outputs is not None:
            outputs["prompt"] = prompt[:, 0]
        text = classes[None] + prompt
        text = text + self.mlp1(text)
        cosines = F.normalize(x, dim=-1) @ F.normalize(text, dim=-1).transpose(1, 2)
        return logits, cosines / TEMPERATURE

    def parts(self, x, lengths, classes, outputs=None):
        logits, class_logits = self(x, lengths, classes, outputs)
        if outputs is not None:
            outputs |= {"logits": logits, "class_logits": class_logits}
        return top_means(torch.sigmoid(logits), lengths), top_means(class_logits, lengths)

    def head(self, pooled, class_pooled, labels, count):
        """The losses' share of some videos of `count`."""
        binary = F.binary_cross_entropy(pooled, 1 - labels[:, 0], reduction="sum") / count
        shares = labels / labels.sum(1, keepdim=True)
        alignment = -(shares * class_pooled.log_softmax(1)).sum() / count
        return {"binary": binary, "alignment": alignment, "total": binary + alignment}

    def apart(self, classes):
        unit = F.normalize(classes, dim=-1)
        return (unit[1:] @ unit[0]).abs().sum() / (len(classes) - 1)

    def losses(self, batch, outputs=None):
        parts = self.parts(batch["features"], batch["lengths"], batch["class_embeddings"], outputs)
        losses = self.head(*parts, batch["labels"], len(batch["lengths"]))
        losses["separation"] = self.apart(batch["class_embeddings"])
        losses["total"] = losses["total"] + self.separation * losses["separation"]
        return losses

    def chunked(self, batch, keep=True):
        """Forward and backward chunk by chunk: the losses are sums over videos."""
        classes, sums = batch["class_embeddings"], {}
        for some, rows in self.chunks(batch):
            parts = self.parts(batch["features"][some, :rows], batch["lengths"][some], classes)
            losses = self.head(*parts, batch["labels"][some], len(batch["lengths"]))
            losses["total"].backward()
            sums = {k: sums.get(k, 0) + v.detach() for k, v in losses.items()}
        separation = self.apart(classes)
        if classes.requires_grad:
            (self.separation * separation).backward()
        sums["separation"] = separation.detach()
        sums["total"] = sums["total"] + self.separation * sums["separation"]
        return sums


class MGTE(VadCLIP):
    """VadCLIP without padding and without the unused parameter; the visual prompt is the video's
    vector too, which meets the descriptions."""

    def __init__(self, window, layers, separation):
        super().__init__(window, layers, separation=separation, masked=True)
        del self.disAdj

    def own(self, batch, some, rows):
        outputs = {}
        return *self.parts(batch["features"][some, :rows], batch["lengths"][some],
                           batch["class_embeddings"], outputs), outputs["prompt"]

    def head(self, pooled, class_pooled, vectors, batch):
        losses = super().head(pooled, class_pooled, batch["labels"], len(pooled))
        losses["label"] = losses.pop("alignment")
        losses["separation"] = self.apart(batch["class_embeddings"])
        s = vectors @ F.normalize(batch["descriptions"], dim=-1).T / TEMPERATURE
        own = torch.arange(len(s))
        losses["description"] = (F.cross_entropy(s, own) + F.cross_entropy(s.T, own)) / 2
        losses["total"] = (losses["total"] + self.separation * losses["separation"]
                           + losses["description"])
        return losses

    def losses(self, batch, outputs=None):
        outputs = {} if outputs is None else outputs
        parts = self.parts(batch["features"], batch["lengths"], batch["class_embeddings"], outputs)
        return self.head(*parts, outputs["prompt"], batch)

    chunked = DBVAD.chunked


class BatchNorm(nn.BatchNorm1d):
    """Over [B, T, C]; `counted` [B, T] says which rows the batch's statistics are of, nil for all."""

    def forward(self, x, counted):
        if counted is None or not self.training:
            return super().forward(x.flatten(0, 1)).view(x.shape)
        rows = x[counted]
        variance, mean = torch.var_mean(rows, 0, unbiased=False)
        with torch.no_grad():
            n, momentum = len(rows), self.momentum
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * (n / (n - 1)), momentum)
            self.num_batches_tracked += 1
        return (x - mean) * (self.weight * (variance + self.eps).rsqrt()) + self.bias


class GAM(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.channel_attention = nn.Sequential(Linear(d, d // 4), nn.ReLU(), Linear(d // 4, d))
        self.spatial_attention = nn.ModuleList([
            Conv(d, d // 4, 7, padding=3), BatchNorm(d // 4), nn.ReLU(),
            Conv(d // 4, d, 7, padding=3), BatchNorm(d)])

    def forward(self, x, counted, mask):
        inner, inner_norm, relu, outer, outer_norm = self.spatial_attention
        x = x * torch.sigmoid(self.channel_attention(x))
        y = mask(relu(inner_norm(inner(x), counted)))
        return x * torch.sigmoid(outer_norm(outer(y), counted))


class ClipFusion(VadCLIP):
    """`counts_padding`: padded rows are in the statistics of batch normalisation, as published."""

    def __init__(self, window, layers, d=D, length=T, separation=0.1, masked=False, counts_padding=False):
        super().__init__(window, layers, d, length, separation, masked)
        self.counts_padding = counts_padding
        self.gam = GAM(d)
        self.linear_a, self.linear_u = Linear(d, d), Linear(d, d)

    def forward(self, x, lengths, classes, outputs=None):
        valid = torch.arange(x.shape[1])[None] < lengths[:, None]
        x, known, mask = self.trunk(x, lengths, outputs)
        x = self.gam(x, None if self.counts_padding else valid, mask)
        p, q = mask(F.normalize(self.linear_a(x), dim=-1)), mask(F.normalize(self.linear_u(x), dim=-1))
        if outputs is not None:
            outputs["features"] = p
        logits = self.classifier(x + self.mlp2(p + q)).squeeze(-1)
        weights = torch.sigmoid(logits) if self.masked else logits
        if known is not None:
            weights = weights * known
        prompt = F.normalize(weights[:, None] @ q, dim=-1)
        text = F.normalize(classes, dim=-1)[None] + prompt
        text = text + self.mlp1(text)
        cosines = F.normalize(p, dim=-1) @ F.normalize(text, dim=-1).transpose(1, 2)
        return logits, cosines / TEMPERATURE

    def chunked(self, batch, keep=True):
        """Batch normalisation joins the videos: a batch is never cut."""
        return self.whole(batch)


MODELS = {
    "dbvad": lambda masked: DBVAD(),
    "vadclip-ucf": lambda masked: VadCLIP(8, 2, separation=0.1, masked=masked),
    "vadclip-xd": lambda masked: VadCLIP(64, 1, separation=1e-4, masked=masked),
    "mgte-ucf": lambda masked: MGTE(8, 2, 0.1),
    "mgte-xd": lambda masked: MGTE(64, 1, 1e-4),
    "clipfusion-ucf": lambda masked: ClipFusion(8, 2, separation=0.1, masked=masked),
    "clipfusion-xd": lambda masked: ClipFusion(64, 3, separation=1e-4, masked=masked),
    "clipfusion-ucf-published": lambda masked: ClipFusion(
        8, 2, separation=0.1, masked=masked, counts_padding=True),
    "clipfusion-xd-published": lambda masked: ClipFusion(
        64, 3, separation=1e-4, masked=masked, counts_padding=True),
}


def use_form(form):
    """How the layers compute from now on."""
    for layer in (Linear, QuickGELU, Conv, WindowAttention):
        layer.tuned = form == "tuned"


def make_model(name, masked=False):
    return MODELS[name](masked)


def random_batch(count, classes, lengths=None, dtype=torch.float32):
    """Features [B, T, D], half of the videos normal."""
    lengths = torch.tensor([(lengths or [T])[i % len(lengths or [T])] for i in range(count)])
    # Of length 10 or so, as CLIP's; a video's snippets resemble each other.
    x = 0.2 * torch.randn(count, T, D, dtype=dtype) + 0.4 * torch.randn(count, 1, D, dtype=dtype)
    labels = torch.zeros(count, classes, dtype=dtype)
    for i in range(count):
        labels[i, 0 if i < count // 2 else 1 + i % (classes - 1)] = 1
    return {
        "features": x * (torch.arange(T)[None, :, None] < lengths[:, None, None]),
        "lengths": lengths, "labels": labels,
        "descriptions": torch.randn(count, D, dtype=dtype),
        "class_embeddings": torch.randn(classes, D, dtype=dtype),
    }


def check():
    """Both forms agree: losses and every gradient, relative to the gradient's length."""
    worst = 0.0
    for name, masked in [("dbvad", False), ("vadclip-ucf", False), ("vadclip-ucf", True),
                         ("vadclip-xd", False), ("vadclip-xd", True), ("clipfusion-ucf", False),
                         ("clipfusion-ucf", True), ("clipfusion-xd-published", False),
                         ("mgte-ucf", False), ("mgte-xd", False)]:
        torch.manual_seed(0)
        model = make_model(name, masked).double()
        batch = random_batch(11, 14, [256, 131, 40, 200, 8, 1, 64, 250, 16, 15, 77], torch.float64)
        batch["class_embeddings"].requires_grad_()
        results = []
        for form in ("default", "tuned"):
            model.zero_grad()
            batch["class_embeddings"].grad = None
            losses = model.backward(batch, form)
            gradients = {k: p.grad.clone() for k, p in model.named_parameters() if p.grad is not None}
            if batch["class_embeddings"].grad is not None:
                gradients["class_embeddings"] = batch["class_embeddings"].grad.clone()
            results.append(losses | gradients)
        one, other = results
        assert one.keys() == other.keys()
        differences = {k: ((other[k] - v).norm() / v.norm()).item() for k, v in one.items()
                       if not is_rounding(model, k)}
        key = max(differences, key=differences.get)
        worst = max(worst, differences[key])
        print(f"{name}{' masked' if masked else ''}: {len(one)} tensors, worst {differences[key]:.1e} of {key}")
    worst = max(worst, check_golden())
    print("same" if worst <= 1e-10 else "different")
    return worst <= 1e-10


def is_rounding(model, key):
    """Whether a gradient is 0 but for rounding: batch statistics take a bias off again."""
    return isinstance(model, ClipFusion) and key.removeprefix("gradient.") in (
        "gam.spatial_attention.0.bias", "gam.spatial_attention.3.bias")


def check_golden():
    """VadCLIP and ClipFusionVAD agree with the small ones that the tests keep, which share no code
    with them."""
    from safetensors.torch import load_file
    golden = load_file(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                    "../Tests/DetectorsTests/Golden/vadclip.safetensors"))
    worst = 0.0
    for name, window, layers in (("w8", 8, 2), ("w16", 16, 1)):
        for variant in ("leak", "masked"):
            for form in ("default", "tuned"):
                model = VadCLIP(window, layers, 8, 20, masked=variant == "masked")
                prefix = name + ".parameter."
                model.load_state_dict({
                    k.removeprefix(prefix): v for k, v in golden.items() if k.startswith(prefix)})
                batch = {k: golden["input." + k] for k in ("features", "lengths", "labels")}
                batch |= {"class_embeddings": golden[name + ".class_embeddings"]}
                batch = {k: v.double() if v.is_floating_point() else v for k, v in batch.items()}
                batch["class_embeddings"].requires_grad_()
                losses = model.double().backward(batch, form)
                found = {"loss." + k: v for k, v in losses.items()}
                found |= {"gradient." + k: p.grad for k, p in model.named_parameters()
                          if p.grad is not None}
                found["gradient.class_embeddings"] = batch["class_embeddings"].grad
                for key, value in found.items():
                    other = golden[f"{name}.{variant}.{key}"]
                    worst = max(worst, ((value - other).norm() / other.norm()).item())
    print(f"golden VadCLIP: worst {worst:.1e}")
    return max(worst, check_golden_clipfusion() / ROUNDED)


# That golden file is in single precision.
ROUNDED = 1e4


def check_golden_clipfusion():
    from safetensors.torch import load_file
    golden = load_file(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                    "../Tests/DetectorsTests/Golden/clipfusion.safetensors"))
    worst = 0.0
    for name, window, layers in (("w8", 8, 2), ("w16", 16, 3)):
        for variant in ("ours", "published", "masked"):
            model = ClipFusion(window, layers, 8, 20, masked=variant == "masked",
                               counts_padding=variant == "published")
            state = {}
            for kind in (f"{name}.parameter.", f"{name}.buffer."):
                state |= {k.removeprefix(kind): v for k, v in golden.items() if k.startswith(kind)}
            model.load_state_dict(state)
            batch = {k: golden["input." + k] for k in ("features", "lengths", "labels")}
            batch |= {"class_embeddings": golden[name + ".class_embeddings"]}
            batch = {k: v.double() if v.is_floating_point() else v for k, v in batch.items()}
            batch["class_embeddings"].requires_grad_()
            losses = model.double().backward(batch, "default")
            found = {"loss." + k: v for k, v in losses.items()}
            found |= {"gradient." + k: p.grad for k, p in model.named_parameters()
                      if p.grad is not None and not is_rounding(model, k)}
            found["gradient.class_embeddings"] = batch["class_embeddings"].grad
            found |= {"buffer." + k: b for k, b in model.named_buffers()}
            for key, value in found.items():
                other = golden[f"{name}.{variant}.{key}"]
                worst = max(worst, ((value - other).norm() / other.norm()).item())
    print(f"golden ClipFusionVAD: worst {worst:.1e}, of single precision")
    return worst


def usage():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), u.ru_utime, u.ru_stime, u.ru_minflt + u.ru_majflt


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", choices=MODELS)
    parser.add_argument("--form", choices=["default", "tuned"], default="default")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--classes", type=int, default=14)
    parser.add_argument("--lengths")
    parser.add_argument("--masked", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.check:
        sys.exit(not check())
    if options.model is None:
        parser.error("--model is needed")
    torch.manual_seed(0)
    lengths = None
    if options.lengths:
        with open(options.lengths, encoding="utf-8") as file:
            lengths = [min(T, int(n)) for n in re.findall(r"\d+", file.read())]
    model = make_model(options.model, options.masked)
    batch = random_batch(options.batch, options.classes, lengths)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01,
                                  fused=options.form == "tuned")
    for step in range(options.steps):
        before = usage()
        optimizer.zero_grad(set_to_none=options.form == "default")
        losses = model.backward(batch, options.form)
        optimizer.step()
        seconds, user, system, faults = (b - a for a, b in zip(before, usage()))
        print(json.dumps({
            "model": options.model, "form": options.form, "batch": options.batch, "step": step,
            "seconds": round(seconds, 3), "user": round(user, 3), "sys": round(system, 3),
            "faults": faults,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "parameters": sum(p.numel() for p in model.parameters()),
            "losses": {k: round(v.item(), 6) for k, v in losses.items()},
        }), flush=True)


if __name__ == "__main__":
    main()
