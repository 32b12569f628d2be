"""Writes what NumPy gives for VadCLIP's rule for long training videos (`process_feat`).

snippet_bounds.json: per maximum, the SHA-256 of the segments' bounds
np.linspace(0, n, maximum + 1, dtype=np.int32) of all n from 1 to 2000, as little-endian int32.
snippet_rows.npy: a video of 613 half-precision rows. snippet_means_half.npy: its means over 100
segments as np.mean gives them for half precision, stored as float32, as VadCLIP does.
snippet_means.npy: the means of the same rows as float32.

Made with Python 3.11 and the NumPy that snippet_bounds.json names:
    python make_snippets.py
"""
import hashlib
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
MAXIMA = [1, 2, 3, 7, 64, 100, 200, 250, 256, 300, 512, 1000]
LAST = 2000


def process_feat(feat, length):
    new_feat = np.zeros((length, feat.shape[1])).astype(np.float32)
    r = np.linspace(0, len(feat), length + 1, dtype=np.int32)
    for i in range(length):
        if r[i] != r[i + 1]:
            new_feat[i, :] = np.mean(feat[r[i]:r[i + 1], :], 0)
        else:
            new_feat[i, :] = feat[r[i], :]
    return new_feat


hashes = {}
for maximum in MAXIMA:
    digest = hashlib.sha256()
    for n in range(1, LAST + 1):
        digest.update(np.linspace(0, n, maximum + 1, dtype=np.int32).astype("<i4").tobytes())
    hashes[str(maximum)] = digest.hexdigest()
(HERE / "snippet_bounds.json").write_text(
    json.dumps({"numpy": np.__version__, "last": LAST, "sha256": hashes}, indent=1) + "\n")

rng = np.random.default_rng(5)
scales = 10.0 ** rng.uniform(-6, 3, size=8)
rows = (rng.standard_normal((613, 8)) * scales).astype(np.float16)
np.save(HERE / "snippet_rows.npy", rows)
np.save(HERE / "snippet_means_half.npy", process_feat(rows, 100))
np.save(HERE / "snippet_means.npy", process_feat(rows.astype(np.float32), 100))
