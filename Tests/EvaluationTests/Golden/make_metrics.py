"""Makes metrics.json: scikit-learn's values for cases that the Swift metrics must meet.

Run: python make_metrics.py   (writes beside itself; versions are recorded in the file)
"""

import json
import os

import numpy
import sklearn
from sklearn.metrics import (
    auc,
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
)

generator = numpy.random.default_rng(2026)


def case(name, scores, labels):
    scores = numpy.asarray(scores, dtype=numpy.float32)
    labels = numpy.asarray(labels, dtype=int)
    precision, recall, _ = precision_recall_curve(labels, scores)
    return {
        "name": name,
        "scores": [float(value) for value in scores],
        "labels": [int(value) for value in labels],
        "areaUnderROC": float(roc_auc_score(labels, scores)),
        "averagePrecision": float(average_precision_score(labels, scores)),
        "precisionRecallTrapezoid": float(auc(recall, precision)),
    }


def informative(count, prevalence, strength):
    labels = generator.random(count) < prevalence
    return generator.normal(size=count) + strength * labels, labels


cases = []
scores, labels = informative(400, 0.08, 1.2)
cases.append(case("distinct scores", scores, labels))
scores, labels = informative(400, 0.25, 1.0)
cases.append(case("eleven levels", numpy.clip(numpy.round(scores * 2 + 5), 0, 10) / 10, labels))
scores, labels = informative(300, 0.5, -0.7)
cases.append(case("worse than chance", scores, labels))
cases.append(case("constant", numpy.full(120, 0.5), numpy.arange(120) % 6 == 0))
cases.append(case("perfect", [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]))
scores, labels = informative(200, 0.3, 2.0)
cases.append(case("saturated sigmoid", 1 / (1 + numpy.exp(-30 * scores.astype(numpy.float32))), labels))
cases.append(case("runs of sixteen", numpy.repeat(informative(30, 0.3, 1)[0], 16), numpy.repeat(generator.random(60) < 0.3, 8)))

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.json")
with open(path, "w") as file:
    json.dump(
        {"sklearn": sklearn.__version__, "numpy": numpy.__version__, "cases": cases},
        file,
    )
    file.write("\n")
