"""Makes the video fixtures beside this file and fixtures.json, what FFmpeg's own
tools find in them: `python3 make_fixtures.py` (ffmpeg 5.1 with libx264, libx265,
libvpx; python 3.11 with numpy).

fixtures.json holds for each file the display size, the frame times in seconds from
the container's start (ffprobe), the SHA-256 of all frames as rgb24 (ffmpeg, exact
scaler flags) and the mean colour of an 8 x 8 grid over the first and last frames.
"""
import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np

here = Path(__file__).resolve().parent
scale = "scale=flags=bicubic+accurate_rnd+bitexact+full_chroma_int+full_chroma_inp,format=rgb24"
x264 = "-c:v libx264 -threads 1 -crf 30"


def ffmpeg(arguments, name):
    command = f"ffmpeg -v error -y {arguments} -fflags +bitexact -flags:v +bitexact"
    subprocess.run(command.split() + [str(here / name)], check=True)


def source(size="96x64", rate=10, seconds=2):
    return f"-f lavfi -i testsrc=size={size}:rate={rate}:duration={seconds}"


sound = "-f lavfi -i sine=frequency=440:duration=1"
made = {}


def video(name, arguments, turn=""):
    ffmpeg(arguments, name)
    made[name] = turn


video("b-frames.mp4", f"{source()} {x264} -bf 3 -g 12 -pix_fmt yuv420p")
video("variable-rate.mp4", f"{source(rate=20)} -vf select='not(mod(n,3))+lt(n,8)' -vsync vfr "
      f"{x264} -pix_fmt yuv420p")
# This metadata turns against the clock in ffmpeg 5.1; the check below is its player's view.
for degrees, turn in [(90, "transpose=cclock"), (180, "hflip,vflip"), (270, "transpose=clock")]:
    ffmpeg(f"{source(seconds=1)} {x264} -pix_fmt yuv420p", "plain.mp4")
    video(f"turned-{degrees}.mp4",
          f"-i {here}/plain.mp4 -c copy -metadata:s:v rotate={degrees}", turn)
(here / "plain.mp4").unlink()
video("ten-bit.mp4", f"{source(seconds=1)} -c:v libx265 -pix_fmt yuv420p10le -crf 30 "
      "-x265-params log-level=none:pools=none:frame-threads=1:info=0 -tag:v hvc1")
video("odd-size.webm", f"{source(size='97x65', seconds=1)} -c:v libvpx-vp9 -b:v 60k -pix_fmt yuv420p")
video("mpeg4.avi", f"{source()} -c:v mpeg4 -bf 2 -q:v 8")
video("h264.mkv", f"{source()} {x264} -pix_fmt yuv420p")
video("late-start.ts", f"{source(seconds=1)} {sound} -output_ts_offset 5 {x264} -bf 2 "
      "-pix_fmt yuv420p -c:a mp2 -b:a 32k")
video("bt709-full.mp4", f"{source(seconds=1)} -vf scale=out_color_matrix=bt709:out_range=full "
      f"{x264} -pix_fmt yuv420p -colorspace bt709 -color_range pc")
video("bt709.mp4", f"{source(seconds=1)} -vf scale=out_color_matrix=bt709 {x264} "
      "-pix_fmt yuv420p -colorspace bt709 -color_range tv")
video("no-timestamps.h264", f"{source(seconds=1)} {x264} -bf 2 -pix_fmt yuv420p")
video("animated.gif", f"{source(seconds=1)}")

ffmpeg(f"{sound} -c:a aac -b:a 16k", "sound.m4a")
ffmpeg(f"{sound} -c:a libmp3lame -b:a 16k", "sound.mp3")
ffmpeg(f"{source(seconds=1)} -frames:v 1", "cover.png")
ffmpeg(f"-i {here}/sound.m4a -i {here}/cover.png -map 0 -map 1 -c copy -disposition:v "
       "attached_pic", "sound-with-cover.m4a")
(here / "cover.png").unlink()

# Two sizes in one raw stream: what a camera that changes its profile records.
parts = []
for size in ["96x64", "64x48"]:
    ffmpeg(f"{source(size=size, seconds=1)} {x264} -pix_fmt yuv420p", "part.h264")
    parts.append((here / "part.h264").read_bytes())
(here / "part.h264").unlink()
(here / "two-sizes.h264").write_bytes(b"".join(parts))

record = {"ffmpeg": subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True)
          .stdout.split()[2], "files": {}}
for name, turn in made.items():
    path = str(here / name)
    probe = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_frames", "-show_format",
         "-show_streams", "-of", "json", path], capture_output=True, check=True).stdout)
    start = float(probe["format"].get("start_time", 0))
    times = [float(f["best_effort_timestamp_time"]) - start
             if "best_effort_timestamp_time" in f else None for f in probe["frames"]]
    stream = probe["streams"][0]
    width, height = stream["width"], stream["height"]
    if "transpose" in turn:
        width, height = height, width
    filters = scale + ("," + turn if turn else "")
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-noautorotate", "-i", path, "-map", "0:v", "-vf", filters,
         "-vsync", "passthrough", "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
    frames = np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
    assert len(frames) == len(times), (name, len(frames), len(times))

    if turn:
        shown = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", path, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
            capture_output=True, check=True).stdout
        shown = np.frombuffer(shown, np.uint8).reshape(frames.shape)
        assert np.abs(shown.astype(int) - frames).mean() < 12, f"{name} is turned otherwise"

    def grid(frame):
        rows = np.linspace(0, height, 9).astype(int)
        columns = np.linspace(0, width, 9).astype(int)
        return [[round(float(v), 2) for v in
                 frame[rows[y]:rows[y + 1], columns[x]:columns[x + 1]].mean((0, 1))]
                for y in range(8) for x in range(8)]

    record["files"][name] = {
        "width": width, "height": height, "times": [t if t is None else round(t, 6) for t in times],
        "codec": stream["codec_name"], "sha256": hashlib.sha256(raw).hexdigest(),
        "first": grid(frames[0]), "last": grid(frames[-1])}
(here / "fixtures.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")
