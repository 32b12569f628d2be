"""Writes checkpoints as VadCLIP's authors save them, small, and what PyTorch computes with them.

    python make_released_vadclip.py BENCHMARKS OUT

The model is the twin of BENCHMARKS/train_twins.py; names and layout are those of the released
files: `gc1` to `gc4` [in, out], the prompt table, and CLIP under `clipmodel.` with OpenAI's
names. The tower is CLIP's with random numbers: 128 wide, two heads, two layers, 49,408 tokens.
Files in OUT, <preset>.<variant>.pth:

    plain, half, bfloat   the state dictionary, in three element types
    fusion                ClipFusionVAD's, with the running statistics of batch normalisation
    module                the same names behind module.
    wrapped               inside a training checkpoint with an optimizer's state
    missing, surplus, misshapen, towerless, nonfinite    with a fault

and <preset>.<type>.features.npy, .logits.npy, .class_logits.npy: float64 arithmetic on the
numbers as stored.
"""
import math
import sys

import numpy
import torch
import torch.nn.functional as F

sys.path.insert(0, sys.argv[1])
import train_twins  # noqa: E402

OUT = sys.argv[2]
D, T, WIDTH, HEADS, LAYERS, TOKENS, POSITIONS = 16, 20, 128, 2, 2, 49408, 77
START, END, CONTEXT = 49406, 49407, 10
# The ids that CLIP's vocabulary gives the words.
LABELS = {
    "ucf": [[5967], [7678], [9320], [29937], [9679], [32573], [13785], [4652], [4370, 22072],
            [16393], [3992], [5738, 10857], [14242], [45664]],
    "xd": [[5967], [4652], [3992], [14218], [7678], [1615, 6608], [13785]],
}
SHAPES = {"ucf": (8, 2), "xd": (64, 1)}


def clip():
    """CLIP's tensors, the text tower whole, of the other one a few."""
    def random(*shape, scale=0.2):
        return scale * torch.randn(*shape)
    out = {
        "positional_embedding": random(POSITIONS, WIDTH), "text_projection": random(WIDTH, D),
        "logit_scale": torch.tensor(4.6), "token_embedding.weight": random(TOKENS, WIDTH),
        "ln_final.weight": 1 + random(WIDTH), "ln_final.bias": random(WIDTH),
        "visual.class_embedding": random(8), "visual.conv1.weight": random(8, 3, 4, 4),
        "visual.proj": random(8, D),
    }
    for i in range(LAYERS):
        p = f"transformer.resblocks.{i}."
        for name in ("ln_1", "ln_2"):
            out[f"{p}{name}.weight"] = 1 + random(WIDTH)
            out[f"{p}{name}.bias"] = random(WIDTH)
        for name, rows, columns in (("attn.in_proj_", 3 * WIDTH, WIDTH),
                                    ("attn.out_proj.", WIDTH, WIDTH),
                                    ("mlp.c_fc.", 4 * WIDTH, WIDTH),
                                    ("mlp.c_proj.", WIDTH, 4 * WIDTH)):
            out[f"{p}{name}weight"] = random(rows, columns, scale=0.1)
            out[f"{p}{name}bias"] = random(rows, scale=0.1)
    return out


def text(weights, table, label):
    """One class: its tokens between rows of the table, through the tower."""
    w = {k.removeprefix("clipmodel."): v for k, v in weights.items() if k.startswith("clipmodel.")}
    x = table.clone()
    end = 2 * CONTEXT + 1 + len(label)
    x[0], x[end] = w["token_embedding.weight"][START], w["token_embedding.weight"][END]
    for place, token in enumerate(label, CONTEXT + 1):
        x[place] = w["token_embedding.weight"][token]
    x = x + w["positional_embedding"]
    future = torch.ones(POSITIONS, POSITIONS).triu(1).bool()
    for i in range(LAYERS):
        p = f"transformer.resblocks.{i}."
        y = F.layer_norm(x, [WIDTH], w[p + "ln_1.weight"], w[p + "ln_1.bias"])
        y = F.linear(y, w[p + "attn.in_proj_weight"], w[p + "attn.in_proj_bias"])
        q, k, v = (z.view(POSITIONS, HEADS, -1).transpose(0, 1) for z in y.split(WIDTH, -1))
        scores = (q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS)).masked_fill(future, -math.inf)
        y = (scores.softmax(-1) @ v).transpose(0, 1).reshape(POSITIONS, WIDTH)
        x = x + F.linear(y, w[p + "attn.out_proj.weight"], w[p + "attn.out_proj.bias"])
        y = F.layer_norm(x, [WIDTH], w[p + "ln_2.weight"], w[p + "ln_2.bias"])
        y = F.linear(y, w[p + "mlp.c_fc.weight"], w[p + "mlp.c_fc.bias"])
        y = y * torch.sigmoid(1.702 * y)
        x = x + F.linear(y, w[p + "mlp.c_proj.weight"], w[p + "mlp.c_proj.bias"])
    x = F.layer_norm(x, [WIDTH], w["ln_final.weight"], w["ln_final.bias"])
    return x[end] @ w["text_projection"]


def released(preset, family=train_twins.VadCLIP):
    """A state dictionary with the names and shapes of the released file."""
    model = family(*SHAPES[preset], d=D, length=T)
    state = {}
    for name, value in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            value = torch.tensor(1250)
        elif name.endswith("running_var"):
            value = 0.5 + torch.rand_like(value)
        else:
            value = 0.3 * torch.randn_like(value)
        if "ln_" in name and name.endswith("weight"):
            value += 1
        state[name] = value.T.contiguous() if name in [f"gc{i}.weight" for i in range(1, 5)] else value
    state["text_prompt_embeddings.weight"] = 0.3 * torch.randn(POSITIONS, WIDTH)
    return state | {"clipmodel." + k: v for k, v in clip().items()}


def outputs(preset, state, name, family=train_twins.VadCLIP):
    """Saves the features of a video and what the model makes of them."""
    state = {k: v.double() if v.is_floating_point() else v for k, v in state.items()}
    model = family(*SHAPES[preset], d=D, length=T).double().eval()
    model.load_state_dict({
        k: v.T if k in [f"gc{i}.weight" for i in range(1, 5)] else v for k, v in state.items()
        if not k.startswith("clipmodel.") and k != "text_prompt_embeddings.weight"})
    table = state["text_prompt_embeddings.weight"]
    classes = torch.stack([text(state, table, label) for label in LABELS[preset]])
    n = 13
    x = torch.randn(1, T, D) + 1.5 * torch.randn(1, 1, D)
    x[:, n:] = 0
    with torch.no_grad():
        logits, class_logits = model(x.double(), torch.tensor([n]), classes)
    numpy.save(f"{OUT}/{name}.features.npy", x[0, :n].numpy())
    numpy.save(f"{OUT}/{name}.logits.npy", logits[0, :n].float().numpy())
    numpy.save(f"{OUT}/{name}.class_logits.npy", class_logits[0, :n].float().numpy())


def save(preset, variant, value):
    torch.save(value, f"{OUT}/{preset}.{variant}.pth")


torch.manual_seed(1)
for preset in SHAPES:
    state = released(preset)
    types = {"plain": torch.float32, "half": torch.float16, "bfloat": torch.bfloat16}
    for variant, kind in types.items() if preset == "ucf" else [("plain", torch.float32)]:
        stored = {k: v.to(kind) for k, v in state.items()}
        save(preset, variant, stored)
        outputs(preset, stored, f"{preset}.{variant}")

state = released("ucf", train_twins.ClipFusion)
save("ucf", "fusion", state)
outputs("ucf", state, "ucf.fusion", train_twins.ClipFusion)

state = {k: v.half() for k, v in released("ucf").items()}
outputs("ucf", state, "ucf.other")
save("ucf", "module", {"module." + k: v for k, v in state.items()})
save("ucf", "wrapped", {
    "epoch": 3, "model_state_dict": state, "ap": 0.88,
    "optimizer_state_dict": {"state": {0: {"step": torch.tensor(7.0), "exp_avg": torch.zeros(2)}},
                             "param_groups": [{"lr": 2e-5, "params": [0]}]}})
save("ucf", "missing", {
    k: v for k, v in state.items() if k not in ("gc3.weight", "mlp1.c_fc.bias")})
save("ucf", "surplus", state | {"stray.weight": torch.zeros(3, 2)})
save("ucf", "misshapen", state | {"classifier.weight": torch.zeros(1, 8)})
save("ucf", "towerless", {k: v for k, v in state.items() if not k.startswith("clipmodel.")})
broken = state["linear.bias"].clone()
broken[3] = math.nan
save("ucf", "nonfinite", state | {"linear.bias": broken})
