"""Makes the PyTorch files beside it, and what their tensors hold.

  python make_checkpoints.py          (torch, safetensors)

`expected.safetensors` has every tensor that can be read as floats, under
"<file>/<name>", contiguous and in 32-bit floats; the versions are its metadata.
"""

import argparse
import collections
import pathlib
import tarfile
import warnings

import safetensors
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
warnings.filterwarnings("ignore")
expected = {}


def save(name, value, tensors):
    torch.save(value, HERE / name)
    for key, tensor in tensors.items():
        expected[f"{name}/{key}"] = tensor.detach().to(torch.float32).contiguous().clone()


torch.manual_seed(1)
base = torch.randn(5, 7)
floats = {
    "f32": base, "f16": base.half(), "bf16": base.bfloat16(), "f64": base.double(),
    "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
    "f16_special": torch.tensor([0.0, -0.0, 6e-8, 65504.0, float("inf"), -1.5]).half(),
}
integers = {
    "i64": torch.arange(4), "i32": torch.arange(4, dtype=torch.int32), "i16": torch.arange(4).short(),
    "i8": torch.arange(4).to(torch.int8), "u8": torch.arange(4).byte(), "bool": torch.tensor([True, False]),
    "u16": torch.arange(4).to(torch.uint16), "c64": torch.zeros(2, dtype=torch.complex64),
}
save("types.pt", collections.OrderedDict(floats | integers), floats)

block = torch.randn(4, 6, 5)
views = {
    "transposed": base.t(), "column": base[:, 3], "tail": base[2:], "steps": block[::2, 1:6:3, ::2],
    "permuted": block.permute(2, 0, 1), "whole": block, "repeated": torch.tensor([3.0]).expand(4, 3),
    "halved": block.half().permute(1, 2, 0), "one": base[1:2, 2:3].t(),
}
save("views.pth", views, views)

layer = torch.nn.Linear(3, 2)
save("training.pt",
     {"epoch": 3, "lr": 1e-4, "name": "run", "done": False, "best": None, "losses": [1.0, 2, (3,)],
      "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": [{"betas": (0.9, 0.999)}]},
      "state_dict": layer.state_dict() | {"shared": layer.weight, "parameter": torch.nn.Parameter(base)}},
     layer.state_dict() | {"shared": layer.weight, "parameter": base})
torch.save({"weight": base}, HERE / "protocol4.bin", pickle_protocol=4)
expected["protocol4.bin/weight"] = base


class Inner(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(2, 3))
        self.sizes = [1, 2]
        self.scale = 0.5

    def forward(self, x):
        return x @ self.weight.t() * self.scale


class Outer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()
        self.register_buffer("steps", torch.tensor(7))

    def forward(self, x):
        return self.inner(x)


outer = Outer()
torch.jit.save(torch.jit.script(outer), HERE / "script.pt")
expected["script.pt/inner.weight"] = outer.inner.weight.detach()

# What must be refused.
torch.save({"weight": base}, HERE / "legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"args": argparse.Namespace(lr=1), "state_dict": {"weight": base}}, HERE / "namespace.pt")


class Runs:
    def __reduce__(self):
        import os
        return os.system, ("touch /tmp/kess-was-here",)


torch.save({"weight": base, "payload": Runs()}, HERE / "runs-a-command.pt")
torch.save({"epoch": 3, "a": {"b": 1}, "c": {"d": 2}}, HERE / "no-tensors.pt")
with tarfile.open(HERE / "tar.pt", "w", format=tarfile.USTAR_FORMAT) as tar:
    member = tarfile.TarInfo("sys_info")
    tar.addfile(member)

save_file(expected, HERE / "expected.safetensors",
          metadata={"torch": torch.__version__, "safetensors": safetensors.__version__})
for path in sorted(HERE.iterdir()):
    print(path.stat().st_size, path.name)
