"""kess select from end to end beside select_peer.py, and its memory by length.

  python select_bench.py speed|memory KESS FOLDER    (the peers' environment)

FOLDER keeps clips and weights (about 0.7 GB). Each process is timed from its start
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
FULL = ["--precision", "bf16", "--no-cache"]
SKIPPING = FULL + ["--skip-static"]


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


def select(kess, clip, weights, out, options):
    queries = [part for query in QUERIES for part in ("--query", query)]
    output, seconds, megabytes = measure(
        [kess, "select", clip, "--clip-model", weights, "--frames", FRAMES, "--out", out, "--json", *queries, *options])
    return json.loads(output), seconds, megabytes


def times(record):
    return [frame["timestampSeconds"] for frame in record["frames"]]


def speed(kess, folder, weights):
    python = sys.executable
    for name, ours, target in (("moving", FULL, ">= 3x"), ("static", SKIPPING, ">= 10x")):
        clip = folder / "clips" / f"{name}-10.mp4"
        own, full, peer = [], [], []
        for _ in range(REPEATS):
            record, seconds, _ = select(kess, clip, weights, folder / "ours", ours)
            own.append(seconds)
            if ours is not FULL:
                reference, seconds, _ = select(kess, clip, weights, folder / "full", FULL)
                full.append(seconds)
            output, seconds, _ = measure(
                [python, HERE / "select_peer.py", clip, weights, FRAMES, folder / "peer", *QUERIES])
            peer.append(seconds)
            told = json.loads(output)
        median = statistics.median
        print(f"{name}: ours {own} s, ours in full {full} s, peer {peer} s, peer's own account {told}")
        row(f"kess select, 10 min, {name} camera{', skipping' if full else ''}, bf16 / f32 script",
            f"{median(own):.1f} s", f"{median(peer):.1f} s", f"{median(peer) / median(own):.2f}x", target)
        if full:
            row("  the same without skipping", f"{median(full):.1f} s", f"{median(peer):.1f} s",
                f"{median(peer) / median(full):.2f}x", ">= 3x")
            all_times = times(reference)
            near = sum(min(abs(t - other) for other in all_times) <= 1 for t in times(record))
            print(f"  picks: skipping {times(record)}, full {all_times}")
            row("  frames within 1 s of the full run's", f"{near} of {FRAMES}", "-",
                f"{100 * near / FRAMES:.0f}%", ">= 95%")


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
    if not (weights / "complete").exists():
        measure([sys.executable, HERE / "select_weights.py", weights])
    measure([sys.executable, HERE / "select_clips.py", folder / "clips"] + (["60", "180"] if what == "memory" else []))
    {"speed": speed, "memory": memory}[what](kess, folder, weights)


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve())
