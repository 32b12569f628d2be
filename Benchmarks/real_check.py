"""Recomputes frame AUC and AP of every evaluated run with scikit-learn.

    python real_check.py videos.csv WORKSPACE

Reads the table's events, the score files and report/evaluation.json, and nothing of the
project's code. Prints a line a run and the greatest difference; exits with 1 above 1e-6.
"""

import csv
import json
import os
import sys

import numpy
from sklearn.metrics import average_precision_score, roc_auc_score


def events_by_id(table):
    with open(table, newline="", encoding="utf-8") as file:
        return {
            os.path.splitext(os.path.basename(row["video"]))[0]: [
                tuple(int(end) for end in event.split("-"))
                for event in row["events"].split("|")
                if event
            ]
            for row in csv.DictReader(file)
        }


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    table, workspace = sys.argv[1:]
    events = events_by_id(table)
    with open(os.path.join(workspace, "report", "evaluation.json"), encoding="utf-8") as file:
        summary = json.load(file)
    greatest = 0.0
    for run in summary["runs"]:
        folder = os.path.join(workspace, "scores", run["id"])
        with open(os.path.join(folder, "scores.json"), encoding="utf-8") as file:
            record = json.load(file)
        length = record["snippetLength"]
        scores, labels = [], []
        for video in record["videos"]:
            frames = video["frameCount"]
            snippets = numpy.load(os.path.join(folder, video["scores"]))
            place = numpy.minimum(numpy.arange(frames) // length, len(snippets) - 1)
            label = numpy.zeros(frames, dtype=int)
            for start, end in events[video["id"]]:
                label[start:end] = 1
            scores.append(snippets[place])
            labels.append(label)
        scores, labels = numpy.concatenate(scores), numpy.concatenate(labels)
        area = roc_auc_score(labels, scores)
        precision = average_precision_score(labels, scores)
        greatest = max(
            greatest, abs(area - run["areaUnderROC"]), abs(precision - run["averagePrecision"])
        )
        print(f"{run['id']}\tAUC {area:.6f}\tAP {precision:.6f}")
    print(f"scikit-learn: {len(summary['runs'])} runs, greatest difference {greatest:.1e}")
    sys.exit(greatest > 1e-6)


main()
