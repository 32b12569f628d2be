"""The clips of the selection benchmark: 320x240 H.264 at 25 frames a second.

  python select_clips.py FOLDER MINUTES...    (numpy, PyAV)

static-10.mp4: one fixed camera, sensor noise, three people who come and go: for a
fifth of the time something moves. moving-10.mp4: a camera that pans over a large
scene without a pause. static-60.mp4, static-180.mp4: the first, again and again,
without encoding anew. Synthetic and seeded; what is there is kept.
"""

import pathlib
import sys

import av
import numpy as np

WIDTH, HEIGHT, RATE, SECONDS = 320, 240, 25, 600


def texture(width, height, seed):
    """A scene: smooth shapes of many sizes in colour."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    for cells in (4, 9, 20, 50, 110):
        rough = rng.normal(size=(cells, cells, 3)).astype(np.float32)
        y = np.linspace(0, cells - 1, height)
        x = np.linspace(0, cells - 1, width)
        y0, x0 = np.minimum(y.astype(int), cells - 2), np.minimum(x.astype(int), cells - 2)
        fy, fx = (y - y0)[:, None, None], (x - x0)[None, :, None]
        corners = [rough[y0 + a][:, x0 + b] for a in (0, 1) for b in (0, 1)]
        picture += (
            corners[0] * (1 - fy) * (1 - fx) + corners[1] * (1 - fy) * fx
            + corners[2] * fy * (1 - fx) + corners[3] * fy * fx) * (30 / np.sqrt(cells) + 6)
    return np.clip(picture + 120, 0, 255)


def static_frames():
    scene = texture(WIDTH, HEIGHT, 1)
    rng = np.random.default_rng(2)
    visits = []  # start, length, row, colour
    for start in range(20, SECONDS, 50):
        visits.append((start + rng.uniform(0, 15), rng.uniform(8, 12), rng.uniform(90, 170), rng.uniform(20, 230, 3)))
    for number in range(SECONDS * RATE):
        second = number / RATE
        frame = scene.copy()
        for start, length, row, colour in visits:
            part = (second - start) / length
            if 0 <= part <= 1:
                x, y = int(part * (WIDTH + 40)) - 40, int(row + 4 * np.sin(second * 6))
                frame[y:y + 60, max(0, x):max(0, x + 24)] = colour
                frame[y - 14:y, max(0, x + 5):max(0, x + 19)] = (200, 160, 140)
        yield frame + rng.normal(scale=1.5, size=(HEIGHT, WIDTH, 1)).astype(np.float32)


def moving_frames():
    scene = texture(2200, 1400, 3)
    rng = np.random.default_rng(4)
    for number in range(SECONDS * RATE):
        second = number / RATE
        x = int((2200 - WIDTH) * (0.5 + 0.5 * np.sin(second / 23)))
        y = int((1400 - HEIGHT) * (0.5 + 0.5 * np.sin(second / 17 + 1)))
        yield scene[y:y + HEIGHT, x:x + WIDTH] + rng.normal(scale=1.5, size=(HEIGHT, WIDTH, 1)).astype(np.float32)


def encode(path, frames):
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as file:
        stream = file.add_stream("libx264", rate=RATE, options={"crf": "26", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.clip(frame, 0, 255).astype(np.uint8), format="rgb24")
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    part.rename(path)


def repeat(source, path, times):
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as target:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(str(source)) as file:
                video = file.streams.video[0]
                stream = stream or target.add_stream_from_template(video)
                end = 0
                for packet in file.demux(video):
                    if packet.dts is None:
                        continue
                    end = max(end, packet.pts + packet.duration)
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = stream
                    target.mux(packet)
                shift += end
    part.rename(path)


def main(folder, minutes):
    folder.mkdir(parents=True, exist_ok=True)
    for name, frames in (("static", static_frames), ("moving", moving_frames)):
        path = folder / f"{name}-10.mp4"
        if not path.exists():
            encode(path, frames())
    for length in minutes:
        path = folder / f"static-{length}.mp4"
        if not path.exists():
            repeat(folder / "static-10.mp4", path, length // 10)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), [int(length) for length in sys.argv[2:]])
