"""A stand-in for UCF-Crime's released features, to time and test training at real size.

    python train_data.py --out DIR [--videos 1610] [--test 290] [--signal 0.5] [--seed 0]
        [--crops 10]

Writes what `kess features import` takes for `--dataset ucf`:

    DIR/features/<Class>/<Class>001_x264__0.npy ... __9.npy    training, float16 [n, 512]
    DIR/features/Testing_Normal_Videos_Anomaly/...__5.npy      test: crop 5 alone
    DIR/ucf_CLIP_rgb.csv, DIR/ucf_CLIP_rgbtest.csv             path,label as VadCLIP's
    DIR/Temporal_Anomaly_Annotation.txt                        name class start end start end

All sizes are UCF-Crime's: 800 normal and 810 anomalous videos to train, 150 and 140 to
test, 16 of them with two events. Fewer --videos and --test keep the shares. Lengths are
log-normal, 8 to 3,000 snippets of 16 frames: median 70 where something happens, 220 where
nothing does. At full size that is 5 to 6 GB; --dry-run says how much.

A snippet is its video's scene, a slow drift and noise, of length about 10 as CLIP's. During
an event a direction that all anomalies share and one of the class are added, each of
length --signal times the noise's. 0 plants nothing. Learnt from the labels of 400 videos, one
crop, a linear classifier of snippets has a frame AUC of 0.74 at 0.5 and 0.95 at 1.
Crops share scene and event and differ in noise and in a small shift of the scene.
"""
import argparse
import os

import numpy as np

WIDTH, FRAMES, TEST_CROP = 512, 16, 5
# Anomalous training and test videos by class, as in the official lists.
CLASSES = {
    "Abuse": (48, 2), "Arrest": (45, 5), "Arson": (41, 9), "Assault": (47, 3),
    "Burglary": (87, 13), "Explosion": (29, 21), "Fighting": (45, 5),
    "RoadAccidents": (127, 23), "Robbery": (145, 5), "Shooting": (27, 23),
    "Shoplifting": (29, 21), "Stealing": (95, 5), "Vandalism": (45, 5),
}
NORMAL = (800, 150)


def scaled(counts, total):
    """Counts of the same shares that add up to total, the largest remainders rounded up."""
    exact = np.array(counts) * total / sum(counts)
    whole = np.floor(exact).astype(int)
    rest = np.argsort(whole - exact, kind="stable")[:total - whole.sum()]
    whole[rest] += 1
    return whole.tolist()


def plan(options, random):
    """(name, class, folder, is test, snippets) of every video."""
    names = list(CLASSES)
    train = scaled([NORMAL[0], *(CLASSES[n][0] for n in names)], options.videos)
    test = scaled([NORMAL[1], *(CLASSES[n][1] for n in names)], options.test)
    videos = []
    for place, name in enumerate(["Normal", *names]):
        for i in range(train[place] + test[place]):
            is_test = i >= train[place]
            median, deviation = (220, 1.4) if name == "Normal" else (70, 1.2)
            snippets = int(np.clip(random.lognormal(np.log(median), deviation), 8, 3000))
            title, folder = f"{name}{i + 1:03d}_x264", name
            if name == "Normal":
                title = f"Normal_Videos_{i + 1:03d}_x264"
                folder = "Testing_Normal_Videos_Anomaly" if is_test else "Training_Normal_Videos_Anomaly"
            videos.append((title, name, folder, is_test, snippets))
    return videos


def draw_events(snippets, count, random):
    """Half-open snippet ranges, in order, 5 to 40 % of the video in all."""
    share = random.uniform(0.05, 0.4) / count
    length = max(2, int(snippets * share))
    room = snippets // count
    return [
        (start, start + length)
        for part in range(count)
        for start in [part * room + int(random.integers(0, max(1, room - length)))]
    ]


def unit(random, count=None):
    v = random.standard_normal(WIDTH if count is None else (count, WIDTH))
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def draw_video(snippets, events, directions, signal, crops, random):
    """[n, 512] of each crop."""
    scene = 8 * unit(random)
    drift = np.cumsum(random.standard_normal((snippets, WIDTH)), 0)
    drift *= 3 / np.sqrt(WIDTH) / np.sqrt(np.arange(1, snippets + 1))[:, None]
    noise = 4.0
    planted = np.zeros((snippets, 1))
    for start, end in events:
        planted[start:end] = signal * noise
    base = scene + drift + planted * directions.sum(0)
    return [
        (base + 1.5 * unit(random) + noise / np.sqrt(WIDTH) * random.standard_normal(base.shape, np.float32))
        .astype(np.float16)
        for _ in range(crops)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--videos", type=int, default=1610)
    parser.add_argument("--test", type=int)
    parser.add_argument("--signal", type=float, default=0.5)
    parser.add_argument("--crops", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    if options.test is None:
        options.test = max(2, round(options.videos * 290 / 1610))
    random = np.random.default_rng(options.seed)
    videos = plan(options, random)
    size = sum(n * (1 if is_test else options.crops) for *_, is_test, n in videos) * WIDTH * 2
    print(f"{len(videos)} videos, {size / 1e9:.2f} GB")
    if options.dry_run:
        return
    shared = unit(random)
    of_class = dict(zip(CLASSES, unit(random, len(CLASSES))))
    rows, lines = {False: [], True: []}, []
    anomalous_tests = [v for v in videos if v[3] and v[1] != "Normal"]
    twice = {v[0] for v in anomalous_tests[:round(len(anomalous_tests) * 16 / 140)]}
    for title, name, folder, is_test, snippets in videos:
        events = []
        if name != "Normal":
            events = draw_events(snippets, 2 if title in twice else 1, random)
        directions = np.stack([shared, of_class.get(name, shared)])
        target = os.path.join(options.out, "features", folder)
        os.makedirs(target, exist_ok=True)
        crops = [TEST_CROP] if is_test else list(range(options.crops))
        made = draw_video(snippets, events, directions, options.signal, len(crops), random)
        for crop, features in zip(crops, made):
            file = f"{title}__{crop}.npy"
            np.save(os.path.join(target, file), features)
            rows[is_test].append(f"features/{folder}/{file},{name}")
        if is_test:
            ends = [str(e) for start, end in events for e in (start * FRAMES + 1, end * FRAMES)]
            ends += ["-1"] * (4 - len(ends))
            lines.append("  ".join([title + ".mp4", name, *ends]))
    for is_test, file in ((False, "ucf_CLIP_rgb.csv"), (True, "ucf_CLIP_rgbtest.csv")):
        with open(os.path.join(options.out, file), "w", encoding="utf-8") as out:
            out.write("path,label\n" + "".join(row + "\n" for row in rows[is_test]))
    with open(os.path.join(options.out, "Temporal_Anomaly_Annotation.txt"), "w", encoding="utf-8") as out:
        out.write("".join(line + "  \n" for line in lines))


if __name__ == "__main__":
    main()
