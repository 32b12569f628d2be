"""Whether kess is behind another strategy on the videos of all shuffles of make real.

    python real_selection.py REAL_DIR

Reads report/selection-evaluation.csv of every shuffle. For 4 and 8 frames and recall, peak
and aftermath, the paired difference of kess from each other strategy is resampled over videos
(10,000 times, one-sided); the p values are corrected by Holm's method. Prints the means, the
differences that are nearest to a loss, and whether any is significant.
"""

import csv
import glob
import os
import random
import sys

METRICS = ("recall", "onset", "peak", "aftermath")
JUDGED = ("recall", "peak", "aftermath")
RESAMPLES = 10000


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    values = {}
    files = glob.glob(
        os.path.join(sys.argv[1], "shuffle*", "workspace", "report", "selection-evaluation.csv")
    )
    for path in sorted(files):
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for metric in METRICS:
                    if row[metric]:
                        key = (int(row["frames"]), row["strategy"], metric)
                        values.setdefault(key, {})[path, row["video"]] = float(row[metric])
    if not values:
        sys.exit(f"no selection-evaluation.csv below {sys.argv[1]}; run make real first")
    strategies = list(dict.fromkeys(strategy for _, strategy, _ in values))
    counts = sorted({frames for frames, _, _ in values})
    for frames in counts:
        for strategy in strategies:
            means = []
            for metric in METRICS:
                found = values.get((frames, strategy, metric), {}).values()
                means.append(f"{metric} {sum(found) / len(found):.3f}" if found else "")
            print(f"{frames} frames  {strategy:18}", "  ".join(means))
    generator = random.Random(0)
    tests = []
    for frames in counts:
        for other in strategies:
            if other == "kess":
                continue
            for metric in JUDGED:
                ours = values.get((frames, "kess", metric), {})
                theirs = values.get((frames, other, metric), {})
                pairs = sorted(set(ours) & set(theirs))
                differences = [ours[pair] - theirs[pair] for pair in pairs]
                if not differences:
                    continue
                means = sorted(
                    sum(generator.choices(differences, k=len(differences))) / len(differences)
                    for _ in range(RESAMPLES)
                )
                p = (1 + sum(mean >= 0 for mean in means)) / (1 + RESAMPLES)
                interval = (means[RESAMPLES // 40], means[RESAMPLES - RESAMPLES // 40 - 1])
                mean = sum(differences) / len(differences)
                tests.append((p, frames, other, metric, mean, interval))
    tests.sort()
    corrected, behind = 0.0, 0
    for place, (p, frames, other, metric, mean, interval) in enumerate(tests):
        corrected = max(corrected, min(1, p * (len(tests) - place)))
        behind += corrected < 0.05
        if place < 6:
            print(
                f"kess - {other}, {metric}, {frames} frames: {mean:+.3f} "
                f"[{interval[0]:+.3f}, {interval[1]:+.3f}], p {p:.4f}, Holm {corrected:.3f}"
            )
    print(f"kess is significantly behind in {behind} of {len(tests)} comparisons")


main()
