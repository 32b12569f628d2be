"""Recomputes frame AUC and AP from written scores, with scikit-learn and nothing of the project.

    python recompute_auc.py SCORES_FOLDER ANNOTATION_FILE

SCORES_FOLDER holds one <id>.npy a video (float32, one value a 16-frame snippet, or one a
frame) and scores.json with the frame counts. ANNOTATION_FILE is UCF-Crime's format:
`name.mp4  Class  s1  e1  s2  e2`, frames counted from 1, both ends included, -1 for none.
A snippet's score stands for its 16 frames, the last one also for the frames that are left.
Prints `videos`, `frames`, `positives`, `AUC` and `AP`, one a line.
"""

import json
import os
import sys

import numpy
from sklearn.metrics import average_precision_score, roc_auc_score


def read_annotation(path):
    events = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            if not fields:
                continue
            numbers = [int(field) for field in fields[2:]]
            pairs = zip(numbers[0::2], numbers[1::2])
            stem = os.path.splitext(fields[0])[0]
            events[stem] = [(start - 1, end) for start, end in pairs if start > 0]
    return events


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, annotation = sys.argv[1:]
    with open(os.path.join(folder, "scores.json"), encoding="utf-8") as file:
        sidecar = json.load(file)
    length = sidecar["snippetLength"]
    events = read_annotation(annotation)
    all_scores, all_labels = [], []
    for video in sidecar["videos"]:
        name, frames = video["id"], video["frameCount"]
        if name not in events:
            sys.exit(f"{name}: not in {annotation}")
        scores = numpy.load(os.path.join(folder, video["scores"]))
        if scores.ndim != 1 or not numpy.isfinite(scores).all():
            sys.exit(f"{name}: scores of shape {scores.shape}, or not finite")
        if len(scores) != frames:
            if len(scores) != max(1, frames // length):
                sys.exit(f"{name}: {len(scores)} scores for {frames} frames")
            frame_scores = numpy.repeat(scores, length)
            tail = numpy.full(max(0, frames - len(frame_scores)), scores[-1], scores.dtype)
            scores = numpy.concatenate([frame_scores, tail])[:frames]
        labels = numpy.zeros(frames, dtype=int)
        for start, end in events[name]:
            labels[start:end] = 1
        all_scores.append(scores)
        all_labels.append(labels)
    scores, labels = numpy.concatenate(all_scores), numpy.concatenate(all_labels)
    print(f"videos {len(all_scores)}")
    print(f"frames {len(labels)}")
    print(f"positives {labels.sum()}")
    print(f"AUC {roc_auc_score(labels, scores):.8f}")
    print(f"AP {average_precision_score(labels, scores):.8f}")


main()
