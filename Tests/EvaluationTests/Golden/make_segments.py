"""Makes segments.json: mAP@IoU of small random data in both forms, frame by frame.

Written from the description of VadCLIP's evaluation, not from our code: every score is repeated
16 times, overlaps are counted with sets of frames, and NMS and the least length of a run are
there although they change nothing. NumPy 1's promotion of single precision is written out, so
that the values do not depend on the version.

Run: python make_segments.py   (writes beside itself; versions are recorded in the file)
"""

import json
import os
import sys

import numpy

generator = numpy.random.default_rng(2026)
OVERLAPS = [0.1, 0.2, 0.3, 0.4, 0.5]
UCF = ["Normal", "Abuse", "Arrest", "Arson", "Assault", "Burglary", "Explosion", "Fighting",
       "RoadAccidents", "Robbery", "Shooting", "Shoplifting", "Stealing", "Vandalism"]
XD = ["Normal", "Fighting", "Shooting", "Riot", "Abuse", "CarAccident", "Explosion"]


# --- what both forms share ---------------------------------------------------------------

def suppressed(segments, overlap=0.6):
    kept = []
    for segment in segments:
        frames = set(range(segment[0], segment[1]))
        others = [set(range(k[0], k[1])) for k in kept]
        if all(len(frames & o) / len(frames | o) <= overlap for o in others):
            kept.append(segment)
    return kept


def proposals(column):
    """(start, end, score) of one class in one video; column: f32, one a snippet."""
    frames = numpy.repeat(column.astype(numpy.float32), 16)
    top = numpy.sort(frames)[::-1][: len(frames) // 16]
    total = numpy.float32(0)
    for value in top:
        total = numpy.float32(total + value)
    level = numpy.float32(total / numpy.float32(len(top)))
    high, low = frames.max(), frames.min()
    threshold = numpy.float32(float(high) - float(numpy.float32(high - low)) * 0.6)
    over = numpy.concatenate([[0], (frames > threshold).astype(int), [0]])
    step = numpy.diff(over)
    found = []
    for start, end in zip(numpy.where(step == 1)[0], numpy.where(step == -1)[0]):
        if end - start >= 2:
            found.append((int(start), int(end), float(frames[start:end].max()) + 0.7 * float(level)))
    return suppressed(found)


def average_precision(predicted, truth, overlap):
    """predicted: (video, start, end, score); truth: (video, start, end)."""
    left = list(truth)
    hits = []
    for video, start, end, score in sorted(predicted, key=lambda p: (-p[3], p[0], p[1])):
        best, best_overlap = None, 0
        own = set(range(start, end))
        for index, (other, first, last) in enumerate(left):
            if other != video:
                continue
            frames = set(range(first, last))
            value = len(own & frames) / len(own | frames)
            if value >= overlap and value > best_overlap:
                best, best_overlap = index, value
        if best is not None:
            del left[best]
        hits.append(0.0 if best is None else 1.0)
    if sum(hits) == 0:
        return 0.0
    hits = numpy.array(hits)
    precision = numpy.cumsum(hits) / numpy.arange(1, len(hits) + 1)
    return 100 * float(numpy.sum(precision * hits)) / len(truth)


def entry(name, predicted, truth):
    return {
        "className": name,
        "eventCount": len(truth),
        "proposalCount": len(predicted),
        "averagePrecision": [average_precision(predicted, truth, o) for o in OVERLAPS],
    }


def population(count, entries, counted):
    means = [
        float(numpy.mean([e["averagePrecision"][i] for e in counted])) for i in range(len(OVERLAPS))
    ] if counted else []
    return {"videoCount": count, "classes": entries, "meanAveragePrecision": means,
            "average": float(numpy.mean(means)) if counted else None}


# --- vadclip-legacy ----------------------------------------------------------------------

def legacy(case, videos):
    entries = []
    for index, name in enumerate(case["classes"]):
        predicted, truth = [], []
        for place, video in enumerate(videos):
            predicted += [(place, *p) for p in proposals(video["columns"][:, index])]
            if name == "Normal":
                # XD-Violence: the class list has 'A', as normal videos are stored. UCF-Crime:
                # stored as 'A', listed as 'Normal', so nothing is found.
                if case["hasNormalEvents"] and not video["isAnomalous"]:
                    truth.append((place, 0, 16 * len(video["columns"])))
                continue
            truth += [(place, e["start"] + case["startShift"], e["end"])
                      for e in video["events"] if e["className"] == name]
        entries.append(entry(name, predicted, truth))
    result = population(len(videos), entries, entries)
    result["classesWithoutProposals"] = [
        e["className"] for e in entries if e["proposalCount"] == 0]
    if result["classesWithoutProposals"]:
        # The code returns 0 from the loop over the classes.
        result["meanAveragePrecision"] = [0.0] * len(OVERLAPS)
        result["average"] = 0.0
    return result


# --- fixed -------------------------------------------------------------------------------

def fitted(video, found):
    """What reaches the end of the last snippet reaches the end of the video."""
    scored = 16 * len(video["columns"])
    return [(s, video["frameCount"] if e == scored else e, score) for s, e, score in found]


def clipped(video, events):
    pairs = [(max(0, e["start"]), min(e["end"], video["frameCount"])) for e in events]
    return [p for p in pairs if p[0] < p[1]]


def fixed(case, videos, member):
    entries = []
    for index, name in enumerate(case["classes"]):
        if name == "Normal":
            continue
        predicted, truth = [], []
        for place, video in enumerate(videos):
            if not member(video):
                continue
            found = fitted(video, proposals(video["columns"][:, index]))
            predicted += [(place, *p) for p in found]
            own = [e for e in video["events"] if e["className"] == name]
            truth += [(place, *p) for p in clipped(video, own)]
        entries.append(entry(name, predicted, truth))
    return population(sum(map(member, videos)), entries, [e for e in entries if e["eventCount"]])


def any_class(case, videos, member):
    normal = case["classes"].index("Normal")
    predicted, truth = [], []
    for place, video in enumerate(videos):
        if not member(video):
            continue
        scores = (numpy.float32(1) - video["columns"][:, normal]).astype(numpy.float32)
        predicted += [(place, *p) for p in fitted(video, proposals(scores))]
        frames = set()
        for first, last in clipped(video, video["events"]):
            frames |= set(range(first, last))
        # Runs of frames in any event.
        start = None
        for frame in range(video["frameCount"] + 1):
            if frame in frames and start is None:
                start = frame
            if frame not in frames and start is not None:
                truth.append((place, start, frame))
                start = None
    return entry("any", predicted, truth)


# --- the cases ---------------------------------------------------------------------------

def softmax(logits):
    logits = logits.astype(numpy.float32)
    powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(numpy.float32)


def video(number, classes, names, snippets, tail, events, strength=2.0):
    frames = snippets * 16 + tail
    logits = generator.normal(size=(snippets, len(classes)))
    logits[:, 0] += 1.5
    for event in events:
        middle = 16 * numpy.arange(snippets) + 8
        inside = (middle >= event["start"]) & (middle < event["end"])
        logits[inside, classes.index(event["className"])] += strength * generator.uniform(0.3, 2)
    return {"id": f"v{number:02d}", "frameCount": frames, "classNames": names,
            "isAnomalous": names != ["Normal"], "events": events, "columns": softmax(logits)}


def event(name, frames, longest=0.6):
    length = int(generator.integers(8, max(9, int(frames * longest))))
    start = int(generator.integers(0, max(1, frames - length)))
    return {"className": name, "start": start, "end": start + length}


def dataset(classes, count, several):
    videos = []
    for number in range(count):
        snippets = int(generator.integers(1, 13))
        tail = int(generator.integers(0, 16))
        if number % 3 == 0:
            videos.append(video(number, classes, ["Normal"], snippets, tail, []))
            continue
        frames = 16 * snippets + tail
        if several and number % 2:
            names = [str(n) for n in generator.choice(classes[1:], size=2, replace=False)]
        else:
            names = [classes[1 + number % (len(classes) - 1)]]
        events = [event(n, frames) for n in names]
        if number % 4 == 1:
            events.append(event(names[0], frames))
        videos.append(video(number, classes, names, snippets, tail, events))
    return videos


def case(name, classes, videos, has_normal_events, start_shift):
    case = {"name": name, "classes": classes, "hasNormalEvents": has_normal_events,
            "startShift": start_shift}
    ordered = sorted(videos, key=lambda v: v["id"])
    case["legacy"] = legacy(case, ordered)
    abnormal = lambda v: v["isAnomalous"]
    everyone = lambda v: True
    case["abnormalVideos"] = fixed(case, ordered, abnormal)
    case["allVideos"] = fixed(case, ordered, everyone)
    case["anyAbnormal"] = any_class(case, ordered, abnormal)
    case["anyAll"] = any_class(case, ordered, everyone)
    shuffled = [ordered[i] for i in generator.permutation(len(ordered))]
    case["videos"] = [
        {**{k: v for k, v in item.items() if k != "columns"},
         "scores": [[float(str(x)) for x in row] for row in item["columns"]]} for item in shuffled]
    return case


def perfect():
    """Every event is whole snippets; the right class scores 1 in it, normal elsewhere."""
    videos = []
    for number in range(20):
        snippets = 8
        kind = number + 1 if number < 13 else 0
        events = []
        if kind:
            events.append({"className": UCF[kind], "start": 32, "end": 64})
            if number % 4 == 0:
                events.append({"className": UCF[kind], "start": 96, "end": 112})
        columns = numpy.zeros((snippets, len(UCF)), dtype=numpy.float32)
        columns[:, 0] = 1
        for e in events:
            columns[e["start"] // 16: e["end"] // 16, 0] = 0
            columns[e["start"] // 16: e["end"] // 16, kind] = 1
        videos.append({"id": f"v{number:02d}", "frameCount": 128, "classNames": [UCF[kind]],
                       "isAnomalous": kind > 0, "events": events, "columns": columns})
    return videos


def quantised(videos):
    for item in videos:
        item["columns"] = (numpy.round(item["columns"] * 8) / 8).astype(numpy.float32)
    return videos


def silenced(videos, index):
    for item in videos:
        item["columns"][:, index] = 0.25
    return videos


def beyond(videos):
    """Events behind the last snippet and behind the end of the video."""
    for item in videos[1::3]:
        item["events"][0]["end"] = item["frameCount"] + 9
    for item in videos[2::3]:
        item["frameCount"] = 16 * len(item["columns"])
        item["events"].append({"className": item["classNames"][0], "start": item["frameCount"] + 4,
                               "end": item["frameCount"] + 20})
    return videos


cases = [
    case("UCF-Crime's quirk: normal videos have no events", UCF, dataset(UCF, 40, False), False, 1),
    case("XD-Violence's quirk: normal videos are events", XD, dataset(XD, 40, True), True, 0),
    case("ties", XD, quantised(dataset(XD, 30, True)), True, 0),
    case("a class without proposals", XD, silenced(dataset(XD, 24, True), 3), True, 0),
    case("a class without events", UCF, dataset(UCF, 12, False), False, 0),
    case("events that end behind the video", XD, beyond(dataset(XD, 24, False)), False, 1),
    case("perfect predictor", UCF, perfect(), False, 0),
]
last = cases[-1]
assert abs(last["legacy"]["average"] - 13 / 14 * last["abnormalVideos"]["average"]) < 1e-9
assert last["abnormalVideos"]["average"] == last["allVideos"]["average"] == 100

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "segments.json")
with open(path, "w") as file:
    json.dump(
        {"script": os.path.basename(__file__), "numpy": numpy.__version__,
         "python": sys.version.split()[0], "cases": cases}, file)
    file.write("\n")
