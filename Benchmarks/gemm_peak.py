"""The machine's matrix product peaks by PyTorch: what other figures are read against.

  python gemm_peak.py
"""

import time

import torch

for name, kind in (("f32", torch.float32), ("bf16", torch.bfloat16)):
    size = 2048
    a, b = torch.randn(size, size).to(kind), torch.randn(size, size).to(kind)
    best = 1e9
    for _ in range(12):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    print(f"PyTorch {torch.__version__} {name} GEMM {size}: {2 * size**3 / best / 1e9:.0f} GFLOP/s on {torch.get_num_threads()} threads")
