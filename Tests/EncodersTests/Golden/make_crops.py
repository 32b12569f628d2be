"""VadCLIP's resize and crops of formula pictures, by OpenCV.

pip install opencv-python-headless numpy pillow; run it beside pictures.py.
Writes crops.json: SHA-256 of the 340x256 picture and of each of the ten crops.
"""

import hashlib
import json
import pathlib

import cv2
import numpy as np

from pictures import formula_picture

SIZES = [(320, 240), (640, 480), (97, 61), (680, 512), (340, 256), (853, 480), (341, 255), (1, 1), (3, 2)]


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def crops(frame):
    five = [
        frame[16:240, 58:282], frame[:224, :224], frame[:224, -224:],
        frame[-224:, :224], frame[-224:, -224:],
    ]
    return five + [crop[:, ::-1] for crop in five]


pictures = []
for width, height in SIZES:
    resized = cv2.resize(np.asarray(formula_picture(width, height)), (340, 256))
    pictures.append({
        "width": width, "height": height, "resized": sha(resized),
        "crops": [sha(crop) for crop in crops(resized)],
    })
here = pathlib.Path(__file__).parent
here.joinpath("crops.json").write_text(json.dumps(
    {"opencv": cv2.__version__, "numpy": np.__version__, "pictures": pictures}, indent=1) + "\n")
