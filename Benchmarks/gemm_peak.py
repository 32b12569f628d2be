"""The machine's matrix product peaks by PyTorch: what other figures are read against.

  python gemm_peak.py

Each arithmetic gets at most some seconds: the size grows while a product stays short.
"""

import time

import torch

from cpu_features import lacks

SECONDS, ROUNDS, LARGEST = 3.0, 12, 2048


def timed(a, b):
    start = time.perf_counter()
    a @ b
    return time.perf_counter() - start


for name, kind in (("f32", torch.float32), ("bf16", torch.bfloat16)):
    if sentence := lacks(name):
        print(f"PyTorch {torch.__version__} {sentence}")
        continue
    size, best, end = 256, float("inf"), time.perf_counter() + SECONDS
    for _ in range(ROUNDS):
        a, b = torch.randn(size, size).to(kind), torch.randn(size, size).to(kind)
        # The first product of a size prepares its kernel.
        best = min(timed(a, b), timed(a, b))
        # The next size takes eight times as long.
        if size == LARGEST or 8 * best > SECONDS / 4:
            break
        size *= 2
    for _ in range(ROUNDS):
        if time.perf_counter() + best > end:
            break
        best = min(best, timed(a, b))
    print(f"PyTorch {torch.__version__} {name} GEMM {size}: {2 * size**3 / best / 1e9:.0f} GFLOP/s on {torch.get_num_threads()} threads")
