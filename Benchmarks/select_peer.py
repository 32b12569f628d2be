"""Key frames as a script of a few lines does it: one frame a second by PyAV, CLIP by
transformers in f32, the k frames most similar to a query, saved as JPEG.

  python select_peer.py VIDEO CLIP_FOLDER K OUT QUERY...

Prints one line of JSON: seconds of each part, images, the chosen times.
"""

import json
import os
import pathlib
import sys
import time

START = time.time()
os.environ["HF_HUB_OFFLINE"] = "1"

import av
import torch
from transformers import AutoTokenizer, CLIPModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

BATCH = 32


def frames(path):
    """The first frame at or after each second."""
    with av.open(path) as file:
        stream = file.streams.video[0]
        stream.thread_type = "AUTO"
        wanted = 0.0
        for frame in file.decode(stream):
            if frame.time >= wanted:
                wanted += 1.0
                yield frame.time, frame.to_image()


def rows(output):
    """Embeddings, however the library wraps them."""
    return getattr(output, "pooler_output", output)


@torch.inference_mode()
def main(video, folder, count, out, queries):
    model = CLIPModel.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = CLIPImageProcessorPil.from_pretrained(folder)
    texts = rows(model.get_text_features(**tokenizer(queries, padding=True, return_tensors="pt")))
    texts = torch.nn.functional.normalize(texts, dim=-1)
    loaded = time.time()
    times, images, scores, batch = [], [], [], []

    def flush():
        if not batch:
            return
        pixels = processor(images=batch, return_tensors="pt")["pixel_values"]
        features = torch.nn.functional.normalize(rows(model.get_image_features(pixel_values=pixels)), dim=-1)
        scores.extend((features @ texts.T).max(dim=1).values.tolist())
        batch.clear()

    for second, image in frames(video):
        times.append(second)
        images.append(image)
        batch.append(image)
        if len(batch) == BATCH:
            flush()
    flush()
    best = sorted(sorted(range(len(scores)), key=lambda i: -scores[i])[:count])
    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for place, index in enumerate(best):
        images[index].save(folder / f"{place}.jpg")
    end = time.time()
    print(json.dumps(dict(
        load_seconds=round(loaded - START, 2), work_seconds=round(end - loaded, 2),
        images=len(times), times=[round(times[i], 3) for i in best], threads=torch.get_num_threads())))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:])
