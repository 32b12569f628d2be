"""Writes published_adaptive_sampling.json: what the published program of Adaptive
Keyframe Sampling selects, for PublishedSplitTests.

Written from a description of its rule, not from its text: min-max the curve once;
judge a segment by the mean of its M largest values less its mean (and by its
population standard deviation, which always passes); keep it, or halve it level by
level down to depth 5; take floor(M / 2^depth) of the largest of each, the earlier of
equals; fewer than M candidates are all taken. heapq.nlargest and numpy are what the
program calls, so flat curves (not a number after the division by zero) and empty
segments behave here as they do there.

    python published_adaptive_sampling.py
"""

import heapq
import json
import pathlib
import random
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
T1, T2, DEPTH = 0.8, -100, 5


def select(scores, budget):
    if len(scores) < budget:
        return list(range(len(scores)))
    scores = np.array(scores, dtype=np.float64)
    with np.errstate(all="ignore"):
        scores = (scores - scores.min()) / (scores.max() - scores.min())
    final, level = [], [(0, len(scores))]
    for depth in range(DEPTH + 1):
        halves = []
        for start, end in level:
            part = scores[start:end]
            largest = heapq.nlargest(budget, range(len(part)), part.__getitem__)
            gap = np.mean([part[i] for i in largest]) - np.mean(part)
            if (gap > T1 and np.std(part) > T2) or depth == DEPTH:
                final.append((start, end, depth))
            else:
                middle = start + (end - start) // 2
                halves += [(start, middle), (middle, end)]
        level = halves
    chosen = []
    for start, end, depth in final:
        part = scores[start:end]
        chosen += [
            start + i
            for i in heapq.nlargest(int(budget / 2**depth), range(len(part)), part.__getitem__)
        ]
    return sorted(chosen)


def curves():
    generator = random.Random(7)
    for count in [1, 5, 20, 31, 32, 33, 64, 100, 333]:
        yield [round(generator.random(), 3) for _ in range(count)]
        yield [generator.randrange(4) for _ in range(count)]
        yield [0.25] * count
        yield [1.0 if i == count // 3 else 0.0 for i in range(count)]
        yield [1.0 if i in (count // 5, count // 2, count // 2 + 1) else 0.0 for i in range(count)]


cases = [
    {"relevance": curve, "frames": frames, "chosen": select(curve, frames)}
    for curve in curves()
    for frames in [1, 2, 3, 4, 8, 16, 32, 48, 64, 100]
]
pathlib.Path(__file__).with_suffix(".json").write_text(
    json.dumps(
        {"versions": {"python": sys.version.split()[0], "numpy": np.__version__}, "cases": cases}
    )
    + "\n"
)
print(len(cases), "cases,", sum(len(c["chosen"]) < min(c["frames"], len(c["relevance"])) for c in cases), "short")
