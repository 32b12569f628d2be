"""The table of what real_models.sh trained.

    python real_models.py OUT_DIR

AUC and AP are means over shuffles and seeds. Each variant is set against its own training's
first one: the difference of AUC by shuffle (mean over seeds), with Student's 95% interval over
the shuffles. Needs SciPy.
"""

import glob
import json
import os
import sys
from collections import defaultdict

import numpy
from scipy import stats


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("| variant | AUC | AP | against | difference of AUC |")
    print("|---|---|---|---|---|")
    for folder in sorted(glob.glob(os.path.join(sys.argv[1], "*", ""))):
        area, precision = defaultdict(dict), defaultdict(dict)
        order = []
        for file in sorted(glob.glob(os.path.join(folder, "shuffle*", "detect.json"))):
            with open(file, encoding="utf-8") as text:
                runs = json.load(text)["runs"]
            for run in runs:
                variant, shuffle = run["variant"], os.path.dirname(file)
                if variant not in order:
                    order.append(variant)
                area[variant].setdefault(shuffle, []).append(run["areaUnderROC"])
                precision[variant].setdefault(shuffle, []).append(run["averagePrecision"])
        base = order[0]
        for variant in order:
            means = [numpy.mean(values) for values in area[variant].values()]
            aps = [numpy.mean(values) for values in precision[variant].values()]
            cells = [variant, f"{numpy.mean(means):.3f}", f"{numpy.mean(aps):.3f}"]
            if variant == base:
                cells += ["", ""]
            else:
                gaps = [
                    numpy.mean(area[variant][shuffle]) - numpy.mean(area[base][shuffle])
                    for shuffle in area[variant]
                ]
                reach = 0.0
                if len(gaps) > 1:
                    reach = stats.t.ppf(0.975, len(gaps) - 1) * stats.sem(gaps)
                mean = numpy.mean(gaps)
                cells += [base, f"{mean:+.3f} [{mean - reach:+.3f}, {mean + reach:+.3f}]"]
            print("| " + " | ".join(cells) + " |")


main()
