"""PyAV decoding every frame in order, frame and slice threads, no conversion, and
counting the frames that a sampling rate wants: `decode_pyav.py FILE [RATE]`."""
import sys
import time

import av

path, rate = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
start = time.perf_counter()
decoded = wanted = 0
due = 0
with av.open(path) as container:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for frame in container.decode(stream):
        decoded += 1
        if frame.time * rate >= due - 1e-9:
            wanted += 1
            due = int(frame.time * rate + 1e-9) + 1
seconds = time.perf_counter() - start
print(f"{seconds:.3f} s: {wanted} of {decoded} frames, PyAV {av.__version__}, "
      f"libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}")
