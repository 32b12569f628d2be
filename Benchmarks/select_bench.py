"""kess select from end to end beside select_peer.py, and its memory by length.

  python select_bench.py speed|memory|skipping KESS FOLDER    (the peers' environment)

skipping: how many frames are encoded and how many picks stay within 1 s of the full
run's, by --static-bound, over several queries and both kinds of random weights (the
embedding cache answers all but the first run, so that it tells nothing of time).

FOLDER keeps clips and weights (about 1.3 GB). Each process is timed from its start
to its end, loading included, in turns; medians count. Rows for the table are
appended to the file that ROWS names. REPEATS: rounds (3).
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
REPEATS = int(os.environ.get("REPEATS", "3"))
FRAMES = 32
QUERIES = ["two people fighting", "a fire with smoke", "a car crash"]
MORE_QUERIES = [["a person breaks a window"], ["someone steals a bag", "a robbery"], ["an explosion"],
                ["people run away", "a crowd in panic"], ["a man with a gun"], ["an empty street at night"]]
FULL = ["--precision", "bf16", "--no-cache"]
SKIPPING = FULL + ["--skip-static"]
INT8 = ["--precision", "int8", "--no-cache"]


def measure(command):
    """What a command prints, its seconds from start to end, and its peak memory in MB."""
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # The pipes are drained first: both are short.
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    if status != 0:
        raise SystemExit(f"{command}: status {status}\n{errors.decode()}")
    return output, seconds, usage.ru_maxrss / 1024


def row(what, ours, peer, ratio, target):
    """One line of the table of ratios."""
    line = "\t".join([what, ours, peer, ratio, target])
    print(line)
    if os.environ.get("ROWS"):
        with open(os.environ["ROWS"], "a") as file:
            file.write(line + "\n")


def select(kess, clip, weights, out, options, queries=QUERIES):
    queries = [part for query in queries for part in ("--query", query)]
    output, seconds, megabytes = measure(
        [kess, "select", clip, "--clip-model", weights, "--frames", FRAMES, "--out", out, "--json", *queries, *options])
    return json.loads(output), seconds, megabytes


def times(record):
    return [frame["timestampSeconds"] for frame in record["frames"]]


def near_picks(record, reference):
    """How many of a record's picks lie within 1 s of one of the reference's."""
    return sum(min(abs(time - other) for other in times(reference)) <= 1 for time in times(record))


def skipping(kess, folder, weights):
    clip = folder / "clips" / "static-10.mp4"
    plain = folder / "weights-plain"
    measure([sys.executable, HERE / "select_weights.py", plain, "plain"])
    for name, weights in (("spread weights", weights), ("plain weights", plain)):
        cached = ["--precision", "bf16", "--cache", folder / f"cache-{weights.name}"]
        full = [select(kess, clip, weights, folder / "full", cached, queries)[0]
                for queries in [QUERIES] + MORE_QUERIES]
        for bound in (0.5, 1, 2, 6):
            near, encoded = [], None
            for queries, reference in zip([QUERIES] + MORE_QUERIES, full):
                options = cached + ["--skip-static", "--static-bound", bound]
                record, _, _ = select(kess, clip, weights, folder / "ours", options, queries)
                near.append(100 * near_picks(record, reference) / FRAMES)
                counts = record["candidates"]["encoding"]
                encoded = counts["encoded"] + counts["cached"]
            row(f"skipping, bound {bound}, {name}: {encoded} of 600 frames encoded",
                f"{statistics.mean(near):.0f}% of picks", f"least {min(near):.0f}%", "-",
                ">= 95%" if bound == 2 else "-")


def speed(kess, folder, weights):
    """Every round runs each of ours and the peer once, in turns."""
    median = statistics.median
    for name, ours in (
        ("moving", {"bf16": (FULL, ">= 3x"), "int8": (INT8, "-")}),
        ("static", {"bf16, skipping": (SKIPPING, ">= 10x"), "int8, skipping": (INT8 + ["--skip-static"], "-"),
                    "bf16": (FULL, ">= 3x")})):
        clip = folder / "clips" / f"{name}-10.mp4"
        seconds, peer = {kind: [] for kind in ours}, []
        for _ in range(REPEATS):
            for kind, (options, _) in ours.items():
                _, taken, _ = select(kess, clip, weights, folder / "ours", options)
                seconds[kind].append(taken)
            output, taken, _ = measure(
                [sys.executable, HERE / "select_peer.py", clip, weights, FRAMES, folder / "peer", *QUERIES])
            peer.append(taken)
        print(f"{name}: ours {seconds} s, peer {peer} s, peer's own account {json.loads(output)}")
        for kind, (_, target) in ours.items():
            row(f"kess select, 10 min, {name} camera, {kind} / f32 script", f"{median(seconds[kind]):.1f} s",
                f"{median(peer):.1f} s", f"{median(peer) / median(seconds[kind]):.2f}x", target)


def memory(kess, folder, weights):
    megabytes_of_weights = (weights / "model.safetensors").stat().st_size / 2**20
    peaks = {}
    for minutes in (10, 60, 180):
        clip = folder / "clips" / f"static-{minutes}.mp4"
        _, seconds, peaks[minutes] = select(kess, clip, weights, folder / "memory", SKIPPING)
        allowed = 300 + megabytes_of_weights + 20 * minutes / 60
        row(f"peak memory, {minutes} min", f"{peaks[minutes]:.0f} MB", "-", f"{seconds:.0f} s",
            f"<= {allowed:.0f} MB ({megabytes_of_weights:.0f} of weights)")
    growth = (peaks[180] - peaks[60]) / 2
    row("  growth from 1 h to 3 h", f"{growth:.1f} MB an hour", "-", "-", "<= 20 MB an hour")


def main(what, kess, folder):
    weights = folder / "weights"
    measure([sys.executable, HERE / "select_weights.py", weights])
    measure([sys.executable, HERE / "select_clips.py", folder / "clips"] + (["60", "180"] if what == "memory" else []))
    {"speed": speed, "memory": memory, "skipping": skipping}[what](kess, folder, weights)


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve())
