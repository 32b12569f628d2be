"""Seconds to np.load every .npy file of a folder once, in random order: how a
training loop reads one file a video.

  python text_reads.py FOLDER
"""

import pathlib
import random
import sys
import time

import numpy as np


def main():
    files = [str(f) for f in pathlib.Path(sys.argv[1]).glob("*.npy")]
    seconds = []
    for seed in range(3):
        random.Random(seed).shuffle(files)
        start = time.perf_counter()
        total = sum(float(np.load(f)[0, 7]) for f in files)
        seconds.append(time.perf_counter() - start)
    median = sorted(seconds)[1]
    print(f"peer np.load {len(files)} files: median {median:.4f} s, {median / len(files) * 1e6:.2f} us each ({total:.3f})")
    print(f"best {median / len(files) * 1e6:.2f}")


if __name__ == "__main__":
    main()
