"""Varied pictures from a seed: gradients, shapes, gratings, noise."""

import numpy as np
from PIL import Image


def picture(index, width, height, seed=7):
    """One picture of that index, the same at every call, as a Pillow image."""
    r = np.random.default_rng([seed, index])
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    x, y = x / width, y / height
    low, high = r.uniform(0, 255, 3), r.uniform(0, 255, 3)
    angle = r.uniform(0, 2 * np.pi)
    slope = (np.cos(angle) * x + np.sin(angle) * y + 1.5) / 3
    canvas = low + (high - low) * slope[..., None]
    if index % 3 == 0:
        wave = np.sin(2 * np.pi * (r.uniform(2, 12) * x + r.uniform(-8, 8) * y) + r.uniform(0, 6))
        canvas += wave[..., None] * r.uniform(-90, 90, 3)
    for _ in range(int(r.integers(1, 7))):
        cx, cy, rx, ry = r.uniform(0, 1, 2).tolist() + r.uniform(0.05, 0.35, 2).tolist()
        dx, dy = (x - cx) / rx, (y - cy) / ry
        inside = (np.maximum(abs(dx), abs(dy)) if r.random() < 0.5 else dx**2 + dy**2) < 1
        canvas[inside] = r.uniform(0, 255, 3)
    if index % 4 == 1:
        coarse = r.normal(0, 45, (6, 8, 3))
        canvas += np.kron(coarse, np.ones((-(-height // 6), -(-width // 8), 1)))[:height, :width]
    return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8), "RGB")


def formula_picture(width, height):
    """The picture that the Swift tests compute for themselves."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    channels = [(x * x * 3 + y * 7 * x + y * 11 + c * 97 + (x * y) // (5 + c)) % 256 for c in range(3)]
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8), "RGB")
