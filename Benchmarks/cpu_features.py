"""Which arithmetics the processor has instructions for, by the kernel's names of its extensions.

  python cpu_features.py        prints the extensions that the benchmarks look for
"""

import os
import re

NEEDS = {"bf16": ("avx512_bf16", "amx_bf16"), "f16": ("avx512_fp16", "amx_fp16")}


def flags():
    """The extensions of the first processor; with KESS_MAX_ISA=avx2 none beyond AVX2."""
    with open("/proc/cpuinfo") as file:
        line = re.search(r"^flags\s*:(.*)$", file.read(), re.MULTILINE)
    found = set(line.group(1).split()) if line else set()
    if os.environ.get("KESS_MAX_ISA", "").lower() == "avx2":
        found = {name for name in found if not name.startswith(("avx512", "amx"))}
    return found


def lacks(kind):
    """The sentence that says why a 16-bit arithmetic is left out; None where it runs at speed.

    Without the instructions, PyTorch converts or multiplies number by number, a hundred
    times slower than f32: minutes for what takes a second.
    """
    needed = NEEDS.get(kind, ())
    if not needed or flags().intersection(needed):
        return None
    return f"{kind}: left out, the processor has neither {' nor '.join(needed)}"


if __name__ == "__main__":
    print(*sorted(flags().intersection(
        ("avx2", "avx512f", "avx512_vnni", *(name for names in NEEDS.values() for name in names), "amx_int8"))))
