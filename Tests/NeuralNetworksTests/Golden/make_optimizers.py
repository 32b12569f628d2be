"""Writes optimizers.json: parameters and learning rates of PyTorch's optimizers and schedules.

Each run takes ten steps on two parameters, "a" of the base rate and "b" in a group with 0.3 of
it, by the given gradients, in float64. Rates are those of the base group before each step.

Made with Python 3.11 and the torch that optimizers.json names:
    python make_optimizers.py
"""
import json
import pathlib

import torch

STEPS = 10
torch.manual_seed(3)
START = {"a": torch.randn(4, dtype=torch.float64), "b": torch.randn(3, dtype=torch.float64)}
GRADIENTS = [
    {k: torch.randn_like(v) * 10 ** (step % 3 - 1) for k, v in START.items()}
    for step in range(STEPS)
]


def run(make, schedule=None):
    values = {k: torch.nn.Parameter(v.clone()) for k, v in START.items()}
    optimizer = make([{"params": [values["a"]]}, {"params": [values["b"]], "lr": 0.03}])
    scheduler = schedule(optimizer) if schedule else None
    rates = []
    for gradients in GRADIENTS:
        for name, value in values.items():
            value.grad = gradients[name].clone()
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if scheduler:
            scheduler.step()
    return {"rates": rates, "a": values["a"].tolist(), "b": values["b"].tolist()}


def sgd(groups):
    return torch.optim.SGD(groups, lr=0.1, momentum=0.9, weight_decay=0.05)


def adamw(groups):
    return torch.optim.AdamW(groups, lr=0.1, weight_decay=0.05)


def cosine(optimizer):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)


def warm_cosine(optimizer):
    warm = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 4)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS - 4)
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, fall], milestones=[4])


runs = {
    "sgd": run(sgd),
    "adamw": run(adamw),
    "sgd cosine": run(sgd, cosine),
    "sgd warm-up cosine": run(sgd, warm_cosine),
}
text = json.dumps(
    {
        "torch": torch.__version__,
        "start": {k: v.tolist() for k, v in START.items()},
        "gradients": [{k: v.tolist() for k, v in g.items()} for g in GRADIENTS],
        "runs": runs,
    }, indent=1)
(pathlib.Path(__file__).parent / "optimizers.json").write_text(text + "\n")
