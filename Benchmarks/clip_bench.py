"""CLIP ViT-B/16 images a second beside PyTorch and onnxruntime, and what each loses.

  python clip_bench.py BENCH FOLDER ROUNDS ROWS

BENCH is our bench binary; FOLDER holds weights/ and keeps pictures and the quantised
model. Every round measures every side once, one after the other, so that a change of
the machine's pace meets all of them; the median of the rounds counts. THREADS of every
side are all cores unless it says otherwise; one is steadier where others use the
machine. The peers get their pictures as a finished tensor; ours decodes nothing either,
but resizes and normalises within the measured time. The table's rows are appended to ROWS.

The loss is the largest relative error of any of 64 pictures' embeddings about the mean
embedding, against PyTorch in f32 (Tests/Support/CentredEmbeddingCheck.swift).
"""

import copy
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")
GOLDEN = pathlib.Path(__file__).parent.parent / "Tests/EncodersTests/Golden"
sys.path.insert(0, str(GOLDEN))

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from PIL import Image
from transformers import CLIPModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from cpu_features import lacks
from pictures import picture

PICTURES, TIMED, BATCH = 64, 32, 8
OURS = ["f32", "bf16", "f16", "int8"]
ARITHMETIC = {
    "PyTorch f32": "f32", "PyTorch bf16 autocast": "bf16", "PyTorch .to(bfloat16)": "bf16",
    "PyTorch .to(float16)": "f16", "onnxruntime dynamic int8": "int8"}
# ViT-B/16: twelve layers of 12 x 768^2 and two products of 197 x 197 x 768, 197 rows, the patches.
GFLOP_WHOLE, GFLOP_OURS = 35.1, 33.0


def rows(output):
    """Embeddings, however the library wraps them."""
    return getattr(output, "pooler_output", output)


class ImageSide(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixels):
        return rows(self.model.get_image_features(pixel_values=pixels))


def quantised(weights, folder, threads):
    """onnxruntime's dynamic int8 of the matrix products, its fastest and most exact
    setting here: weights by channel, the patch convolution left in f32."""
    stored = folder / "clip-int8.onnx"
    if not stored.exists():
        plain = folder / "clip-f32.onnx"
        model = CLIPModel.from_pretrained(weights, attn_implementation="eager").eval()
        with torch.inference_mode():
            torch.onnx.export(
                ImageSide(model), (torch.zeros(2, 3, 224, 224),), str(plain), dynamo=False, opset_version=17,
                input_names=["pixels"], output_names=["rows"], dynamic_axes={"pixels": {0: "n"}, "rows": {0: "n"}})
        quantize_dynamic(plain, folder / "making.onnx", per_channel=True, weight_type=QuantType.QInt8,
                         op_types_to_quantize=["MatMul"])
        plain.unlink()
        (folder / "making.onnx").rename(stored)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(stored), options, providers=["CPUExecutionProvider"])


def peers(weights, folder, threads):
    """A function from a batch of pixels to embeddings for each peer, by name; without those
    whose arithmetic the processor lacks."""
    model = ImageSide(CLIPModel.from_pretrained(weights, attn_implementation="sdpa").eval())
    bfloat = ImageSide(copy.deepcopy(model.model).to(torch.bfloat16))
    half = ImageSide(copy.deepcopy(model.model).to(torch.float16))
    session = quantised(weights, folder, threads)

    def autocast(pixels):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model(pixels)

    all_of_them = {
        "PyTorch f32": model,
        "PyTorch bf16 autocast": autocast,
        "PyTorch .to(bfloat16)": lambda pixels: bfloat(pixels.bfloat16()),
        "PyTorch .to(float16)": lambda pixels: half(pixels.half()),
        "onnxruntime dynamic int8": lambda pixels: torch.from_numpy(session.run(None, {"pixels": pixels.numpy()})[0]),
    }
    for name in list(all_of_them):
        if sentence := lacks(ARITHMETIC[name]):
            print(f"{name}: {sentence}")
            del all_of_them[name]
    return all_of_them


def rate(function, batches):
    function(batches[0])
    start = time.perf_counter()
    for batch in batches:
        function(batch)
    return len(batches) * BATCH / (time.perf_counter() - start)


def our_rates(bench, weights, pictures, out, threads):
    """Images a second by arithmetic, of those that the processor runs; `out` gets their embeddings."""
    command = [bench, "clip", "--model", weights, "--pictures", pictures, "--images", str(TIMED), "--repeats", "1",
               "--threads", str(threads), "--batch", str(BATCH)]
    if out is not None:
        command += ["--embeddings", out]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(text, end="", flush=True)
    return {kind: float(value) for kind, value in re.findall(r"ours (\w+) .*?: ([\d.]+) images/s", text)}


def loss(found, reference):
    mean = reference.mean(0)
    return float(((found - reference).norm(dim=1) / (reference - mean).norm(dim=1)).max())


def show_shares(medians, bench, threads):
    """How much of what the cores' multiply-adds can do at most each side uses."""
    output = subprocess.run([bench, "peak"], check=True, capture_output=True, text=True).stdout
    peaks = {kind: threads * float(value) for kind, value in re.findall(r"peak (\w+), one core: ([\d.]+)", output)}
    print(f"{output}a picture is {GFLOP_WHOLE} GFLOP, {GFLOP_OURS} where the last layer leaves out rows that nothing reads:")
    for name, value in medians.items():
        kind = ARITHMETIC.get(name, name.removeprefix("ours "))
        if kind in peaks:
            work = GFLOP_OURS if name.startswith("ours") else GFLOP_WHOLE
            print(f"  {name:26} {100 * value * work / peaks[kind]:4.0f}% of the greatest rate in {kind}")


@torch.inference_mode()
def main(bench, folder, rounds, table):
    threads = int(os.environ.get("THREADS") or os.cpu_count())
    torch.set_num_threads(threads)
    weights, shown, out = folder / "weights", folder / "pictures-224", folder / "embeddings"
    shown.mkdir(exist_ok=True)
    out.mkdir(exist_ok=True)
    for index in range(PICTURES):
        picture(index, 224, 224, seed=29).save(shown / f"{index:03d}.png")
    images = [Image.open(shown / f"{index:03d}.png").convert("RGB") for index in range(PICTURES)]
    pixels = CLIPImageProcessorPil.from_pretrained(weights)(images=images, return_tensors="pt")["pixel_values"]
    batches = list(pixels.split(BATCH))
    functions = peers(weights, folder, threads)
    rates = {}
    for turn in range(rounds):
        for kind, value in our_rates(bench, weights, shown, out if turn == 0 else None, threads).items():
            rates.setdefault(f"ours {kind}", []).append(value)
        for name, function in functions.items():
            rates.setdefault(name, []).append(rate(function, batches[:TIMED // BATCH]))
            print(f"{name}: {rates[name][-1]:.2f} images/s", flush=True)
    reference = torch.cat([functions["PyTorch f32"](batch) for batch in batches]).double()
    embeddings = {name: torch.cat([f(batch) for batch in batches]) for name, f in functions.items()}
    embeddings |= {f"ours {kind}": torch.from_numpy(np.load(out / f"{kind}.npy")) for kind in OURS
                   if f"ours {kind}" in rates}
    medians = {name: statistics.median(values) for name, values in rates.items()}
    print(f"\nCLIP ViT-B/16, {TIMED} pictures by {BATCH}, {threads} threads, median of {rounds} rounds; torch "
          f"{torch.__version__}, onnxruntime {onnxruntime.__version__}:")
    for name, value in medians.items():
        print(f"  {name:26} {value:7.2f} images/s  largest centred error {loss(embeddings[name].double(), reference):.5f}")
    bfloat = max("PyTorch bf16 autocast", "PyTorch .to(bfloat16)", key=lambda name: medians.get(name, 0))
    show_shares(medians, bench, threads)
    pairs = [("f32", "PyTorch f32", ">= 1.7x"), ("bf16", bfloat, ">= 1.3x"),
             ("f16", bfloat, ">= 1.3x"), ("f16", "PyTorch .to(float16)", "-"),
             ("int8", "onnxruntime dynamic int8", ">= 2x")]
    with open(table, "a") as file:
        for kind, peer, target in pairs:
            ours = medians.get(f"ours {kind}")
            if ours is None or peer not in medians:
                print(f"{kind} beside {peer}: this processor has no instructions for one of them; the row is left out")
                continue
            file.write(f"CLIP ViT-B/16, {kind}, beside {peer}\t{ours:.2f}/s\t{medians[peer]:.2f}/s\t"
                       f"{ours / medians[peer]:.2f}x\t{target}\n")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), int(sys.argv[3]), sys.argv[4])
