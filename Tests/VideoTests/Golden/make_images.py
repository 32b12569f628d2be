"""Makes the small images under images/ and images.json, what Pillow reads from them:
size, the SHA-256 of `Image.open(f).convert("RGB")` and four sample pixels.
`python3 make_images.py` (Pillow and numpy; versions are written into images.json).
"""
import hashlib
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, features

here = Path(__file__).resolve().parent
folder = here / "images"
folder.mkdir(exist_ok=True)
for old in folder.iterdir():
    old.unlink()

width, height = 45, 31  # Odd: chroma planes end in half blocks.
rng = np.random.default_rng(7)
y, x = np.mgrid[0:height, 0:width]
colour = np.stack([127 + 120 * np.sin(x / 5), 255 * y / height, (x * 7 + y * 13) % 256], -1)
colour = np.clip(colour + rng.normal(0, 8, colour.shape), 0, 255).astype(np.uint8)
rgb = Image.fromarray(colour)
alpha = np.dstack([colour, ((x + y) * 5 % 256).astype(np.uint8)])
rgba = Image.fromarray(alpha)
gray = rgb.convert("L")
refused = []


def save(image, name, **options):
    image.save(folder / name, **options)


save(rgb, "420.jpg", quality=85, subsampling="4:2:0")
save(rgb, "422.jpg", quality=85, subsampling="4:2:2")
save(rgb, "444.jpg", quality=85, subsampling="4:4:4")
save(rgb, "420-progressive.jpg", quality=60, subsampling="4:2:0", progressive=True)
save(rgb, "444-progressive.jpg", quality=95, subsampling="4:4:4", progressive=True)
save(rgb, "low-quality.jpg", quality=5)
save(rgb, "stored-as-rgb.jpg", quality=80, keep_rgb=True)
save(rgb, "restarts.jpg", quality=80, restart_marker_blocks=2)
save(gray, "gray.jpg", quality=80)
save(gray, "gray-progressive.jpg", quality=80, progressive=True)
save(rgb.resize((1, 1)), "one-pixel.jpg")
exif = Image.Exif()
exif[0x0112] = 6
save(rgb, "exif-turned.jpg", exif=exif)
save(rgb.convert("CMYK"), "cmyk.jpg")
refused.append("cmyk.jpg")
save(rgb, "rgb.png")
save(rgba, "rgba.png")
save(gray, "gray.png")
save(rgba.convert("LA"), "gray-alpha.png")
save(rgb.quantize(200), "palette-8.png")
save(rgb.quantize(13), "palette-4.png")
save(rgb.quantize(4), "palette-2.png")
save(rgb.quantize(2), "palette-1.png")
save(rgb.quantize(30), "palette-transparent.png", transparency=3)
save(gray.convert("1"), "bits-1.png")
sixteen = (colour[..., 0].astype(np.uint16) * 3).astype(np.uint16)
save(Image.fromarray(sixteen), "gray-16.png")
save(rgb, "colour.bmp")
save(rgb, "lossless.webp", lossless=True)
save(rgb, "colour.tiff")
save(rgb, "colour.ppm")
save(gray, "gray.pgm")


def png(name, kind, depth, rows, interlaced=False, transparent=b""):
    """Writes what Pillow cannot: 16-bit colour, 2- and 4-bit gray, Adam7."""
    def chunk(tag, data):
        return (struct.pack(">I", len(data)) + tag + data
                + struct.pack(">I", zlib.crc32(tag + data)))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    data = b"".join(b"\0" + row for row in rows)
    (folder / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        + (chunk(b"tRNS", transparent) if transparent else b"")
        + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def packed(values, depth):
    rows = []
    for row in values:
        bits = "".join(format(int(v), f"0{depth}b") for v in row)
        bits += "0" * (-len(bits) % 8)
        rows.append(int(bits, 2).to_bytes(len(bits) // 8, "big"))
    return rows


wide = colour.astype(np.uint16) * 256 + rng.integers(0, 256, colour.shape).astype(np.uint16)
wide_alpha = np.dstack([wide, wide[..., 0]])
png("rgb-16.png", 2, 16, [row.astype(">u2").tobytes() for row in wide])
png("rgba-16.png", 6, 16, [row.astype(">u2").tobytes() for row in wide_alpha])
png("gray-alpha-16.png", 4, 16, [row.astype(">u2").tobytes() for row in wide[..., :2]])
png("gray-2.png", 0, 2, packed(colour[..., 0] // 64, 2))
png("gray-4.png", 0, 4, packed(colour[..., 0] // 16, 4))
png("rgb-transparent.png", 2, 8, [row.tobytes() for row in colour],
    transparent=struct.pack(">HHH", *colour[0, 0]))
png("gray-transparent.png", 0, 8, [row[:, 0].tobytes() for row in colour],
    transparent=struct.pack(">H", colour[0, 0, 0]))
passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2)]
png("interlaced.png", 2, 8,
    [row.tobytes() for left, top, across, down in passes
     for row in colour[top::down, left::across]], interlaced=True)

record = {"pillow": PIL.__version__, "libjpeg_turbo": features.version("libjpeg_turbo"),
          "numpy": np.__version__, "refused": refused, "files": {}}
for path in sorted(folder.iterdir()):
    if path.name in refused:
        continue
    image = Image.open(path).convert("RGB")
    pixels = np.asarray(image)
    spots = [(0, 0), (image.height - 1, image.width - 1), (image.height // 2, image.width // 3),
             (image.height // 4, image.width // 2)]
    luma = np.asarray(image.convert("L"))
    record["files"][path.name] = {
        "width": image.width, "height": image.height,
        "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "luma": hashlib.sha256(luma.tobytes()).hexdigest(),
        "spots": [[int(v) for v in pixels[spot]] for spot in spots]}
(here / "images.json").write_text(json.dumps(record, indent=1) + "\n")
