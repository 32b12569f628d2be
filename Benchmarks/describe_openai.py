"""The simple client that describe is measured against: the openai package, asyncio, a
semaphore. It decodes no video: it sends the pictures that the selections keep, or, where
the folder has bodies of describe_record.py, the same requests as describe.

    describe_openai.py BASE MODEL SELECTIONS|BODIES OUT CONCURRENCY [TIMEOUT_SECONDS]
"""
import asyncio
import base64
import json
import pathlib
import resource
import sys
import time

import openai

base, model, folder, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
concurrency = int(sys.argv[5])
timeout = float(sys.argv[6]) if len(sys.argv) > 6 else 600
instruction = "Describe what happens in this video in one or two plain sentences."


def message(record):
    frames = json.loads(record.read_text())["frames"]
    content = [{"type": "text", "text": f"A video, shown as {len(frames)} stills in time order."}]
    for number, frame in enumerate(frames, 1):
        data = base64.b64encode((record.parent / frame["image"]).read_bytes()).decode()
        content.append({"type": "text", "text": f"Frame {number} of {len(frames)}:"})
        content.append(
            {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}
        )
    content.append({"type": "text", "text": instruction})
    return [{"role": "user", "content": content}]


def request(record):
    if record.name.endswith(".selection.json"):
        return {"messages": message(record), "temperature": 0, "max_tokens": 160, "seed": 0}
    body = json.loads(record.read_text())
    # What the package has no name for goes with it as it is; it reads no stream here.
    more = {name: body.pop(name) for name in ("top_k", "repetition_penalty") if name in body}
    for name in ("model", "stream", "stream_options"):
        body.pop(name, None)
    return {**body, "extra_body": more}


async def main():
    client = openai.AsyncOpenAI(base_url=base, api_key="none", timeout=timeout)
    room = asyncio.Semaphore(concurrency)
    kept, failed = [], []

    async def describe(record):
        async with room:
            try:
                answer = await client.chat.completions.create(model=model, **request(record))
                text = answer.choices[0].message.content
                kept.append({"video": record.name.removesuffix(".selection.json"), "text": text})
            except Exception as error:
                failed.append(f"{record.name}: {type(error).__name__}")

    records = sorted(folder.glob("*/*.selection.json")) or sorted(folder.glob("*.json"))
    started = time.monotonic()
    await asyncio.gather(*(describe(record) for record in records))
    seconds = time.monotonic() - started
    with open(out, "w") as file:
        for line in kept:
            file.write(json.dumps(line) + "\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": round(seconds, 2), "kept": len(kept), "failed": len(failed),
                      "peak_mib": peak, "failures": failed[:5]}))


asyncio.run(main())
